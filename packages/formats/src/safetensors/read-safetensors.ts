import { headerBeyond, readHeader, readHeaderLength } from "./header.ts";
import { DTYPE_ARRAYS, type SafetensorsDtype, type SafetensorsTensor } from "./tensor.ts";

/** What a safetensors file holds: named tensors in file order, and free text about them. */
export interface ReadSafetensors {
  readonly tensors: ReadonlyMap<string, SafetensorsTensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Reads a safetensors file: an eight-byte header length, a JSON header, and the elements.
 *
 * Every size is checked against the bytes at hand before anything is reserved. Tensors are views of
 * `bytes` where the alignment allows it and copies where it does not, so treat both as read-only.
 * Gaps between tensors are accepted, overlaps are not.
 *
 * @param bytes the whole file
 * @throws {FormatError} when the file is truncated, its header is over 100 MB, is not JSON or
 *   contradicts itself, a dtype is unknown, or a tensor lies outside the file or over another
 */
export function readSafetensors(bytes: Uint8Array): ReadSafetensors {
  const headerLength = readHeaderLength(bytes);
  const dataStart = 8 + headerLength;
  if (dataStart > bytes.length) throw headerBeyond(headerLength, bytes.length);
  const { metadata, spans } = readHeader(bytes.subarray(8, dataStart), bytes.length - dataStart);
  const tensors = new Map<string, SafetensorsTensor>();
  for (const { name, dtype, shape, begin, end } of spans) {
    const data = viewData(bytes, dtype, dataStart + begin, end - begin);
    tensors.set(name, { dtype, shape, data });
  }
  return { tensors, metadata };
}

function viewData(
  bytes: Uint8Array,
  dtype: SafetensorsDtype,
  start: number,
  byteLength: number,
): SafetensorsTensor["data"] {
  const DataArray = DTYPE_ARRAYS[dtype];
  const size = DataArray.BYTES_PER_ELEMENT;
  const offset = bytes.byteOffset + start;
  if (offset % size === 0) return new DataArray(bytes.buffer, offset, byteLength / size);
  // Not bytes.slice(): where the bytes are Node's Buffer that is a view, misaligned as before.
  const copy = new Uint8Array(bytes.subarray(start, start + byteLength));
  return new DataArray(copy.buffer, 0, byteLength / size);
}
