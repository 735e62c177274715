import { ARRAY_DTYPES, type ArrayData, type ArrayDtype, countOf } from "./nd-array.ts";

/**
 * Copies a strided window into C order: `out[i, j, …] = source[offset + i·strides[0] + j·strides[1] + …]`.
 *
 * The caller has checked that the window lies inside the source.
 */
export function gather(
  source: ArrayData,
  dtype: ArrayDtype,
  shape: readonly number[],
  strides: readonly number[],
  offset: number,
): ArrayData {
  const { Data, lanes } = ARRAY_DTYPES[dtype];
  const out = new Data(countOf(shape) * lanes);
  // The two numbers of a complex element are one more axis.
  const sizes = lanes === 1 ? shape : [...shape, lanes];
  const steps = lanes === 1 ? strides : [...strides.map((stride) => stride * lanes), 1];
  copyWindow(out as Float64Array, source as Float64Array, sizes, steps, offset * lanes);
  return out;
}

/** The two arrays are of the same type; it is written for one, the engine sees each. */
function copyWindow(
  out: Float64Array,
  source: Float64Array,
  shape: readonly number[],
  strides: readonly number[],
  offset: number,
): void {
  if (out.length === 0) return;
  const last = shape.length - 1;
  if (last < 0) {
    out[0] = source[offset]!;
    return;
  }
  const row = shape[last]!;
  const step = strides[last]!;
  const index = new Array<number>(last).fill(0);
  let from = offset;
  for (let at = 0; at < out.length; at += row) {
    for (let i = 0; i < row; i++) out[at + i] = source[from + i * step]!;
    // Odometer over the axes before the last.
    for (let axis = last - 1; axis >= 0; axis--) {
      from += strides[axis]!;
      index[axis]!++;
      if (index[axis]! < shape[axis]!) break;
      from -= strides[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
}
