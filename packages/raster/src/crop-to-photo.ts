import { type Crop, type CropSize, cropExtent } from "./crop.ts";

/**
 * Maps a point of a resampled crop to the photo:
 * p = center + R(rotation) · ((x, y) − (width, height)/2) · side / max(width, height).
 *
 * @param crop the crop.
 * @param size the size it was resampled to, pixels.
 * @param x position in the crop, pixels (pixel centers at half-integers).
 * @param y position in the crop, pixels.
 * @returns [x, y] in photo pixels.
 * @throws RangeError when the size is not made of positive whole numbers.
 */
export function cropToPhoto(crop: Crop, size: CropSize, x: number, y: number): [number, number] {
  const { width, height } = cropExtent("cropToPhoto", size);
  const pitch = crop.side / Math.max(width, height);
  const dx = (x - width / 2) * pitch;
  const dy = (y - height / 2) * pitch;
  const cos = Math.cos(crop.rotation);
  const sin = Math.sin(crop.rotation);
  return [crop.centerX + cos * dx - sin * dy, crop.centerY + sin * dx + cos * dy];
}
