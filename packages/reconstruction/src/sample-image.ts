import type { Image } from "@headform/mesh";

/** Bilinear sample at (x, y), pixel centers at half-integers, edges repeated; gray becomes RGB. */
export function sampleImage(out: Float32Array, image: Image, x: number, y: number): void {
  const { width, height, channels, data } = image;
  const px = Math.max(0, Math.min(width - 1, x - 0.5));
  const py = Math.max(0, Math.min(height - 1, y - 0.5));
  const x0 = Math.floor(px);
  const y0 = Math.floor(py);
  const fx = px - x0;
  const fy = py - y0;
  const right = x0 < width - 1 ? channels : 0;
  const below = y0 < height - 1 ? channels * width : 0;
  const at = channels * (y0 * width + x0);
  const w00 = (1 - fx) * (1 - fy);
  const w10 = fx * (1 - fy);
  const w01 = (1 - fx) * fy;
  const w11 = fx * fy;
  if (channels === 1) {
    const gray =
      w00 * data[at] +
      w10 * data[at + right] +
      w01 * data[at + below] +
      w11 * data[at + right + below];
    out[0] = gray;
    out[1] = gray;
    out[2] = gray;
    return;
  }
  for (let c = 0; c < 3; c++) {
    out[c] =
      w00 * data[at + c] +
      w10 * data[at + right + c] +
      w01 * data[at + below + c] +
      w11 * data[at + right + below + c];
  }
}
