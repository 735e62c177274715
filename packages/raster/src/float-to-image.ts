import type { FloatImage, Image } from "@headform/mesh";
import { checkPicture } from "./picture.ts";

export interface FloatToImageOptions {
  /** [C] values shown as 0 and as 255; absent: the smallest and largest shown. */
  readonly low?: ArrayLike<number>;
  readonly high?: ArrayLike<number>;
  /** [H×W] pixels with 0 or less are not shown, for example `triangles` plus one, or a mask. */
  readonly mask?: ArrayLike<number>;
  /** sRGB bytes where nothing is shown. */
  readonly background?: readonly [number, number, number];
}

/**
 * Makes numbers visible: 255·(value − low)/(high − low) per channel; a single channel as gray, two
 * as red and green, three as RGB.
 *
 * @param image [H×W×C], C at most 3.
 * @returns RGB.
 * @throws RangeError when C is above 3 or a length does not fit.
 */
export function floatToImage(image: FloatImage, options: FloatToImageOptions = {}): Image {
  checkPicture("floatToImage", image);
  const { width, height, channels, data } = image;
  const { mask, background = [0, 0, 0] } = options;
  const pixels = width * height;
  if (channels < 1 || channels > 3) {
    throw new RangeError(`floatToImage: expected 1 to 3 channels, got ${channels}`);
  }
  if (mask && mask.length !== pixels) {
    throw new RangeError(`floatToImage: expected mask [${pixels}], got ${mask.length} numbers`);
  }
  for (const range of [options.low, options.high]) {
    if (range && range.length !== channels) {
      throw new RangeError(
        `floatToImage: expected low and high [${channels}], got ${range.length} numbers`,
      );
    }
  }

  const smallest = new Array<number>(channels).fill(Infinity);
  const largest = new Array<number>(channels).fill(-Infinity);
  for (let i = 0; i < pixels; i++) {
    if (mask && !(mask[i] > 0)) continue;
    for (let c = 0; c < channels; c++) {
      const value = data[i * channels + c];
      if (value < smallest[c]) smallest[c] = value;
      if (value > largest[c]) largest[c] = value;
    }
  }
  const low = options.low ?? smallest;
  const high = options.high ?? largest;

  const out = new Uint8ClampedArray(pixels * 3);
  for (let i = 0; i < pixels; i++) {
    const shown = !mask || mask[i] > 0;
    for (let k = 0; k < 3; k++) {
      if (!shown) {
        out[3 * i + k] = background[k];
      } else if (channels === 1 || k < channels) {
        const c = channels === 1 ? 0 : k;
        const range = high[c] - low[c];
        out[3 * i + k] = range > 0 ? (255 * (data[i * channels + c] - low[c])) / range : 0;
      }
    }
  }
  return { width, height, channels: 3, data: new Uint8Array(out.buffer) };
}
