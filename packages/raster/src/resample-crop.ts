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
 * √2 times the density, so that both filters together have the same width.
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

/** An upright reduction around the turned square, then bilinear taps in it. */
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

  // 1. The bounding box, one sample wider on each side. A density of √2 splits the variance of
  //    the filter evenly between the two steps; never denser than the photo itself, on its grid.
  const fine = Math.max(1, pitch / Math.SQRT2);
  const halfX = ((Math.abs(cos) * width + Math.abs(sin) * height) * pitch) / 2;
  const halfY = ((Math.abs(sin) * width + Math.abs(cos) * height) * pitch) / 2;
  const left = Math.floor(crop.centerX - halfX - fine);
  const top = Math.floor(crop.centerY - halfY - fine);
  const columns = Math.ceil((crop.centerX + halfX + fine - left) / fine);
  const rows = Math.ceil((crop.centerY + halfY + fine - top) / fine);
  const region = { x: left, y: top, width: columns * fine, height: rows * fine };
  const upright = resampleRegion(image, region, columns, rows, fill);

  // 2. One bilinear tap per output pixel.
  const out = new Float32Array(width * height * channels);
  for (let y = 0, o = 0; y < height; y++) {
    for (let x = 0; x < width; x++, o += channels) {
      const dx = (x + 0.5 - width / 2) * pitch;
      const dy = (y + 0.5 - height / 2) * pitch;
      const sx = (crop.centerX + cos * dx - sin * dy - left) / fine - 0.5;
      const sy = (crop.centerY + sin * dx + cos * dy - top) / fine - 0.5;
      const x0 = Math.max(0, Math.min(columns - 2, Math.floor(sx)));
      const y0 = Math.max(0, Math.min(rows - 2, Math.floor(sy)));
      const fx = sx - x0;
      const fy = sy - y0;
      const a = (y0 * columns + x0) * channels;
      const b = a + columns * channels;
      for (let c = 0; c < channels; c++) {
        const upper = upright[a + c]! * (1 - fx) + upright[a + channels + c]! * fx;
        const lower = upright[b + c]! * (1 - fx) + upright[b + channels + c]! * fx;
        out[o + c] = upper * (1 - fy) + lower * fy;
      }
    }
  }
  return out;
}
