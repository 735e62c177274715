import type { Box } from "@headform/raster";

/**
 * Bounding box of points given with `stride` numbers each, x and y first. Private to the package.
 *
 * @throws RangeError when there are fewer than two points, or not a whole number of them
 */
export function boxOf(points: ArrayLike<number>, stride: number): Box {
  if (points.length < 2 * stride || points.length % stride !== 0) {
    throw new RangeError(`reconstructFace: expected landmarks [L×2], got ${points.length} numbers`);
  }
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let i = 0; i < points.length; i += stride) {
    left = Math.min(left, points[i]);
    right = Math.max(right, points[i]);
    top = Math.min(top, points[i + 1]);
    bottom = Math.max(bottom, points[i + 1]);
  }
  return { x: left, y: top, width: right - left, height: bottom - top };
}
