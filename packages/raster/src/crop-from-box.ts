import type { Box, Crop } from "./crop.ts";

/**
 * The square crop around a detected box: side = scale · (max(w, h) + √(w·h)) / 2.
 *
 * The mean of the longer side and the side of the square of equal area keeps the crop steady when
 * a detector's boxes change their aspect from one face to the next.
 *
 * @param box the detection, photo pixels.
 * @param scale side of the crop relative to the box.
 * @param rotation clockwise turn of the crop, radians.
 * @throws RangeError when the box has no extent, or anything is not finite.
 */
export function cropFromBox(box: Box, scale: number, rotation = 0): Crop {
  const { x, y, width, height } = box;
  if (!(width > 0) || !(height > 0) || !Number.isFinite(x + y + width + height)) {
    throw new RangeError(
      `cropFromBox: expected a finite box with an extent, got x ${x}, y ${y}, width ${width}, height ${height}`,
    );
  }
  if (!(scale > 0) || !Number.isFinite(scale) || !Number.isFinite(rotation)) {
    throw new RangeError(
      `cropFromBox: expected a scale > 0 and a finite rotation, got ${scale} and ${rotation}`,
    );
  }
  return {
    centerX: x + width / 2,
    centerY: y + height / 2,
    side: (scale * (Math.max(width, height) + Math.sqrt(width * height))) / 2,
    rotation,
  };
}
