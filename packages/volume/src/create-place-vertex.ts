import type { SliceWindow } from "./slice-window.ts";

/**
 * Writes the vertex of the edge from sample (x, y, z) along an axis: its position, and its normal
 * where there is room for normals.
 */
export interface PlaceVertex {
  (vertex: number, x: number, y: number, z: number, axis: number): void;
  /** Index in the window of the first sample met that is not finite; −1 where all are. */
  broken(): number;
}

/**
 * Prepares {@link PlaceVertex} for a grid whose slices from z − 1 to z + 2 are at hand.
 *
 * The gradient is the edge's own difference along the axis, which cannot vanish, and central
 * differences of both ends, weighted as the position is, across it.
 */
export function createPlaceVertex(
  { samples: data, mask, dims, spacing, origin }: SliceWindow,
  isovalue: number,
  positions: Float32Array,
  normals: Float32Array,
): PlaceVertex {
  const [width, height, depth] = dims;
  const slice = width * height;
  const [stepX, stepY, stepZ] = spacing;
  const [originX, originY, originZ] = origin;
  const [perX, perY, perZ] = [1 / stepX, 1 / stepY, 1 / stepZ];
  const [halfX, halfY, halfZ] = [0.5 * perX, 0.5 * perY, 0.5 * perZ];
  const withNormals = normals.length > 0;
  let bad = -1;
  const place = (vertex: number, x: number, y: number, z: number, axis: number): void => {
    const slot = (z & mask) * slice;
    const i = slot + y * width + x;
    const up = z + 1 < depth ? ((z + 1) & mask) * slice - slot : 0;
    const j = axis === 0 ? i + 1 : axis === 1 ? i + width : i + up;
    const a = data[i]!;
    const b = data[j]!;
    const t = (isovalue - a) / (b - a);
    if (bad < 0 && !(b - a < Infinity && a - b < Infinity)) {
      const step = axis === 0 ? 1 : axis === 1 ? width : slice;
      bad = (z * height + y) * width + x + (Number.isFinite(a) ? step : 0);
    }
    const out = 3 * vertex;
    positions[out] = originX + stepX * (axis === 0 ? x + t : x);
    positions[out + 1] = originY + stepY * (axis === 1 ? y + t : y);
    positions[out + 2] = originZ + stepZ * (axis === 2 ? z + t : z);
    if (!withNormals) return;
    // Written out three times: as a function of the axis it took twice as long.
    let nx = (b - a) * perX;
    let ny = (b - a) * perY;
    let nz = (b - a) * perZ;
    if (axis !== 0) {
      const before = x > 0 ? 1 : 0;
      const behind = x + 1 < width ? 1 : 0;
      const first = data[i + behind]! - data[i - before]!;
      const second = data[j + behind]! - data[j - before]!;
      nx = (first + t * (second - first)) * (before === behind ? halfX : perX);
    }
    if (axis !== 1) {
      const before = y > 0 ? width : 0;
      const behind = y + 1 < height ? width : 0;
      const first = data[i + behind]! - data[i - before]!;
      const second = data[j + behind]! - data[j - before]!;
      ny = (first + t * (second - first)) * (before === behind ? halfY : perY);
    }
    if (axis !== 2) {
      const down = z > 0 ? ((z - 1) & mask) * slice - slot : 0;
      const first = data[i + up]! - data[i + down]!;
      const second = data[j + up]! - data[j + down]!;
      nz = (first + t * (second - first)) * ((up === 0) === (down === 0) ? halfZ : perZ);
    }
    const scale = -1 / Math.sqrt(nx * nx + ny * ny + nz * nz);
    normals[out] = nx * scale;
    normals[out + 1] = ny * scale;
    normals[out + 2] = nz * scale;
  };
  return Object.assign(place, { broken: () => bad });
}
