import type { Image } from "@headform/mesh";
import { checkPicture } from "./picture.ts";
import { type Color, rgbCopy, stroke } from "./stroke.ts";

export interface DrawOptions {
  /** sRGB bytes. */
  readonly color?: Color;
  /** Half the width of what is drawn, pixels. */
  readonly radius?: number;
  /** 0…1. */
  readonly opacity?: number;
  /** Numbers per point; the first two are x and y in pixels. */
  readonly stride?: 2 | 3;
}

export const DRAW_DEFAULTS: {
  readonly color: Color;
  readonly radius: number;
  readonly opacity: number;
  readonly stride: 2 | 3;
} = { color: [64, 224, 144], radius: 2, opacity: 1, stride: 2 };

/**
 * Draws disks on a copy of a picture; points off the picture or not finite are left out.
 *
 * @param image the picture below.
 * @param points [N×2] pixels, or [N×3] with `stride: 3`.
 * @returns RGB.
 * @throws RangeError when the length of points is no multiple of the stride or a picture's length
 * does not fit.
 */
export function drawPoints(
  image: Image,
  points: Float32Array | Float64Array,
  options: DrawOptions = {},
): Image {
  const { color, radius, opacity, stride } = { ...DRAW_DEFAULTS, ...options };
  checkPicture("drawPoints", image);
  checkPoints("drawPoints", points, stride);
  const canvas = rgbCopy(image);
  for (let i = 0; i < points.length; i += stride) {
    const x = points[i];
    const y = points[i + 1];
    stroke(canvas, x, y, x, y, radius, color, opacity);
  }
  return canvas;
}

/** Refuses a ragged list of points. Private to the package. */
export function checkPoints(verb: string, points: ArrayLike<number>, stride: number): void {
  if (points.length % stride !== 0) {
    throw new RangeError(`${verb}: expected points [N×${stride}], got ${points.length} numbers`);
  }
}
