import { type Crop, type CropSize, cropExtent } from "./crop.ts";

/**
 * Maps a point of the photo into a resampled crop; the inverse of `cropToPhoto`.
 *
 * @param crop the crop.
 * @param size the size it is resampled to, pixels.
 * @param x position in the photo, pixels (pixel centers at half-integers).
 * @param y position in the photo, pixels.
 * @returns [x, y] in crop pixels.
 * @throws RangeError when the size is not made of positive whole numbers.
 */
export function photoToCrop(crop: Crop, size: CropSize, x: number, y: number): [number, number] {
  const { width, height } = cropExtent("photoToCrop", size);
  const scale = Math.max(width, height) / crop.side;
  const dx = (x - crop.centerX) * scale;
  const dy = (y - crop.centerY) * scale;
  const cos = Math.cos(crop.rotation);
  const sin = Math.sin(crop.rotation);
  return [width / 2 + cos * dx + sin * dy, height / 2 - sin * dx + cos * dy];
}
