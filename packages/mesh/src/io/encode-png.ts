import { encode } from "fast-png";
import { checkImage } from "../check-mesh.ts";
import type { Image } from "../image.ts";

/**
 * An image as the bytes of a PNG.
 *
 * @throws {TypeError | RangeError} when the image fails `checkImage`
 */
export function encodePng(image: Image): Uint8Array {
  checkImage(image, "encodePng");
  const { width, height, channels, data } = image;
  return encode({ width, height, channels, data, depth: 8 });
}
