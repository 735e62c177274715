import { ARRAY_DTYPES, type ArrayData, type ArrayDtype } from "./nd-array.ts";

/** Little-endian bytes as elements: a view where the alignment allows it, a copy where it does not. */
export function viewElements(bytes: Uint8Array, dtype: ArrayDtype): ArrayData {
  const { Data } = ARRAY_DTYPES[dtype];
  const size = Data.BYTES_PER_ELEMENT;
  const length = Math.floor(bytes.length / size);
  if (bytes.byteOffset % size === 0) return new Data(bytes.buffer, bytes.byteOffset, length);
  // Not slice(): of Node's Buffer that is a view, misaligned as before.
  return new Data(new Uint8Array(bytes).buffer, 0, length);
}

/** A copy of elements whose bytes lie most significant first. */
export function swapElements(bytes: Uint8Array, dtype: ArrayDtype): ArrayData {
  const { Data } = ARRAY_DTYPES[dtype];
  const size = Data.BYTES_PER_ELEMENT;
  const copy = new Uint8Array(bytes);
  for (let start = 0; start + size <= copy.length; start += size) {
    copy.subarray(start, start + size).reverse();
  }
  return new Data(copy.buffer, 0, Math.floor(copy.length / size));
}
