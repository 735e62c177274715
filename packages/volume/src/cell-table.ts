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
 */
export interface CellTable {
  /** [256] row of each pattern of corners (bit per corner) where all faces' choices are 0. */
  readonly firstRow: Uint16Array;
  /** [256] faces with a choice, as bits: face 2·axis + side. */
  readonly choices: Uint8Array;
  /** [rows + 1] where each row's triangles begin in `codes`. */
  readonly starts: Uint32Array;
  /** Three per triangle: an edge, or 12 + i for the middle of loop i of the row's `loops`. */
  readonly codes: Uint8Array;
  /** [rows] per row, the loops that need a vertex in their middle. */
  readonly loops: readonly (readonly (readonly number[])[])[];
}

/** [6×4] corners of each face 2·axis + side, counter-clockwise seen from outside of the cell. */
export const FACE_CORNERS: readonly (readonly number[])[] = [0, 1, 2].flatMap((axis) => {
  const u = 1 << ((axis + 1) % 3);
  const v = 1 << ((axis + 2) % 3);
  const high = [0, u, u | v, v].map((corner) => corner | (1 << axis));
  return [[0, v, u | v, u], high];
});

/** Builds the table: about a thousand rows. */
function createCellTable(): CellTable {
  const firstRow = new Uint16Array(256);
  const choices = new Uint8Array(256);
  const starts = [0];
  const codes: number[] = [];
  const loops: number[][][] = [];
  for (let inside = 0; inside < 256; inside++) {
    const faces = [0, 1, 2, 3, 4, 5].filter((face) => hasChoice(inside, face));
    firstRow[inside] = loops.length;
    for (const face of faces) choices[inside]! |= 1 << face;
    for (let row = 0; row < 1 << faces.length; row++) {
      const joined = faces.filter((_, i) => (row >> i) & 1);
      const middles: number[][] = [];
      for (const loop of loopsOf(inside, joined)) {
        const triangles = triangulate(loop);
        if (triangles) {
          codes.push(...triangles);
          continue;
        }
        const middle = 12 + middles.length;
        middles.push(loop);
        loop.forEach((edge, i) => {
          codes.push(edge, loop[(i + 1) % loop.length]!, middle);
        });
      }
      loops.push(middles);
      starts.push(codes.length);
    }
  }
  return {
    firstRow,
    choices,
    starts: Uint32Array.from(starts),
    codes: Uint8Array.from(codes),
    loops,
  };
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

/** Number of the edge between two neighboring corners. */
function edgeBetween(a: number, b: number): number {
  const axis = Math.log2(a ^ b);
  const low = a & b;
  const [p, q] = axis === 0 ? [1, 2] : axis === 1 ? [0, 2] : [0, 1];
  return 4 * axis + ((low >> p!) & 1) + 2 * ((low >> q!) & 1);
}

/** [3] middle of an edge in a cell of side 2. */
function middleOf(edge: number): number[] {
  const axis = edge >> 2;
  const middle = [2 * (edge & 1), edge & 2];
  middle.splice(axis, 0, 1);
  return middle;
}

/**
 * The triangulation of a loop whose diagonals are shortest in sum, of those without a diagonal in a
 * face; nothing where there is none.
 */
function triangulate(loop: readonly number[]): number[] | undefined {
  const diagonal = (i: number, j: number): number => {
    if (j - i === 1 || j - i === loop.length - 1) return 0;
    const [a, b] = [middleOf(loop[i]!), middleOf(loop[j]!)];
    if (a.some((value, axis) => value !== 1 && value === b[axis])) return Infinity;
    return Math.hypot(...a.map((value, axis) => value - b[axis]!));
  };
  const fill = (i: number, j: number): { cost: number; triangles: number[] } => {
    if (j - i < 2) return { cost: 0, triangles: [] };
    let best = { cost: Number.POSITIVE_INFINITY, triangles: [] as number[] };
    for (let k = i + 1; k < j; k++) {
      const own = diagonal(i, k) + diagonal(k, j);
      if (own >= best.cost) continue;
      const [left, right] = [fill(i, k), fill(k, j)];
      const cost = own + left.cost + right.cost;
      if (cost >= best.cost) continue;
      const triangle = [loop[i]!, loop[k]!, loop[j]!];
      best = { cost, triangles: [...left.triangles, ...triangle, ...right.triangles] };
    }
    return best;
  };
  const { cost, triangles } = fill(0, loop.length - 1);
  return cost < Number.POSITIVE_INFINITY ? triangles : undefined;
}

/** Built once, in a few milliseconds. */
export const CELL_TABLE: CellTable = /* @__PURE__ */ createCellTable();
