import type { FloatImage, Image } from "@headform/mesh";
import { type Crop, type CropSize, checkCrop, cropExtent } from "./crop.ts";
import { checkPicture } from "./picture.ts";
import { resampleRegion } from "./resample-region.ts";
import { toByte } from "./to-byte.ts";

export interface ResampleOptions {
  /** Color [C] outside of the photo, in the photo's own numbers; absent: the nearest edge pixel. */
  readonly fill?: ArrayLike<number>;
}

/**
 * Cuts a crop out of a photo at the size a network wants, antialiased.
 *
 * Pixel centers lie at half-integers on both sides. The filter is a tent of the output pixel's
 * half-width applied to the bilinearly interpolated photo; with magnification it is bilinear.
 * Constants and linear ramps are reproduced, channels are filtered independently, and only the
 * crop's own region of the photo is read. A turned crop passes through an upright picture of
 * twice the density, and both filters together have the same width.
 *
 * @param image [H×W×C] bytes or floats.
 * @param crop the square to cut; `side` spans the longer edge of the result.
 * @param size of the result, pixels.
 * @returns a picture of the same sample type.
 * @throws RangeError when the crop is not finite or empty, the size is not made of positive whole
 * numbers, the data's length differs from H·W·C, or `fill` does not have C numbers.
 */
export function resampleCrop(
  image: Image,
  crop: Crop,
  size: CropSize,
  options?: ResampleOptions,
): Image;
export function resampleCrop(
  image: FloatImage,
  crop: Crop,
  size: CropSize,
  options?: ResampleOptions,
): FloatImage;
export function resampleCrop(
  image: Image | FloatImage,
  crop: Crop,
  size: CropSize,
  options: ResampleOptions = {},
): Image | FloatImage {
  checkPicture("resampleCrop", image);
  checkCrop("resampleCrop", crop);
  const { width, height } = cropExtent("resampleCrop", size);
  const { fill } = options;
  if (fill && fill.length !== image.channels) {
    throw new RangeError(
      `resampleCrop: expected fill to have ${image.channels} numbers, got ${fill.length}`,
    );
  }

  const pitch = crop.side / Math.max(width, height);
  const spanX = width * pitch;
  const spanY = height * pitch;
  let data: Float32Array;
  if (crop.rotation === 0) {
    const region = {
      x: crop.centerX - spanX / 2,
      y: crop.centerY - spanY / 2,
      width: spanX,
      height: spanY,
    };
    data = resampleRegion(image, region, width, height, fill);
  } else {
    data = resampleTurned(image, crop, width, height, pitch, fill);
  }
  const { channels } = image;
  return image.data instanceof Uint8Array
    ? { width, height, channels: (image as Image).channels, data: toByte(data) }
    : { width, height, channels, data };
}

/** An upright reduction around the turned square, then nine bilinear taps in it per pixel. */
function resampleTurned(
  image: Image | FloatImage,
  crop: Crop,
  width: number,
  height: number,
  pitch: number,
  fill: ArrayLike<number> | undefined,
): Float32Array {
  const { channels } = image;
  const cos = Math.cos(crop.rotation);
  const sin = Math.sin(crop.rotation);

  // 1. The bounding box at twice the density of the result, or on the photo's own grid where that
  //    is coarser. The taps, weighted ¼ ½ ¼ on each axis, are spread so that the variances of the
  //    reduction, of interpolation and of the taps sum to the tent's, pitch²/6.
  const fine = Math.max(1, pitch / 2);
  const reduced = fine > 1 ? fine * fine : 0;
  const spread = Math.sqrt(Math.max(0, (pitch * pitch - fine * fine - reduced) / 3));
  const margin = fine + 1.5 * spread;
  const halfX = ((Math.abs(cos) * width + Math.abs(sin) * height) * pitch) / 2 + margin;
  const halfY = ((Math.abs(sin) * width + Math.abs(cos) * height) * pitch) / 2 + margin;
  const left = Math.floor(crop.centerX - halfX);
  const top = Math.floor(crop.centerY - halfY);
  const columns = Math.ceil((crop.centerX + halfX - left) / fine);
  const rows = Math.ceil((crop.centerY + halfY - top) / fine);
  const region = { x: left, y: top, width: columns * fine, height: rows * fine };
  const upright = resampleRegion(image, region, columns, rows, fill);

  // 2. The taps, along the crop's own axes.
  const out = new Float32Array(width * height * channels);
  const taps = spread > 0 ? [-1, 0, 1] : [0];
  for (const ty of taps) {
    for (const tx of taps) {
      const weight = taps.length === 1 ? 1 : 1 / ((2 + 2 * Math.abs(tx)) * (2 + 2 * Math.abs(ty)));
      for (let y = 0, o = 0; y < height; y++) {
        for (let x = 0; x < width; x++, o += channels) {
          const dx = (x + 0.5 - width / 2) * pitch + tx * spread;
          const dy = (y + 0.5 - height / 2) * pitch + ty * spread;
          const sx = (crop.centerX + cos * dx - sin * dy - left) / fine - 0.5;
          const sy = (crop.centerY + sin * dx + cos * dy - top) / fine - 0.5;
          const x0 = Math.floor(sx);
          const y0 = Math.floor(sy);
          const fx = sx - x0;
          const fy = sy - y0;
          const a = (y0 * columns + x0) * channels;
          const b = a + columns * channels;
          for (let c = 0; c < channels; c++) {
            const upper = upright[a + c] * (1 - fx) + upright[a + channels + c] * fx;
            const lower = upright[b + c] * (1 - fx) + upright[b + channels + c] * fx;
            out[o + c] += weight * (upper * (1 - fy) + lower * fy);
          }
        }
      }
    }
  }
  return out;
}
