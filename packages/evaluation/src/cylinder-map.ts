import type { Surface } from "./surface.ts";

/** A surface seen from a vertical axis: what each ray outward meets last. */
export interface CylinderMap {
  /** [H×W] distance from the axis; NaN where the ray meets nothing. */
  readonly radii: Float64Array;
  /** [H×W] triangle met; −1 where there is none. */
  readonly triangles: Int32Array;
}

export interface CylinderGrid {
  /** Rows and columns. */
  readonly size: number;
  /** Rows run from +halfHeight down to −halfHeight, in the surface's unit. */
  readonly halfHeight: number;
  /** [3] point of the axis at height 0. */
  readonly center: ArrayLike<number>;
}

/** Angle of a column: the first and the last are the same direction, as in the released code. */
export function columnAngle(column: number, size: number): number {
  return (2 * Math.PI * column) / (size - 1);
}

/** Height of a row above the center. */
export function rowHeight(row: number, { size, halfHeight }: CylinderGrid): number {
  return halfHeight * (1 - (2 * row) / (size - 1));
}

/**
 * Unrolls a surface onto a cylinder around the vertical axis through `center`: row by row, each
 * triangle is cut at the row's height and the cut spans some columns.
 */
export function unrollSurface({ positions, indices }: Surface, grid: CylinderGrid): CylinderMap {
  const { size, halfHeight, center } = grid;
  const radii = new Float64Array(size * size).fill(Number.NaN);
  const triangles = new Int32Array(size * size).fill(-1);
  const corners = new Float64Array(9);
  const cut = new Float64Array(4);
  const step = (2 * halfHeight) / (size - 1);
  for (let t = 0; 3 * t < indices.length; t++) {
    let [low, high] = [Infinity, -Infinity];
    for (let i = 0; i < 9; i++) {
      corners[i] = positions[3 * indices[3 * t + Math.floor(i / 3)] + (i % 3)] - center[i % 3];
      if (i % 3 !== 1) continue;
      low = Math.min(low, corners[i]);
      high = Math.max(high, corners[i]);
    }
    const first = Math.max(0, Math.ceil((halfHeight - high) / step));
    const last = Math.min(size - 1, Math.floor((halfHeight - low) / step));
    for (let row = first; row <= last; row++) {
      if (cutAt(cut, corners, rowHeight(row, grid))) fillRow(radii, triangles, row, size, cut, t);
    }
  }
  return { radii, triangles };
}

/** Writes the ends (x, z, x, z) of a triangle's cut at height y; false where there is none. */
function cutAt(out: Float64Array, corners: Float64Array, y: number): boolean {
  let ends = 0;
  for (let edge = 0; edge < 3; edge++) {
    const a = 3 * edge;
    const b = 3 * ((edge + 1) % 3);
    const [from, to] = [corners[a + 1] - y, corners[b + 1] - y];
    // Half open, so that a corner at this very height belongs to one edge only.
    if (from < 0 === to < 0) continue;
    const share = from / (from - to);
    out[ends++] = corners[a] + share * (corners[b] - corners[a]);
    out[ends++] = corners[a + 2] + share * (corners[b + 2] - corners[a + 2]);
  }
  return ends === 4;
}

/** Enters where the rays of one row meet the segment from (x0, z0) to (x1, z1). */
function fillRow(
  radii: Float64Array,
  triangles: Int32Array,
  row: number,
  size: number,
  [x0, z0, x1, z1]: Float64Array,
  triangle: number,
): void {
  const turn = 2 * Math.PI;
  // Rays point to (−sin θ, −cos θ) in (x, z).
  const start = Math.atan2(-x0, -z0);
  let sweep = Math.atan2(-x1, -z1) - start;
  if (sweep > Math.PI) sweep -= turn;
  if (sweep < -Math.PI) sweep += turn;
  const low = Math.min(start, start + sweep);
  const columns = size - 1;
  const cross = x0 * z1 - x1 * z0;
  const first = Math.ceil((low / turn) * columns);
  const last = Math.floor(((low + Math.abs(sweep)) / turn) * columns);
  for (let column = first; column <= last; column++) {
    const wrapped = ((column % columns) + columns) % columns;
    const angle = columnAngle(wrapped, size);
    const [dx, dz] = [-Math.sin(angle), -Math.cos(angle)];
    const radius = cross / (dx * (z1 - z0) - dz * (x1 - x0));
    if (!(radius > 0 && radius < Infinity)) continue;
    for (const c of wrapped === 0 ? [0, columns] : [wrapped]) {
      const cell = row * size + c;
      if (radii[cell] >= radius) continue;
      radii[cell] = radius;
      triangles[cell] = triangle;
    }
  }
}
