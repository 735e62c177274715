import { decodeLatin1 } from "./cursor/decode-text.ts";
import { FormatError } from "./format-error.ts";

/** A file's bytes with its format and byte order; every access through it is checked. */
export interface FileView {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly format: string;
  readonly littleEndian: boolean;
}

/** Element types of numeric arrays, by the names NumPy gives them. */
export const NUMBER_ARRAYS: {
  readonly int8: Int8ArrayConstructor;
  readonly uint8: Uint8ArrayConstructor;
  readonly int16: Int16ArrayConstructor;
  readonly uint16: Uint16ArrayConstructor;
  readonly int32: Int32ArrayConstructor;
  readonly uint32: Uint32ArrayConstructor;
  readonly int64: BigInt64ArrayConstructor;
  readonly uint64: BigUint64ArrayConstructor;
  readonly float32: Float32ArrayConstructor;
  readonly float64: Float64ArrayConstructor;
} = {
  int8: Int8Array,
  uint8: Uint8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int64: BigInt64Array,
  uint64: BigUint64Array,
  float32: Float32Array,
  float64: Float64Array,
};

export type NumberType = keyof typeof NUMBER_ARRAYS;
export type NumberArray = InstanceType<(typeof NUMBER_ARRAYS)[NumberType]>;

export function viewFile(bytes: Uint8Array, format: string, littleEndian = true): FileView {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return { bytes, view, format, littleEndian };
}

/** The error of a file that is not what it claims to be. */
export function broken(file: FileView, message: string, offset: number): FormatError {
  return new FormatError(file.format, `${file.format}: ${message}`, { offset });
}

/** Refuses a span that does not lie inside the file. */
export function checkSpan(file: FileView, at: number, length: number): void {
  if (!(at >= 0 && length >= 0 && at + length <= file.bytes.length)) {
    const message = `${length} bytes at ${at} lie outside the file's ${file.bytes.length}`;
    throw broken(file, message, Math.min(Math.max(at, 0), file.bytes.length));
  }
}

export function readUint8(file: FileView, at: number): number {
  checkSpan(file, at, 1);
  return file.bytes[at];
}

export function readUint16(file: FileView, at: number): number {
  checkSpan(file, at, 2);
  return file.view.getUint16(at, file.littleEndian);
}

export function readUint32(file: FileView, at: number): number {
  checkSpan(file, at, 4);
  return file.view.getUint32(at, file.littleEndian);
}

export function readInt32(file: FileView, at: number): number {
  checkSpan(file, at, 4);
  return file.view.getInt32(at, file.littleEndian);
}

/** A count or address of up to eight bytes; beyond 2⁵³ it loses digits and stays beyond any file. */
export function readUint64(file: FileView, at: number): number {
  checkSpan(file, at, 8);
  const low = file.view.getUint32(file.littleEndian ? at : at + 4, file.littleEndian);
  const high = file.view.getUint32(file.littleEndian ? at + 4 : at, file.littleEndian);
  return high * 2 ** 32 + low;
}

/** One character per byte. */
export function readLatin1(file: FileView, at: number, length: number): string {
  checkSpan(file, at, length);
  return decodeLatin1(file.bytes.subarray(at, at + length));
}

/** Elements as an array: a view of the bytes where alignment and byte order allow it, else a copy. */
export function readNumbers(
  file: FileView,
  at: number,
  count: number,
  type: NumberType,
): NumberArray {
  const DataArray = NUMBER_ARRAYS[type];
  const size = DataArray.BYTES_PER_ELEMENT;
  checkSpan(file, at, count * size);
  const { bytes } = file;
  if (file.littleEndian && (bytes.byteOffset + at) % size === 0) {
    return new DataArray(bytes.buffer as ArrayBuffer, bytes.byteOffset + at, count);
  }
  // Not bytes.slice(): of Node's Buffer that is a view, misaligned as before.
  const copy = new Uint8Array(bytes.subarray(at, at + count * size));
  if (!file.littleEndian) reverseElements(copy, size);
  return new DataArray(copy.buffer, 0, count);
}

/** Turns each element's bytes around, in place. */
export function reverseElements(bytes: Uint8Array, size: number): void {
  if (size > 1) for (let i = 0; i < bytes.length; i += size) bytes.subarray(i, i + size).reverse();
}
