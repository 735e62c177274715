import type { VoxelGrid } from "./voxel-grid.ts";

/**
 * A function that writes the vertex of the edge from sample (x, y, z) along an axis: its position,
 * and its normal where there is room for normals.
 *
 * The gradient is the edge's own difference along the axis, which cannot vanish, and central
 * differences of both ends, weighted as the position is, across it.
 */
export function createPlaceVertex(
  { data, dims, spacing, origin }: VoxelGrid,
  isovalue: number,
  positions: Float32Array,
  normals: Float32Array,
): (vertex: number, x: number, y: number, z: number, axis: number) => void {
  const [width, height, depth] = dims;
  const slice = width * height;
  const [stepX, stepY, stepZ] = spacing;
  const [originX, originY, originZ] = origin;
  const withNormals = normals.length > 0;
  /** Difference of both ends across the edge, at t between them. */
  const across = (
    i: number,
    j: number,
    t: number,
    at: number,
    size: number,
    stride: number,
    step: number,
  ): number => {
    const before = at > 0 ? stride : 0;
    const behind = at + 1 < size ? stride : 0;
    if (before + behind === 0) return 0;
    const first = data[i + behind]! - data[i - before]!;
    const second = data[j + behind]! - data[j - before]!;
    return (first + t * (second - first)) / (before + behind === stride ? step : 2 * step);
  };
  return (vertex, x, y, z, axis) => {
    const i = z * slice + y * width + x;
    const j = axis === 0 ? i + 1 : axis === 1 ? i + width : i + slice;
    const a = data[i]!;
    const b = data[j]!;
    const t = (isovalue - a) / (b - a);
    if (!(b - a < Infinity && a - b < Infinity)) {
      const bad = Number.isFinite(a) ? j : i;
      throw new RangeError(`isosurface: expected finite data, got ${data[bad]} at index ${bad}`);
    }
    const out = 3 * vertex;
    positions[out] = originX + stepX * (axis === 0 ? x + t : x);
    positions[out + 1] = originY + stepY * (axis === 1 ? y + t : y);
    positions[out + 2] = originZ + stepZ * (axis === 2 ? z + t : z);
    if (!withNormals) return;
    const nx = axis === 0 ? (b - a) / stepX : across(i, j, t, x, width, 1, stepX);
    const ny = axis === 1 ? (b - a) / stepY : across(i, j, t, y, height, width, stepY);
    const nz = axis === 2 ? (b - a) / stepZ : across(i, j, t, z, depth, slice, stepZ);
    const length = -Math.sqrt(nx * nx + ny * ny + nz * nz);
    normals[out] = nx / length;
    normals[out + 1] = ny / length;
    normals[out + 2] = nz / length;
  };
}
