import type { SafetensorsTensor } from "./tensor.ts";

/**
 * The elements of a tensor as single floats: half and bfloat bits are decoded (exactly), doubles and
 * integers are rounded to nearest.
 *
 * @param tensor a tensor of any dtype; one of `F32` is returned as it is, not copied
 */
export function toFloat32(tensor: SafetensorsTensor): Float32Array {
  const { data, dtype } = tensor;
  if (data instanceof Float32Array) return data;
  const out = new Float32Array(data.length);
  if (dtype === "F16") decodeHalves(out, data as Uint16Array);
  else if (dtype === "BF16") decodeBfloats(out, data as Uint16Array);
  else for (let i = 0; i < data.length; i++) out[i] = Number(data[i]);
  return out;
}

/** IEEE 754 half: 1 sign, 5 exponent (bias 15) and 10 fraction bits. */
function decodeHalves(out: Float32Array, halves: Uint16Array): void {
  const bits = new Uint32Array(out.buffer);
  for (let i = 0; i < halves.length; i++) {
    const half = halves[i]!;
    const magnitude = half & 0x7fff;
    if (magnitude < 0x0400) {
      // Zero and subnormals; −0 keeps its sign because the factor is negative.
      out[i] = (half & 0x8000 ? -1 : 1) * magnitude * 2 ** -24;
    } else {
      // Re-bias the exponent by 127 − 15; infinities and NaN need a further 255 − 31 − 112.
      const exponentShift = magnitude < 0x7c00 ? 112 << 23 : 224 << 23;
      bits[i] = ((half & 0x8000) << 16) | ((magnitude << 13) + exponentShift);
    }
  }
}

/** A bfloat is the upper half of a single float. */
function decodeBfloats(out: Float32Array, bfloats: Uint16Array): void {
  const bits = new Uint32Array(out.buffer);
  for (let i = 0; i < bfloats.length; i++) bits[i] = bfloats[i]! << 16;
}
