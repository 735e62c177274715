import type { Image } from "@headform/mesh";
import type { Crop } from "@headform/raster";

/** How VRN's programs make a picture smaller: ImageMagick's -scale, and MATLAB's imresize. */
export type OfficialFilter = "box" | "cubic";

/**
 * Cuts an upright square out of a photo as VRN's programs do: a box as wide as the new pixel, or Keys'
 * cubic (a = −0.5), which is widened when the picture gets smaller. What is outside has one value.
 *
 * @param image [H×W×C]; alpha is left out
 * @param crop not turned
 * @param size side of the result, pixels
 * @param fill value of every channel outside of the photo, 0…255
 * @returns [size×size×3], gray repeated
 */
export function resampleSquare(
  image: Image,
  crop: Crop,
  size: number,
  filter: OfficialFilter,
  fill: number,
): Image {
  const { width, height, channels, data } = image;
  const left = crop.centerX - crop.side / 2;
  const top = crop.centerY - crop.side / 2;
  const columns = kernel(left, crop.side / size, size, filter);
  const rows = kernel(top, crop.side / size, size, filter);
  const out = new Uint8Array(size * size * 3);
  // Rows of the photo that any row of the result wants, made narrow once.
  const narrow = new Map<number, Float32Array>();
  const narrowRow = (y: number): Float32Array => {
    const known = narrow.get(y);
    if (known) return known;
    const row = new Float32Array(3 * size);
    for (let i = 0; i < size; i++) {
      for (const [x, weight] of columns[i]!) {
        const inside = x >= 0 && y >= 0 && x < width && y < height;
        const at = (y * width + x) * channels;
        for (let c = 0; c < 3; c++) {
          const value = inside ? data[at + (channels === 1 ? 0 : c)]! : fill;
          row[3 * i + c]! += weight * value;
        }
      }
    }
    narrow.set(y, row);
    return row;
  };
  const sum = new Float32Array(3 * size);
  for (let j = 0; j < size; j++) {
    sum.fill(0);
    for (const [y, weight] of rows[j]!) {
      const row = narrowRow(y);
      for (let i = 0; i < sum.length; i++) sum[i]! += weight * row[i]!;
    }
    for (let i = 0; i < sum.length; i++) {
      out[3 * size * j + i] = Math.max(0, Math.min(255, Math.round(sum[i]!)));
    }
    // Rows above the next one's are not wanted again.
    const first = rows[Math.min(j + 1, size - 1)]![0]![0];
    for (const y of narrow.keys()) if (y < first) narrow.delete(y);
  }
  return { width: size, height: size, channels: 3, data: out };
}

/** For each of `size` new pixels, `step` old ones wide, the old ones it takes from, with weights of sum 1. */
function kernel(
  start: number,
  step: number,
  size: number,
  filter: OfficialFilter,
): (readonly [number, number])[][] {
  return Array.from({ length: size }, (_, i) => {
    const list: [number, number][] = [];
    if (filter === "box") {
      const [from, to] = [start + i * step, start + (i + 1) * step];
      for (let k = Math.floor(from); k < to; k++) {
        const weight = Math.min(k + 1, to) - Math.max(k, from);
        if (weight > 0) list.push([k, weight]);
      }
    } else {
      const stretch = Math.max(1, step);
      const center = start + (i + 0.5) * step;
      const last = Math.ceil(center + 2 * stretch);
      for (let k = Math.floor(center - 2 * stretch); k < last; k++) {
        const weight = cubic((k + 0.5 - center) / stretch);
        if (weight !== 0) list.push([k, weight]);
      }
    }
    const sum = list.reduce((total, [, weight]) => total + weight, 0);
    return list.map(([k, weight]) => [k, weight / sum] as const);
  });
}

/** Keys' kernel, a = −0.5. */
function cubic(x: number): number {
  const t = Math.abs(x);
  if (t < 1) return (1.5 * t - 2.5) * t * t + 1;
  return t < 2 ? ((-0.5 * t + 2.5) * t - 4) * t + 2 : 0;
}
