import type { Image } from "@headform/mesh";
import { checkPicture } from "./picture.ts";

/**
 * Lays a picture with alpha over another of the same size: out = under + opacity·α·(over − under).
 *
 * Mixed in sRGB numbers, as image editors do.
 *
 * @param under gray, RGB or RGBA; its own alpha is dropped.
 * @param over RGBA with straight alpha, or an opaque picture.
 * @param opacity 0…1, multiplies the alpha.
 * @returns RGB.
 * @throws RangeError when the sizes differ, a length does not fit, or the opacity is out of range.
 */
export function overlay(under: Image, over: Image, opacity = 1): Image {
  checkPicture("overlay", under);
  checkPicture("overlay", over);
  const { width, height } = under;
  if (over.width !== width || over.height !== height) {
    throw new RangeError(
      `overlay: expected pictures of one size, got ${width}×${height} and ${over.width}×${over.height}`,
    );
  }
  if (!(opacity >= 0 && opacity <= 1)) {
    throw new RangeError(`overlay: expected an opacity in 0…1, got ${opacity}`);
  }
  const data = new Uint8Array(width * height * 3);
  for (let i = 0; i < width * height; i++) {
    const alpha = over.channels === 4 ? (opacity * over.data[4 * i + 3]) / 255 : opacity;
    for (let c = 0; c < 3; c++) {
      const below = under.data[i * under.channels + (under.channels === 1 ? 0 : c)];
      const above = over.data[i * over.channels + (over.channels === 1 ? 0 : c)];
      data[3 * i + c] = Math.round(below + alpha * (above - below));
    }
  }
  return { width, height, channels: 3, data };
}
