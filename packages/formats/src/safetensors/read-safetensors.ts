import { FormatError } from "../format-error.ts";
import {
  DTYPE_ARRAYS,
  MAX_HEADER_BYTES,
  type SafetensorsDtype,
  type SafetensorsTensor,
} from "./tensor.ts";

/** Every platform has it; the language's own type library does not. */
declare const TextDecoder: new (
  label: string,
  options: { fatal: boolean },
) => { decode(bytes: Uint8Array): string };

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
  // 1. Header length, little-endian. Files beyond 4 GB of header are refused by the limit anyway.
  if (bytes.length < 8) throw broken(`expected at least 8 bytes, got ${bytes.length}`, 0);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerLength = view.getUint32(0, true) + view.getUint32(4, true) * 2 ** 32;
  if (headerLength > MAX_HEADER_BYTES) {
    throw broken(`header of ${headerLength} bytes is over the limit of ${MAX_HEADER_BYTES}`, 0);
  }
  const dataStart = 8 + headerLength;
  if (dataStart > bytes.length) {
    throw broken(`header of ${headerLength} bytes ends beyond the file's ${bytes.length}`, 0);
  }

  // 2. The header, entry by entry.
  const header = parseHeader(new Uint8Array(bytes.subarray(8, dataStart)));
  const tensors = new Map<string, SafetensorsTensor>();
  const spans: { name: string; begin: number; end: number }[] = [];
  let metadata: Record<string, string> = {};
  for (const [name, entry] of Object.entries(header)) {
    if (name === "__metadata__") {
      metadata = checkMetadata(entry);
      continue;
    }
    const { dtype, shape, begin, end } = checkEntry(name, entry, bytes.length - dataStart);
    spans.push({ name, begin, end });
    tensors.set(name, {
      dtype,
      shape,
      data: viewData(bytes, dtype, dataStart + begin, end - begin),
    });
  }

  // 3. No byte belongs to two tensors.
  spans.sort((a, b) => a.begin - b.begin || a.end - b.end);
  for (let i = 1; i < spans.length; i++) {
    const previous = spans[i - 1]!;
    const current = spans[i]!;
    if (current.begin < previous.end) {
      throw broken(`tensors "${previous.name}" and "${current.name}" overlap`, current.begin);
    }
  }
  return { tensors, metadata };
}

function parseHeader(bytes: Uint8Array): Record<string, unknown> {
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new FormatError("safetensors", "safetensors: header is not JSON", { offset: 8, cause });
  }
  if (!isRecord(header)) throw broken("header is not a JSON object", 8);
  return header;
}

function checkMetadata(entry: unknown): Record<string, string> {
  if (!isRecord(entry) || Object.values(entry).some((value) => typeof value !== "string")) {
    throw broken("__metadata__ is not an object of strings", 8);
  }
  return entry as Record<string, string>;
}

function checkEntry(
  name: string,
  entry: unknown,
  dataLength: number,
): { dtype: SafetensorsDtype; shape: number[]; begin: number; end: number } {
  if (!isRecord(entry)) throw broken(`entry "${name}" is not an object`, 8);
  const { dtype, shape, data_offsets: offsets } = entry;
  if (typeof dtype !== "string" || !Object.hasOwn(DTYPE_ARRAYS, dtype)) {
    throw broken(`tensor "${name}" has the unknown dtype ${JSON.stringify(dtype)}`, 8);
  }
  if (!isCounts(shape)) throw broken(`tensor "${name}" has no shape of whole numbers`, 8);
  if (!isCounts(offsets) || offsets.length !== 2) {
    throw broken(`tensor "${name}" has no pair of data_offsets`, 8);
  }
  const begin = offsets[0]!;
  const end = offsets[1]!;
  if (begin > end || end > dataLength) {
    throw broken(`tensor "${name}" at ${begin}–${end} lies outside ${dataLength} data bytes`, 8);
  }
  // A product of counts beyond 2⁵³ loses digits but cannot come back down to the span's length.
  const size = DTYPE_ARRAYS[dtype as SafetensorsDtype].BYTES_PER_ELEMENT;
  const expected = shape.reduce((product, count) => product * count, size);
  if (expected !== end - begin) {
    throw broken(`tensor "${name}" of shape [${shape}] ${dtype} is not ${end - begin} bytes`, 8);
  }
  return { dtype: dtype as SafetensorsDtype, shape, begin, end };
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

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((count) => Number.isSafeInteger(count) && count >= 0);
}

function broken(message: string, offset: number): FormatError {
  return new FormatError("safetensors", `safetensors: ${message}`, { offset });
}
