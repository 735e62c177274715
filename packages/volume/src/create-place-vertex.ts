import type { VoxelGrid } from "./voxel-grid.ts";

/**
 * Writes the vertex of the edge from sample (x, y, z) along an axis: its position, and its normal
 * where there is room for normals.
 */
export interface PlaceVertex {
  (vertex: number, x: number, y: number, z: number, axis: number): void;
  /** Index of the first sample met that is not finite; −1 where all are. */
  broken(): number;
}

/**
 * Prepares {@link PlaceVertex} for a grid.
 *
 * The gradient is the edge's own difference along the axis, which cannot vanish, and central
 * differences of both ends, weighted as the position is, across it.
 */
export function createPlaceVertex(
  { data, dims, spacing, origin }: VoxelGrid,
  isovalue: number,
  positions: Float32Array,
  normals: Float32Array,
): PlaceVertex {
  const [width, height, depth] = dims;
  const slice = width * height;
  const [stepX, stepY, stepZ] = spacing;
  const [originX, originY, originZ] = origin;
  const [perX, perY, perZ] = [1 / stepX, 1 / stepY, 1 / stepZ];
  const withNormals = normals.length > 0;
  let bad = -1;
  /** Difference of both ends across the edge, at t between them. */
  const across = (
    i: number,
    j: number,
    t: number,
    at: number,
    size: number,
    stride: number,
    perStep: number,
  ): number => {
    const before = at > 0 ? stride : 0;
    const behind = at + 1 < size ? stride : 0;
    const first = data[i + behind]! - data[i - before]!;
    const second = data[j + behind]! - data[j - before]!;
    return (first + t * (second - first)) * (before === behind ? 0.5 * perStep : perStep);
  };
  const place = (vertex: number, x: number, y: number, z: number, axis: number): void => {
    const i = z * slice + y * width + x;
    const j = axis === 0 ? i + 1 : axis === 1 ? i + width : i + slice;
    const a = data[i]!;
    const b = data[j]!;
    const t = (isovalue - a) / (b - a);
    if (bad < 0 && !(b - a < Infinity && a - b < Infinity)) bad = Number.isFinite(a) ? j : i;
    const out = 3 * vertex;
    positions[out] = originX + stepX * (axis === 0 ? x + t : x);
    positions[out + 1] = originY + stepY * (axis === 1 ? y + t : y);
    positions[out + 2] = originZ + stepZ * (axis === 2 ? z + t : z);
    if (!withNormals) return;
    const nx = axis === 0 ? (b - a) * perX : across(i, j, t, x, width, 1, perX);
    const ny = axis === 1 ? (b - a) * perY : across(i, j, t, y, height, width, perY);
    const nz = axis === 2 ? (b - a) * perZ : across(i, j, t, z, depth, slice, perZ);
    const scale = -1 / Math.sqrt(nx * nx + ny * ny + nz * nz);
    normals[out] = nx * scale;
    normals[out + 1] = ny * scale;
    normals[out + 2] = nz * scale;
  };
  return Object.assign(place, { broken: () => bad });
}
