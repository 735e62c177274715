import type { Image } from "@headform/mesh";
import { type Crop, cropToPhoto, resampleCrop } from "@headform/raster";
import type { DenseMaps } from "./dense-maps.ts";

/** Options of {@link pointCloud}. */
export interface PointCloudOptions {
  /** Least probability of a visible pixel; default 0.5, and always more than 0. */
  readonly threshold?: number;
}

/** The visible face as colored points; N of them, in reading order of the map. */
export interface PointCloud {
  readonly unit: "m" | "mm";
  /** [N×3] PNCC + offset: the face itself, with identity and expression, facing +Z. */
  readonly positions: Float32Array;
  /** [N×3] the same points on the mean face. */
  readonly pncc: Float32Array;
  /** [N×3] sRGB of the photo there. */
  readonly colors: Uint8Array;
  /** [N×2] where they are seen, photo pixels. */
  readonly pixels: Float64Array;
  /** [N] row-major index of the map's pixel. */
  readonly indices: Uint32Array;
}

/**
 * The 3D points a dense network saw, without the background.
 *
 * @param maps decoded, [H×W]
 * @param image the photo, for the colors
 * @param crop the square of the photo that the maps cover
 * @throws RangeError when the crop is not finite or empty, or the photo's data do not fit its size
 * @see Pix2Face, §3.2 (point clouds from PNCC and offsets)
 */
export function pointCloud(
  maps: DenseMaps,
  image: Image,
  crop: Crop,
  options: PointCloudOptions = {},
): PointCloud {
  const { threshold = 0.5 } = options;
  const { width, height, visible } = maps;
  const size = { width, height };
  const seen = resampleCrop(image, crop, size);
  let count = 0;
  for (let i = 0; i < visible.length; i++) {
    if (visible[i]! >= threshold && visible[i]! > 0) count++;
  }
  const positions = new Float32Array(3 * count);
  const pncc = new Float32Array(3 * count);
  const colors = new Uint8Array(3 * count);
  const pixels = new Float64Array(2 * count);
  const indices = new Uint32Array(count);

  let n = 0;
  for (let i = 0; i < visible.length; i++) {
    if (!(visible[i]! >= threshold && visible[i]! > 0)) continue;
    for (let k = 0; k < 3; k++) {
      pncc[3 * n + k] = maps.pncc[3 * i + k]!;
      positions[3 * n + k] = maps.pncc[3 * i + k]! + maps.offset[3 * i + k]!;
      colors[3 * n + k] = seen.data[i * seen.channels + (seen.channels === 1 ? 0 : k)]!;
    }
    const x = (i % width) + 0.5;
    const y = Math.floor(i / width) + 0.5;
    [pixels[2 * n], pixels[2 * n + 1]] = cropToPhoto(crop, size, x, y);
    indices[n] = i;
    n++;
  }
  return { unit: maps.unit, positions, pncc, colors, pixels, indices };
}
