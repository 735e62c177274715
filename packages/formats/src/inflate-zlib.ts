import { Unzlib, unzlibSync } from "fflate";
import { FormatError } from "./format-error.ts";

/** A byte of deflate data never stands for more than this many bytes. */
export const MAX_DEFLATE_RATIO = 1032;

/** Bytes unpacked at a time; a lying stream delivers 1032 times as much before it is stopped. */
const PIECE = { least: 256, most: 8192 };

/** Streams up to this long that unpack to no more than sixteenfold are unpacked at once. */
const SMALL = 65536;

/**
 * Unpacks a zlib stream whose size is known.
 *
 * Memory is taken as data arrive, not as sizes claim, and the checksum is verified.
 *
 * @param packed the whole stream
 * @param sizeOf size of the result; asked again with the first bytes where it answers `undefined`
 * @throws {FormatError} when the stream is damaged, or is not of this size
 */
export function inflateZlib(
  packed: Uint8Array,
  sizeOf: (start: Uint8Array) => number | undefined,
  format: string,
  offset: number,
): Uint8Array {
  const broken = (message: string, cause?: unknown): FormatError =>
    new FormatError(format, `${format}: ${message}`, { offset, cause });
  let whole: Uint8Array;
  try {
    const small = packed.length <= SMALL ? unpackSmall(packed) : undefined;
    const size = sizeOf(small ?? new Uint8Array(0)) ?? sizeOf(unpackStart(packed));
    if (size === undefined) throw new Error("ended early");
    whole = small ?? unpackInPieces(packed, size);
    if (whole.length !== size) throw new Error(`${whole.length} bytes instead of ${size}`);
  } catch (cause) {
    if (cause instanceof FormatError) throw cause;
    throw broken("compressed data are damaged", cause);
  }
  const end = packed.length;
  const sum =
    ((packed[end - 4] << 24) |
      (packed[end - 3] << 16) |
      (packed[end - 2] << 8) |
      packed[end - 1]) >>>
    0;
  if (adler32(whole) !== sum) throw broken("compressed data contradict their checksum");
  return whole;
}

/** The whole stream in one go, or `undefined` where it unpacks to more than sixteenfold. */
function unpackSmall(packed: Uint8Array): Uint8Array | undefined {
  const buffer = new Uint8Array(16 * packed.length);
  try {
    // What does not fit is dropped, and the buffer comes back full; a stored block throws.
    const filled = unzlibSync(packed, { out: buffer });
    return filled.length < buffer.length ? new Uint8Array(filled) : undefined;
  } catch (cause) {
    if (cause instanceof RangeError) return undefined;
    throw cause;
  }
}

function unpackInPieces(packed: Uint8Array, size: number): Uint8Array {
  let filled = 0;
  const parts: Uint8Array[] = [];
  const stream = new Unzlib((part) => {
    filled += part.length;
    parts.push(part);
    if (filled > size) throw new Error(`more than ${size} bytes`);
  });
  const step = Math.min(PIECE.most, Math.max(PIECE.least, packed.length >> 4));
  for (let at = 0; at < packed.length; at += step) {
    const end = Math.min(at + step, packed.length);
    stream.push(packed.subarray(at, end), end === packed.length);
  }
  return join(parts, filled);
}

/** The first bytes of a stream, eight at least unless it is shorter. */
function unpackStart(packed: Uint8Array): Uint8Array {
  let start = new Uint8Array(0);
  const stream = new Unzlib((part) => {
    start = join([start, part], start.length + part.length);
  });
  for (let at = 0; at < packed.length && start.length < 8; at += PIECE.least) {
    const end = Math.min(at + PIECE.least, packed.length);
    stream.push(packed.subarray(at, end), end === packed.length);
  }
  return start;
}

function join(parts: readonly Uint8Array[], length: number): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Adler's checksum of RFC 1950. */
function adler32(bytes: Uint8Array): number {
  let a = 1;
  let b = 0;
  for (let i = 0; i < bytes.length; ) {
    // 3800 bytes keep both sums below 2³¹.
    const end = Math.min(i + 3800, bytes.length);
    for (; i < end; i++) {
      a += bytes[i];
      b += a;
    }
    a %= 65521;
    b %= 65521;
  }
  return b * 65536 + a;
}
