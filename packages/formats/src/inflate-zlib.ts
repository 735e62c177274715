import { Unzlib, unzlibSync } from "fflate";
import { FormatError } from "./format-error.ts";

/** A byte of deflate data never stands for more than this many bytes. */
export const MAX_DEFLATE_RATIO = 1032;

/** Bytes unpacked at a time: a lying stream delivers at most 1032 times as much before it is stopped. */
const PIECE = 8192;

/** Streams of known size up to this are unpacked at once, in a fifth of the time. */
const SMALL = 65536;

/**
 * Unpacks a zlib stream whose size is known.
 *
 * Memory is taken as data arrive, not as sizes claim, and the checksum is verified.
 *
 * @param packed the whole stream
 * @param sizeOf size of the result; asked again with the first bytes while it answers `undefined`
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
  const known = sizeOf(new Uint8Array(0));
  let whole: Uint8Array;
  try {
    whole =
      known !== undefined && packed.length <= SMALL
        ? unpackAtOnce(packed, known)
        : unpackInPieces(packed, sizeOf, known);
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

/** A buffer one byte too large tells a stream that is too long; it drops what does not fit. */
function unpackAtOnce(packed: Uint8Array, size: number): Uint8Array {
  const out = unzlibSync(packed, { out: new Uint8Array(size + 1) });
  if (out.length !== size) throw new Error(`not ${size} bytes`);
  return out;
}

function unpackInPieces(
  packed: Uint8Array,
  sizeOf: (start: Uint8Array) => number | undefined,
  known: number | undefined,
): Uint8Array {
  let size = known;
  let filled = 0;
  const parts: Uint8Array[] = [];
  const stream = new Unzlib((part) => {
    filled += part.length;
    parts.push(part);
    size ??= sizeOf(join(parts, filled));
    if (size !== undefined && filled > size) throw new Error(`more than ${size} bytes`);
  });
  for (let at = 0; at < packed.length; at += PIECE) {
    const end = Math.min(at + PIECE, packed.length);
    stream.push(packed.subarray(at, end), end === packed.length);
  }
  if (filled !== size) throw new Error(`${filled} bytes instead of ${size ?? "a few"}`);
  return join(parts, filled);
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
