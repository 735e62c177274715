import type { FloatImage, Image } from "@headform/mesh";
import { cropExtent } from "./crop.ts";
import { checkPicture } from "./picture.ts";
import { resampleRegion } from "./resample-region.ts";
import { toByte } from "./to-byte.ts";

/**
 * Resizes a whole picture, antialiased, with the filter of `resampleCrop` on each axis.
 *
 * @param image [H×W×C] bytes or floats.
 * @param width of the result, pixels.
 * @param height of the result, pixels.
 * @returns a picture of the same sample type.
 * @throws RangeError when the size is not made of positive whole numbers or the data's length
 * differs from H·W·C.
 */
export function resizeImage(image: Image, width: number, height: number): Image;
export function resizeImage(image: FloatImage, width: number, height: number): FloatImage;
export function resizeImage(
  image: Image | FloatImage,
  width: number,
  height: number,
): Image | FloatImage {
  checkPicture("resizeImage", image);
  cropExtent("resizeImage", { width, height });
  const whole = { x: 0, y: 0, width: image.width, height: image.height };
  const data = resampleRegion(image, whole, width, height);
  return image.data instanceof Uint8Array
    ? { width, height, channels: (image as Image).channels, data: toByte(data) }
    : { width, height, channels: image.channels, data };
}
