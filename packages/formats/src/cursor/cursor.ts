import { FormatError } from "../format-error.ts";

/** A place in a file that is read front to back; every read checks that its bytes are there. */
export interface Cursor {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** What the errors call the file. */
  readonly format: string;
  at: number;
}

export function createCursor(file: Uint8Array, format: string, at = 0): Cursor {
  // Of Node's Buffer the plain array, so that views of the file are plain ones too.
  const bytes = new Uint8Array(file.buffer, file.byteOffset, file.byteLength);
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  return { bytes, view, format, at };
}

/** The error of a file that went wrong where the cursor stands. */
export function brokenAt(cursor: Cursor, message: string, at: number = cursor.at): FormatError {
  return new FormatError(cursor.format, `${cursor.format}: ${message} at byte ${at}`, {
    offset: at,
  });
}

/** Moves on by `count` bytes and says where they start. */
export function advance(cursor: Cursor, count: number): number {
  const start = cursor.at;
  if (count > cursor.bytes.length - start) {
    const left = cursor.bytes.length - start;
    throw brokenAt(cursor, `expected ${count} more bytes, got ${left}`);
  }
  cursor.at = start + count;
  return start;
}

/** The next `count` bytes, a view of the file. */
export function takeBytes(cursor: Cursor, count: number): Uint8Array {
  const start = advance(cursor, count);
  return cursor.bytes.subarray(start, start + count);
}

/** The bytes up to the next line feed, which is skipped; so is the carriage return of a text transfer. */
export function takeLine(cursor: Cursor): Uint8Array {
  const end = cursor.bytes.indexOf(10, cursor.at);
  if (end < 0) throw brokenAt(cursor, "expected a line, got the end of the file");
  const start = cursor.at;
  cursor.at = end + 1;
  return cursor.bytes.subarray(start, end > start && cursor.bytes[end - 1] === 13 ? end - 1 : end);
}

export function takeUint8(cursor: Cursor): number {
  return cursor.bytes[advance(cursor, 1)]!;
}

export function takeUint16(cursor: Cursor): number {
  return cursor.view.getUint16(advance(cursor, 2), true);
}

export function takeUint32(cursor: Cursor): number {
  return cursor.view.getUint32(advance(cursor, 4), true);
}

export function takeInt32(cursor: Cursor): number {
  return cursor.view.getInt32(advance(cursor, 4), true);
}

/** A signed eight-byte integer; beyond ±2⁵³ it loses digits, which no size or stride survives. */
export function takeInt64(cursor: Cursor): number {
  const start = advance(cursor, 8);
  return cursor.view.getInt32(start + 4, true) * 2 ** 32 + cursor.view.getUint32(start, true);
}

export function takeFloat64(cursor: Cursor, littleEndian: boolean): number {
  return cursor.view.getFloat64(advance(cursor, 8), littleEndian);
}
