import type { Image } from "@headform/mesh";
import { checkPoints, DRAW_DEFAULTS, type DrawOptions } from "./draw-points.ts";
import { checkPicture } from "./picture.ts";
import { rgbCopy, stroke } from "./stroke.ts";

export interface DrawPolylineOptions extends DrawOptions {
  /** Whether the last point is joined to the first. */
  readonly closed?: boolean;
}

/**
 * Draws a line through points on a copy of a picture; segments with a point that is not finite are
 * left out.
 *
 * @param image the picture below.
 * @param points [N×2] pixels, or [N×3] with `stride: 3`.
 * @returns RGB.
 * @throws RangeError when the length of points is no multiple of the stride or a picture's length
 * does not fit.
 */
export function drawPolyline(
  image: Image,
  points: Float32Array | Float64Array,
  options: DrawPolylineOptions = {},
): Image {
  const { color, radius, opacity, stride, closed } = {
    ...DRAW_DEFAULTS,
    radius: 1,
    closed: false,
    ...options,
  };
  checkPicture("drawPolyline", image);
  checkPoints("drawPolyline", points, stride);
  const canvas = rgbCopy(image);
  const count = points.length / stride;
  const segments = closed && count > 2 ? count : count - 1;
  for (let i = 0; i < segments; i++) {
    const a = i * stride;
    const b = ((i + 1) % count) * stride;
    stroke(canvas, points[a], points[a + 1], points[b], points[b + 1], radius, color, opacity);
  }
  return canvas;
}
