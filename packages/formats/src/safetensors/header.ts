import { FormatError } from "../format-error.ts";
import { DTYPE_ARRAYS, MAX_HEADER_BYTES, type SafetensorsDtype } from "./tensor.ts";

/** Every platform has it; the language's own type library does not. */
declare const TextDecoder: new (
  label: string,
  options: { fatal: boolean },
) => { decode(bytes: Uint8Array): string };

/** Where a tensor's elements lie among the data bytes, from the first to behind the last. */
export interface SafetensorsSpan {
  readonly name: string;
  readonly dtype: SafetensorsDtype;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

/**
 * Length of the JSON header: the first eight bytes, little-endian.
 *
 * @param bytes the beginning of the file
 * @throws {FormatError} when there are fewer than eight, or the header is over 100 MB
 */
export function readHeaderLength(bytes: Uint8Array): number {
  if (bytes.length < 8) throw broken(`expected at least 8 bytes, got ${bytes.length}`, 0);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.getUint32(0, true) + view.getUint32(4, true) * 2 ** 32;
  if (length > MAX_HEADER_BYTES) {
    throw broken(`header of ${length} bytes is over the limit of ${MAX_HEADER_BYTES}`, 0);
  }
  return length;
}

/**
 * The header: free text, and the tensors in the order it names them.
 *
 * @param bytes the JSON alone
 * @param dataLength bytes behind the header, Infinity where nobody knows yet
 * @throws {FormatError} when it is not JSON, contradicts itself, or tensors lie over one another or
 *   outside the data
 */
export function readHeader(
  bytes: Uint8Array,
  dataLength: number,
): { readonly metadata: Readonly<Record<string, string>>; readonly spans: SafetensorsSpan[] } {
  const spans: SafetensorsSpan[] = [];
  let metadata: Record<string, string> = {};
  for (const [name, entry] of Object.entries(parseHeader(bytes))) {
    if (name === "__metadata__") metadata = checkMetadata(entry);
    else spans.push(checkEntry(name, entry, dataLength));
  }
  // No byte belongs to two tensors.
  const ordered = inOffsetOrder(spans);
  for (let i = 1; i < ordered.length; i++) {
    const previous = ordered[i - 1]!;
    const current = ordered[i]!;
    if (current.begin < previous.end) {
      throw broken(`tensors "${previous.name}" and "${current.name}" overlap`, current.begin);
    }
  }
  return { metadata, spans };
}

/** The spans as their bytes follow one another. */
export function inOffsetOrder(spans: readonly SafetensorsSpan[]): SafetensorsSpan[] {
  return [...spans].sort((a, b) => a.begin - b.begin || a.end - b.end);
}

/** The error of a header that is longer than the file. */
export function headerBeyond(headerLength: number, fileLength: number): FormatError {
  return broken(`header of ${headerLength} bytes ends beyond the file's ${fileLength}`, 0);
}

/** The error of a tensor that is not all there. */
export function tensorOutside(
  { name, begin, end }: Pick<SafetensorsSpan, "name" | "begin" | "end">,
  dataLength: number,
): FormatError {
  return broken(`tensor "${name}" at ${begin}–${end} lies outside ${dataLength} data bytes`, 8);
}

/** Brackets, braces and commas of 250,000 tensors of any rank; each may take ten times its byte. */
const MAX_MARKS = 4_000_000;

function parseHeader(bytes: Uint8Array): Record<string, unknown> {
  let marks = 0;
  for (const byte of bytes) if (byte === 0x5b || byte === 0x7b || byte === 0x2c) marks++;
  if (marks > MAX_MARKS) throw broken(`header of more than ${MAX_MARKS} values`, 8);
  let header: unknown;
  try {
    // A copy: decoders refuse shared memory.
    header = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(new Uint8Array(bytes)));
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

function checkEntry(name: string, entry: unknown, dataLength: number): SafetensorsSpan {
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
  if (begin > end) throw broken(`tensor "${name}" runs backwards, from ${begin} to ${end}`, 8);
  if (end > dataLength) throw tensorOutside({ name, begin, end }, dataLength);
  // A product of counts beyond 2⁵³ loses digits but cannot come back down to the span's length.
  const size = DTYPE_ARRAYS[dtype as SafetensorsDtype].BYTES_PER_ELEMENT;
  const expected = shape.reduce((product, count) => product * count, size);
  if (expected !== end - begin) {
    throw broken(`tensor "${name}" of shape [${shape}] ${dtype} is not ${end - begin} bytes`, 8);
  }
  return { name, dtype: dtype as SafetensorsDtype, shape, begin, end };
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
