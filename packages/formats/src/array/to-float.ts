import { toFloat32 as decodeSingles } from "../safetensors/to-float32.ts";
import type { ArrayData, ArrayDtype, NdArray, Tensor } from "./nd-array.ts";
import { toContiguous } from "./to-contiguous.ts";

/**
 * The elements as single floats in C order: half and bfloat bits are decoded (exactly), doubles and
 * integers are rounded to nearest.
 *
 * @param array numbers of any dtype but complex; those of `float32` are returned as they are where
 *   they lie in order, not copied
 * @throws {TypeError} when the elements are complex
 */
export function toFloat32(array: NdArray | Tensor): Float32Array {
  const data = realElements(array, "toFloat32");
  if (data instanceof Float32Array) return data;
  if (isHalf(array.dtype)) return decodeHalves(array.dtype, data);
  const out = new Float32Array(data.length);
  for (let i = 0; i < data.length; i++) out[i] = Number(data[i]);
  return out;
}

/**
 * The elements as doubles in C order; exact for everything but integers beyond 2⁵³.
 *
 * @param array numbers of any dtype but complex; those of `float64` are returned as they are where
 *   they lie in order, not copied
 * @throws {TypeError} when the elements are complex
 */
export function toFloat64(array: NdArray | Tensor): Float64Array {
  const data = realElements(array, "toFloat64");
  if (data instanceof Float64Array) return data;
  if (isHalf(array.dtype)) return Float64Array.from(decodeHalves(array.dtype, data));
  const out = new Float64Array(data.length);
  for (let i = 0; i < data.length; i++) out[i] = Number(data[i]);
  return out;
}

function realElements(array: NdArray | Tensor, caller: string): ArrayData {
  if (array.dtype === "complex64" || array.dtype === "complex128") {
    throw new TypeError(`${caller}: expected real numbers, got ${array.dtype}`);
  }
  return array.kind === "tensor" ? toContiguous(array) : array.data;
}

function isHalf(dtype: ArrayDtype): dtype is "float16" | "bfloat16" {
  return dtype === "float16" || dtype === "bfloat16";
}

function decodeHalves(dtype: "float16" | "bfloat16", data: ArrayData): Float32Array {
  return decodeSingles({ dtype: dtype === "float16" ? "F16" : "BF16", shape: [data.length], data });
}
