import { advance, brokenAt, type Cursor, createCursor, takeBytes } from "../cursor/cursor.ts";
import { decodeLatin1, decodeUtf8 } from "../cursor/decode-text.ts";
import { crc32 } from "./crc32.ts";
import { inflateInto, proveDeflate } from "./inflate.ts";

/** One file of a zip, as its central directory has it. */
export interface ZipEntry {
  readonly name: string;
  /** Where its local header starts. */
  readonly offset: number;
  readonly compressedSize: number;
  readonly size: number;
  /** 0 stored, 8 deflated */
  readonly method: number;
  readonly crc: number;
}

/** A file of a zip whose size and checksum are known to be right. */
export interface ProvenEntry {
  readonly name: string;
  readonly offset: number;
  /** Its bytes as they are in the zip. */
  readonly packed: Uint8Array;
  readonly size: number;
  readonly deflated: boolean;
}

const END = 0x06054b50;
const END64 = 0x06064b50;
const END64_LOCATOR = 0x07064b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;

/** Deflate makes at most 1032 bytes of one. */
const MAX_RATIO = 1032;

/**
 * The files of a zip (zip64 too) by name, from its central directory.
 *
 * @param format what errors call the file
 * @throws {FormatError} when the directory is truncated or contradicts itself, or a file is encrypted,
 *   compressed other than by deflate, lies outside the zip, over another, or has another's name
 */
export function listZip(bytes: Uint8Array, format: string): Map<string, ZipEntry> {
  const cursor = createCursor(bytes, format);
  const { start, end, count } = findDirectory(cursor);
  cursor.at = start;
  const entries = new Map<string, ZipEntry>();
  for (let k = 0; k < count; k++) {
    const entry = takeEntry(cursor);
    if (cursor.at > end) throw brokenAt(cursor, "the zip's directory is longer than it says");
    if (entries.has(entry.name)) throw brokenAt(cursor, `"${entry.name}" is in the zip twice`);
    entries.set(entry.name, entry);
  }
  // Entries over one another would make a small file mean a large one.
  let free = 0;
  for (const entry of [...entries.values()].sort((a, b) => a.offset - b.offset)) {
    if (entry.offset < free) throw brokenAt(cursor, `"${entry.name}" overlaps another`);
    free = entry.offset + 30 + entry.compressedSize;
    if (free > start) throw brokenAt(cursor, `"${entry.name}" lies outside the zip`, entry.offset);
  }
  return entries;
}

/**
 * Proves size and checksum of files of a zip, all of them before memory is taken for any.
 *
 * @param maxInflated most bytes that the deflated ones may stand for together
 * @throws {FormatError} when one does not have the size or the checksum it should, or there is more
 */
export function proveEntries(
  bytes: Uint8Array,
  entries: Iterable<ZipEntry>,
  format: string,
  maxInflated: number,
): ProvenEntry[] {
  // What they claim costs nothing to add up.
  const list = [...entries];
  let left = maxInflated;
  for (const { name, size, method, offset } of list) {
    if (method === 0) continue;
    if (size > left) {
      const message = `"${name}" of ${size} bytes is over the limit of ${left}`;
      throw brokenAt(createCursor(bytes, format), message, offset);
    }
    left -= size;
  }
  return list.map((entry) => proveEntry(bytes, entry, format));
}

/** The bytes of a file of a zip: a view where it is stored, new bytes where it is deflated. */
export function extractEntry({ packed, size, deflated }: ProvenEntry): Uint8Array {
  if (!deflated) return packed;
  const content = new Uint8Array(size);
  inflateInto(packed, content);
  return content;
}

/** The first bytes of a file of a zip: a view of it, or of `scratch` where it is deflated. */
export function peekEntry(
  { packed, size, deflated }: ProvenEntry,
  scratch: Uint8Array,
): Uint8Array {
  const start = (deflated ? scratch : packed).subarray(0, Math.min(size, scratch.length));
  if (deflated) inflateInto(packed, start);
  return start;
}

function proveEntry(bytes: Uint8Array, entry: ZipEntry, format: string): ProvenEntry {
  const { name, offset, compressedSize, size, method, crc } = entry;
  const cursor = createCursor(bytes, format, offset);
  const header = advance(cursor, 30);
  if (cursor.view.getUint32(header, true) !== LOCAL) {
    throw brokenAt(cursor, `"${name}" has no local header`, offset);
  }
  const skipped =
    cursor.view.getUint16(header + 26, true) + cursor.view.getUint16(header + 28, true);
  advance(cursor, skipped);
  const packed = takeBytes(cursor, compressedSize);
  const deflated = method !== 0;
  if (deflated) proveInflated(packed, entry, cursor);
  else if (packed.length !== size || crc32(packed) !== crc) {
    throw brokenAt(cursor, `"${name}" does not match its checksum`, offset);
  }
  return { name, offset, packed, size, deflated };
}

function proveInflated(
  packed: Uint8Array,
  { name, size, offset, crc }: ZipEntry,
  cursor: Cursor,
): void {
  if (size > packed.length * MAX_RATIO) {
    throw brokenAt(cursor, `"${name}" claims ${size} bytes of ${packed.length}`, offset);
  }
  let sum = 0;
  let actual: number;
  try {
    actual = proveDeflate(packed, size, (part) => {
      sum = crc32(part, sum);
    });
  } catch (cause) {
    throw Object.assign(brokenAt(cursor, `"${name}" does not inflate`, offset), { cause });
  }
  if (actual !== size || sum !== crc) {
    throw brokenAt(cursor, `"${name}" does not match its checksum`, offset);
  }
}

function takeEntry(cursor: Cursor): ZipEntry {
  const { view } = cursor;
  const at = advance(cursor, 46);
  if (view.getUint32(at, true) !== CENTRAL) throw brokenAt(cursor, "the zip's directory ends", at);
  const flags = view.getUint16(at + 8, true);
  const method = view.getUint16(at + 10, true);
  const nameBytes = takeBytes(cursor, view.getUint16(at + 28, true));
  const extra = takeBytes(cursor, view.getUint16(at + 30, true));
  advance(cursor, view.getUint16(at + 32, true));

  const name = decodeUtf8(nameBytes) ?? decodeLatin1(nameBytes);
  if (flags & 1) throw brokenAt(cursor, `"${name}" is encrypted`, at);
  if (method !== 0 && method !== 8) {
    throw brokenAt(cursor, `"${name}" is compressed by method ${method}`, at);
  }
  const [size, compressedSize, offset] = widen(cursor, extra, [
    view.getUint32(at + 24, true),
    view.getUint32(at + 20, true),
    view.getUint32(at + 42, true),
  ]);
  const crc = view.getUint32(at + 16, true);
  if (method === 0 && size !== compressedSize) {
    throw brokenAt(cursor, `"${name}" is stored in ${compressedSize} bytes but has ${size}`, at);
  }
  return { name, offset: offset!, compressedSize: compressedSize!, size: size!, method, crc };
}

/** Fields that are all ones are in the zip64 record of the extra bytes, in this order. */
function widen(cursor: Cursor, extra: Uint8Array, fields: readonly number[]): number[] {
  if (!fields.includes(0xffffffff)) return [...fields];
  const view = new DataView(extra.buffer, extra.byteOffset, extra.byteLength);
  for (let at = 0; at + 4 <= extra.length; ) {
    const end = at + 4 + view.getUint16(at + 2, true);
    if (view.getUint16(at, true) === 1 && end <= extra.length) {
      let next = at + 4;
      return fields.map((field) => {
        if (field !== 0xffffffff || next + 8 > end) return field;
        next += 8;
        return readUint64(view, next - 8);
      });
    }
    at = end;
  }
  throw brokenAt(cursor, "a zip64 size is missing");
}

function findDirectory(cursor: Cursor): { start: number; end: number; count: number } {
  const { bytes, view } = cursor;
  // The end record's comment may be up to 64 kB, and must reach the file's end.
  const lowest = Math.max(0, bytes.length - 22 - 0xffff);
  let at = bytes.length - 22;
  while (at >= lowest && !isEnd(view, at)) at--;
  if (at < lowest || at < 0) throw brokenAt(cursor, "the zip has no directory", bytes.length);
  let count = view.getUint16(at + 10, true);
  let size = view.getUint32(at + 12, true);
  let start = view.getUint32(at + 16, true);
  let limit = at;
  if (at >= 20 && view.getUint32(at - 20, true) === END64_LOCATOR) {
    limit = readUint64(view, at - 12);
    if (limit + 56 > at || view.getUint32(limit, true) !== END64) {
      throw brokenAt(cursor, "the zip64 directory is missing", at);
    }
    count = readUint64(view, limit + 32);
    size = readUint64(view, limit + 40);
    start = readUint64(view, limit + 48);
  }
  if (start + size > limit) throw brokenAt(cursor, "the zip's directory lies outside it", at);
  return { start, end: start + size, count };
}

function isEnd(view: DataView, at: number): boolean {
  return (
    view.getUint32(at, true) === END && at + 22 + view.getUint16(at + 20, true) === view.byteLength
  );
}

function readUint64(view: DataView, at: number): number {
  return view.getUint32(at + 4, true) * 2 ** 32 + view.getUint32(at, true);
}
