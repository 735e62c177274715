import { cornersOf, edgeBetween, FACE_CORNERS } from "./cell-edges.ts";
import { triangulateLoop } from "./triangulate-loop.ts";

/**
 * How the surface runs through a cell, for every pattern of corners inside.
 *
 * Corner x + 2y + 4z; edge 4·axis + (its place among the four edges along that axis, lower axis
 * first). Derived from the rules below at start, not written down:
 *
 * 1. On each face, the surface's trace leads from every edge that leaves the inside (walking
 *    counter-clockwise, seen from outside of the cell) to an edge that enters it. Where two
 *    diagonal corners are inside, there are two ways to pair them: this is the face's choice.
 * 2. Every crossed edge belongs to two faces and is left in one and entered in the other, so the
 *    traces close to loops.
 * 3. A loop is triangulated with diagonals that lie in no face of the cell. The neighbor could draw
 *    the same diagonal there, and four triangles would meet in it. A loop that cannot be
 *    triangulated so gets a vertex in its middle.
 * 4. Two loops may bound a tunnel instead of two discs: which two those are is kept here, the
 *    triangles are `triangulateTunnel`'s.
 */
export interface CellTable {
  /** [256] row of each pattern of corners (bit per corner) where all faces' choices are 0. */
  readonly firstRow: Uint16Array;
  /** [256] faces with a choice, as bits: face 2·axis + side. */
  readonly choices: Uint8Array;
  /** [256] bit per edge that the surface crosses. */
  readonly crossed: Uint16Array;
  /** [256] 1 where a face has a choice, or a tunnel or a vertex in the middle of a loop is possible. */
  readonly isAmbiguous: Uint8Array;
  /** [rows + 1] where each row's triangles begin in `codes`. */
  readonly starts: Uint32Array;
  /** Three per triangle: an edge, or 12 + i for the middle of loop i of the row's `middles`. */
  readonly codes: Uint8Array;
  /** [rows] what the rows of ambiguous patterns consist of. */
  readonly shapes: readonly RowShape[];
}

/** A row's loops of edges, each counter-clockwise seen from where the volume is outside. */
export interface RowShape {
  readonly loops: readonly Loop[];
  /** Those of them that need a vertex in their middle. */
  readonly middles: readonly Loop[];
  /** [2] the two that a tunnel joins if the cell's middle is outside, or inside. */
  readonly tunnels: readonly [outside: LoopPair | undefined, inside: LoopPair | undefined];
}

export type Loop = readonly number[];
export type LoopPair = readonly [Loop, Loop];

/** Builds the table: hundreds of rows. */
function createCellTable(): CellTable {
  const firstRow = new Uint16Array(256);
  const choices = new Uint8Array(256);
  const crossed = new Uint16Array(256);
  const isAmbiguous = new Uint8Array(256);
  const starts = [0];
  const codes: number[] = [];
  const shapes: RowShape[] = [];
  // The same loops come up again and again.
  const known = new Map<string, Loop | undefined>();
  for (let inside = 0; inside < 256; inside++) {
    const faces = [0, 1, 2, 3, 4, 5].filter((face) => hasChoice(inside, face));
    firstRow[inside] = shapes.length;
    for (const face of faces) choices[inside]! |= 1 << face;
    for (let edge = 0; edge < 12; edge++) {
      const [a, b] = cornersOf(edge);
      if (isInside(inside, a) !== isInside(inside, b)) crossed[inside]! |= 1 << edge;
    }
    for (let row = 0; row < 1 << faces.length; row++) {
      const joined = faces.filter((_, i) => (row >> i) & 1);
      const loops = loopsOf(inside, joined);
      const middles: Loop[] = [];
      for (const loop of loops) {
        const key = loop.join();
        if (!known.has(key)) known.set(key, triangulateLoop(loop));
        codes.push(...(known.get(key) ?? fanOf(loop, middles)));
      }
      const parts = loops.length > 1 ? partsOf(inside, joined) : [];
      const tunnels = [
        tunnelOf(loops, inside, parts, 0),
        tunnelOf(loops, inside, parts, 1),
      ] as const;
      shapes.push({ loops, middles, tunnels });
      starts.push(codes.length);
      if (row > 0 || middles.length > 0 || tunnels.some(Boolean)) isAmbiguous[inside] = 1;
    }
  }
  return {
    firstRow,
    choices,
    crossed,
    isAmbiguous,
    starts: Uint32Array.from(starts),
    codes: Uint8Array.from(codes),
    shapes,
  };
}

/** Triangles around a vertex in the loop's middle; the loop is added to `middles`. */
function fanOf(loop: Loop, middles: Loop[]): readonly number[] {
  const middle = 12 + middles.push(loop) - 1;
  return loop.flatMap((edge, i) => [edge, loop[(i + 1) % loop.length]!, middle]);
}

function isInside(inside: number, corner: number): boolean {
  return ((inside >> corner) & 1) === 1;
}

/** Two diagonal corners inside, the other two outside. */
function hasChoice(inside: number, face: number): boolean {
  const [a, b, c, d] = FACE_CORNERS[face]!.map((corner) => isInside(inside, corner));
  return a === c && b === d && a !== b;
}

/** The closed loops of edges, counter-clockwise seen from where the volume is outside. */
function loopsOf(inside: number, joined: readonly number[]): number[][] {
  const next = new Map<number, number>();
  FACE_CORNERS.forEach((corners, face) => {
    for (let i = 0; i < 4; i++) {
      if (!isInside(inside, corners[i]!) || isInside(inside, corners[(i + 1) % 4]!)) continue;
      // Around the outside corners that follow where the inside is joined, else back around its own.
      const step = joined.includes(face) ? 1 : 3;
      let at = (i + step) % 4;
      while (isInside(inside, corners[at]!) || !isInside(inside, corners[(at + 1) % 4]!)) {
        at = (at + step) % 4;
      }
      next.set(
        edgeBetween(corners[i]!, corners[(i + 1) % 4]!),
        edgeBetween(corners[at]!, corners[(at + 1) % 4]!),
      );
    }
  });
  const loops: number[][] = [];
  while (next.size > 0) {
    const loop: number[] = [];
    let edge: number | undefined = next.keys().next().value;
    while (edge !== undefined && next.has(edge)) {
      loop.push(edge);
      const following: number = next.get(edge)!;
      next.delete(edge);
      edge = following;
    }
    // Left of the trace on the cell is right of the surface that the trace bounds.
    loops.push(loop.reverse());
  }
  return loops;
}

/**
 * The two loops that a tunnel joins if the cell's middle is outside (side 0) or inside (1): both bound
 * the same part of the cell's surface, of the other side. There is at most one such pair, or, with
 * three corners alone, three of which none can have a tunnel.
 */
function tunnelOf(
  loops: readonly Loop[],
  inside: number,
  parts: readonly number[],
  side: 0 | 1,
): LoopPair | undefined {
  const across = loops.map((loop) => {
    const ends = cornersOf(loop[0]!);
    return parts[ends.find((corner) => isInside(inside, corner) === (side === 0))!]!;
  });
  const found: LoopPair[] = [];
  for (let i = 0; i < loops.length; i++) {
    for (let j = i + 1; j < loops.length; j++) {
      if (across[i] === across[j]) found.push([loops[i]!, loops[j]!]);
    }
  }
  return found.length === 1 ? found[0] : undefined;
}

/** [8] which part of the cell's surface, inside or outside, each corner belongs to. */
function partsOf(inside: number, joined: readonly number[]): number[] {
  const parts = [0, 1, 2, 3, 4, 5, 6, 7];
  const join = (a: number, b: number): void => {
    const [from, to] = [parts[a]!, parts[b]!];
    for (let i = 0; i < 8; i++) if (parts[i] === from) parts[i] = to;
  };
  for (let edge = 0; edge < 12; edge++) {
    const [a, b] = cornersOf(edge);
    if (isInside(inside, a) === isInside(inside, b)) join(a, b);
  }
  for (let face = 0; face < 6; face++) {
    if (!hasChoice(inside, face)) continue;
    const [a, b, c, d] = FACE_CORNERS[face] as [number, number, number, number];
    // Either the inside corners are joined across the face or the outside ones.
    if (isInside(inside, a) === joined.includes(face)) join(a, c);
    else join(b, d);
  }
  return parts;
}

/** Built once, in some tens of milliseconds. */
export const CELL_TABLE: CellTable = /* @__PURE__ */ createCellTable();
