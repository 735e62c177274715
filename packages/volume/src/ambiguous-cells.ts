import { FACE_CORNERS, middleOf } from "./cell-edges.ts";
import { CELL_TABLE, type RowShape } from "./cell-table.ts";
import { createPlaceVertex } from "./create-place-vertex.ts";
import type { SurfaceArrays, SurfaceSize, VisitCell } from "./slab-kernel.ts";
import type { SliceWindow } from "./slice-window.ts";
import { triangulateLoop } from "./triangulate-loop.ts";
import { RING, triangulateTunnel } from "./triangulate-tunnel.ts";

/** The surface in cells whose pattern leaves a choice: first all are counted, then all filled in. */
export interface AmbiguousCells {
  readonly count: VisitCell;
  /** Their own vertices, and the indices, once all are counted. */
  counted(): SurfaceSize;
  /** What writes them behind those that are there already. */
  fillInto(out: SurfaceArrays, begin: SurfaceSize): VisitCell;
}

/**
 * Prepares {@link AmbiguousCells}. A face with two diagonal corners inside is decided by its saddle, a
 * tunnel by the lines along which the trilinear interpolation has the isovalue.
 *
 * @param window with the cell's slices at hand, when filling those beside them too
 * @see Nielson and Hamann, The asymptotic decider, 1991; Grosso, Construction of topologically correct
 *   and manifold isosurfaces, 2016
 */
export function createAmbiguousCells(window: SliceWindow, isovalue: number): AmbiguousCells {
  const { samples, mask, dims, spacing, origin } = window;
  const [width, height] = dims;
  const slice = width * height;
  const values = new Float64Array(8);
  const roots = new Float64Array(6);
  const tunnels = new Map<number, readonly number[]>();
  const point = new Float32Array(3);
  const normal = new Float32Array(3);
  const place = createPlaceVertex(window, isovalue, point, normal);
  let out: SurfaceArrays | undefined;
  let vertex = 0;
  let used = 0;

  const putVertex = (
    { positions, normals }: SurfaceArrays,
    vertex: number,
    at: readonly number[],
    direction: readonly number[],
  ): void => {
    positions.set(at, 3 * vertex);
    if (normals.length > 0) normals.set(unit(direction), 3 * vertex);
  };
  const putTriangles = (
    { indices }: SurfaceArrays,
    triangles: ArrayLike<number>,
    edges: Int32Array,
    inner: readonly number[],
  ): void => {
    for (let i = 0; i < triangles.length; i++) {
      const code = triangles[i]!;
      indices[used + i] = code < 12 ? edges[code]! : inner[code - 12]!;
    }
  };

  const add: VisitCell = (cell, edges) => {
    // 1. The corners' values, the pattern, what its faces decide.
    const x = cell % width;
    const z = Math.floor(cell / slice);
    const y = (cell - x - z * slice) / width;
    let inside = 0;
    for (let c = 0; c < 8; c++) {
      const row = ((z + (c >> 2)) & mask) * slice + (y + ((c >> 1) & 1)) * width;
      values[c] = samples[row + x + (c & 1)]! - isovalue;
      if (values[c]! > 0) inside |= 1 << c;
    }
    const row = CELL_TABLE.firstRow[inside]! + decideFaces(values, inside);
    const shape = CELL_TABLE.shapes[row]!;
    // 2. A tunnel.
    const ring = findTunnel(roots, values, shape);
    if (ring) {
      const key = 8 * (2 * row + ring.side) + ring.diagonal;
      const triangles = tunnels.get(key) ?? triangulateRow(shape, ring);
      tunnels.set(key, triangles);
      const inner: number[] = [];
      for (let c = 0; c < 8; c++) {
        if (c === ring.diagonal || c === 7 - ring.diagonal) continue;
        inner[RING - 12 + c] = vertex;
        if (out) {
          const [u, v, w] = [0, 1, 2].map((axis) => roots[2 * axis + ((c >> axis) & 1)]!) as [
            number,
            number,
            number,
          ];
          putVertex(
            out,
            vertex,
            [
              origin[0] + spacing[0] * (x + u),
              origin[1] + spacing[1] * (y + v),
              origin[2] + spacing[2] * (z + w),
            ],
            gradientAt(values, u, v, w, spacing),
          );
        }
        vertex++;
      }
      if (out) putTriangles(out, triangles, edges, inner);
      used += triangles.length;
      return;
    }
    // 3. Discs, some with a vertex in their middle.
    const { starts, codes } = CELL_TABLE;
    const triangles = codes.subarray(starts[row], starts[row + 1]);
    if (out) {
      for (const [i, loop] of shape.middles.entries()) {
        const sum = [0, 0, 0];
        const direction = [0, 0, 0];
        for (const edge of loop) {
          const axis = edge >> 2;
          const [p, q] = axis === 0 ? [1, 2] : axis === 1 ? [0, 2] : [0, 1];
          const low = [x, y, z];
          low[p!]! += edge & 1;
          low[q!]! += (edge >> 1) & 1;
          place(0, low[0]!, low[1]!, low[2]!, axis);
          for (let k = 0; k < 3; k++) {
            sum[k]! += point[k]! / loop.length;
            direction[k]! += normal[k]!;
          }
        }
        putVertex(out, vertex + i, sum, direction);
      }
      putTriangles(
        out,
        triangles,
        edges,
        shape.middles.map((_, i) => vertex + i),
      );
    }
    vertex += shape.middles.length;
    used += triangles.length;
  };
  return {
    count: add,
    counted: () => ({ vertices: vertex, indices: used }),
    fillInto: (arrays, begin) => {
      out = arrays;
      vertex = begin.vertices;
      used = begin.indices;
      return add;
    },
  };
}

/** Which of a cell's faces with a choice join their inside corners, as the table numbers rows. */
function decideFaces(values: Float64Array, inside: number): number {
  const choices = CELL_TABLE.choices[inside]!;
  let row = 0;
  let bit = 1;
  for (let face = 0; face < 6; face++) {
    if (((choices >> face) & 1) === 0) continue;
    const [a, b, c, d] = FACE_CORNERS[face] as [number, number, number, number];
    // The saddle (ac − bd) / (a + c − b − d) is inside; the denominator has the sign of a.
    const difference = values[a]! * values[c]! - values[b]! * values[d]!;
    if (((inside >> a) & 1) === 1 ? difference > 0 : difference < 0) row |= bit;
    bit <<= 1;
  }
  return row;
}

/** A tunnel of a row: whether the cell's middle is inside, and which diagonal its ring leaves out. */
interface Ring {
  readonly side: 0 | 1;
  readonly diagonal: number;
}

/**
 * The tunnel of a cell, if it has one. The interpolation restricted to a plane across an axis is
 * α·(u − u₀)·(v − v₀) where its saddle has the isovalue: at two heights, the roots of a quadratic. A
 * tunnel needs both heights of all three axes within the cell; it then runs through their middle.
 */
function findTunnel(
  roots: Float64Array,
  values: Float64Array,
  { tunnels }: RowShape,
): Ring | undefined {
  if (!tunnels[0] && !tunnels[1]) return undefined;
  for (let axis = 0; axis < 3; axis++) {
    const u = 1 << ((axis + 1) % 3);
    const v = 1 << ((axis + 2) % 3);
    const up = 1 << axis;
    const [a, b, c, d] = [values[0]!, values[u]!, values[v]!, values[u | v]!];
    const da = values[up]! - a;
    const db = values[up | u]! - b;
    const dc = values[up | v]! - c;
    const dd = values[up | u | v]! - d;
    const square = da * dd - db * dc;
    const linear = a * dd + d * da - b * dc - c * db;
    const discriminant = linear * linear - 4 * square * (a * d - b * c);
    if (!(discriminant > 0) || square === 0) return undefined;
    const middle = -linear / (2 * square);
    const half = Math.abs(Math.sqrt(discriminant) / (2 * square));
    if (!(middle - half > 0 && middle + half < 1)) return undefined;
    roots[2 * axis] = middle - half;
    roots[2 * axis + 1] = middle + half;
  }
  const [u, v, w] = [0, 1, 2].map((axis) => (roots[2 * axis]! + roots[2 * axis + 1]!) / 2);
  const side = valueAt(values, u!, v!, w!) > 0 ? 1 : 0;
  if (!tunnels[side]) return undefined;
  // Two corners of the box have another value than the isovalue: the ends of a diagonal.
  let diagonal = 0;
  let most = -1;
  for (const corner of [0, 1, 2, 4]) {
    const value = Math.abs(
      valueAt(
        values,
        roots[corner & 1]!,
        roots[2 + ((corner >> 1) & 1)]!,
        roots[4 + (corner >> 2)]!,
      ),
    );
    if (value > most) {
      most = value;
      diagonal = corner;
    }
  }
  return { side, diagonal };
}

/** Triangles of a row with a tunnel between two of its loops. */
function triangulateRow({ loops, tunnels }: RowShape, { side, diagonal }: Ring): readonly number[] {
  const ends = tunnels[side]!;
  // A loop beside a tunnel goes around one corner: it needs no vertex in its middle.
  const discs = loops.filter((loop) => !ends.includes(loop));
  const placeOf = (code: number): readonly number[] =>
    code < 12
      ? middleOf(code)
      : [0, 1, 2].map((axis) => (((code - RING) >> axis) & 1 ? 4 / 3 : 2 / 3));
  return [
    ...discs.flatMap((loop) => triangulateLoop(loop)!),
    ...triangulateTunnel(ends, diagonal, placeOf),
  ];
}

function valueAt(values: Float64Array, u: number, v: number, w: number): number {
  let sum = 0;
  for (let c = 0; c < 8; c++) {
    sum += values[c]! * (c & 1 ? u : 1 - u) * (c & 2 ? v : 1 - v) * (c & 4 ? w : 1 - w);
  }
  return sum;
}

/** [3] where the trilinear interpolation falls steepest. */
function gradientAt(
  values: Float64Array,
  u: number,
  v: number,
  w: number,
  spacing: SliceWindow["spacing"],
): number[] {
  const at = [u, v, w];
  return [0, 1, 2].map((axis) => {
    const [low, high] = [at.slice(), at.slice()];
    low[axis] = 0;
    high[axis] = 1;
    const [lu, lv, lw] = low as [number, number, number];
    const [hu, hv, hw] = high as [number, number, number];
    return (valueAt(values, lu, lv, lw) - valueAt(values, hu, hv, hw)) / spacing[axis]!;
  });
}

/** Vectors that cancel out leave the direction open: any one is as good. */
function unit(vector: readonly number[]): number[] {
  const length = Math.hypot(...vector);
  return length > 1e-12 ? vector.map((value) => value / length) : [0, 0, 1];
}
