import { FACE_CORNERS, middleOf } from "./cell-edges.ts";
import { CELL_TABLE, type RowShape } from "./cell-table.ts";
import { createPlaceVertex } from "./create-place-vertex.ts";
import { RECORD } from "./slab-kernel.ts";
import { triangulateLoop } from "./triangulate-loop.ts";
import { RING, triangulateTunnel } from "./triangulate-tunnel.ts";
import type { VoxelGrid } from "./voxel-grid.ts";

/** Vertices inside of cells, and triangles. */
export interface CellSurface {
  readonly positions: number[];
  readonly normals: number[];
  /** Vertices of edges by number; those inside of cells as −1, −2, …, in order. */
  readonly indices: number[];
}

/**
 * A function that adds the surface in cells whose pattern leaves a choice. A face with two diagonal
 * corners inside is decided by its saddle, a tunnel by the lines along which the trilinear
 * interpolation has the isovalue.
 *
 * @see Nielson and Hamann, The asymptotic decider, 1991; Grosso, Construction of topologically correct
 *   and manifold isosurfaces, 2016
 */
export function createAmbiguousCells(
  grid: VoxelGrid,
  isovalue: number,
  withNormals: boolean,
): (out: CellSurface, records: Int32Array) => void {
  const { data, dims, spacing, origin } = grid;
  const [width, height] = dims;
  const slice = width * height;
  const values = new Float64Array(8);
  const roots = new Float64Array(6);
  const tunnels = new Map<number, readonly number[]>();
  const point = new Float32Array(3);
  const normal = new Float32Array(withNormals ? 3 : 0);
  const place = createPlaceVertex(grid, isovalue, point, normal);

  return ({ positions, normals, indices }, records) => {
    const add = (triangles: ArrayLike<number>, cell: number, inner: readonly number[]): void => {
      for (let i = 0; i < triangles.length; i++) {
        const code = triangles[i]!;
        indices.push(code < 12 ? records[cell + 1 + code]! : inner[code - 12]!);
      }
    };
    for (let cell = 0; cell < records.length; cell += RECORD) {
      // 1. The corners' values, the pattern, what its faces decide.
      const at = records[cell]!;
      const x = at % width;
      const z = Math.floor(at / slice);
      const y = (at - x - z * slice) / width;
      let inside = 0;
      for (let c = 0; c < 8; c++) {
        values[c] = data[at + (c & 1) + ((c >> 1) & 1) * width + (c >> 2) * slice]! - isovalue;
        if (values[c]! > 0) inside |= 1 << c;
      }
      const row = CELL_TABLE.firstRow[inside]! + decideFaces(values, inside);
      const shape = CELL_TABLE.shapes[row]!;
      const first = -1 - positions.length / 3;
      // 2. A tunnel.
      const ring = findTunnel(roots, values, shape);
      if (ring) {
        const key = 8 * (2 * row + ring.side) + ring.diagonal;
        const triangles = tunnels.get(key) ?? triangulateRow(shape, ring);
        tunnels.set(key, triangles);
        const inner: number[] = [];
        for (let c = 0; c < 8; c++) {
          if (c === ring.diagonal || c === 7 - ring.diagonal) continue;
          inner[RING - 12 + c] = -1 - positions.length / 3;
          const [u, v, w] = [0, 1, 2].map((axis) => roots[2 * axis + ((c >> axis) & 1)]!) as [
            number,
            number,
            number,
          ];
          positions.push(
            origin[0] + spacing[0] * (x + u),
            origin[1] + spacing[1] * (y + v),
            origin[2] + spacing[2] * (z + w),
          );
          if (withNormals) normals.push(...unit(gradientAt(values, u, v, w, spacing)));
        }
        add(triangles, cell, inner);
        continue;
      }
      // 3. Discs, some with a vertex in their middle.
      for (const loop of shape.middles) {
        const sum = [0, 0, 0];
        const direction = [0, 0, 0];
        for (const edge of loop) {
          const axis = edge >> 2;
          const [p, q] = axis === 0 ? [1, 2] : axis === 1 ? [0, 2] : [0, 1];
          const low = [x, y, z];
          low[p!]! += edge & 1;
          low[q!]! += (edge >> 1) & 1;
          place(0, low[0]!, low[1]!, low[2]!, axis);
          for (let i = 0; i < 3; i++) {
            sum[i]! += point[i]! / loop.length;
            if (withNormals) direction[i]! += normal[i]!;
          }
        }
        positions.push(...sum);
        if (withNormals) normals.push(...unit(direction));
      }
      const { starts, codes } = CELL_TABLE;
      const inner = shape.middles.map((_, i) => first - i);
      add(codes.subarray(starts[row], starts[row + 1]), cell, inner);
    }
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
  spacing: VoxelGrid["spacing"],
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
