import { FormatError } from "../format-error.ts";
import { inflateInto, proveDeflate } from "./inflate.ts";

/** A byte of deflate data never stands for more than this many bytes. */
export const MAX_DEFLATE_RATIO = 1032;

/** A zlib stream whose size and checksum are known to be right. */
export interface ProvenZlib {
  readonly packed: Uint8Array;
  readonly size: number;
}

/** Unpacks a zlib stream that was proven. */
export function inflateZlib({ packed, size }: ProvenZlib): Uint8Array {
  const whole = new Uint8Array(size);
  inflateInto(bodyOf(packed), whole);
  return whole;
}

/**
 * Reads a zlib stream through, without memory for what it stands for.
 *
 * @param packed the whole stream
 * @param sizeOf size of the result; asked again with the first bytes where it answers `undefined`
 * @throws {FormatError} when the stream is damaged, or is not of this size
 */
export function proveZlib(
  packed: Uint8Array,
  sizeOf: (start: Uint8Array) => number | undefined,
  format: string,
  offset: number,
): ProvenZlib {
  const broken = (message: string, cause?: unknown): FormatError =>
    new FormatError(format, `${format}: ${message}`, { offset, cause });
  const end = packed.length;
  const body = bodyOf(packed);
  try {
    const [method, flags] = packed;
    const sound = (method & 15) === 8 && (method * 256 + flags) % 31 === 0 && (flags & 32) === 0;
    if (end < 6 || !sound) throw new Error("not a zlib stream");
    const size = sizeOf(new Uint8Array(0)) ?? sizeOf(unpackStart(body));
    if (size === undefined) throw new Error("ended early");
    let sum = 1;
    const actual = proveDeflate(body, size, (part) => {
      sum = adler32(part, sum);
    });
    if (actual !== size) throw new Error(`not the ${size} bytes it should be`);
    if (new DataView(packed.buffer, packed.byteOffset, end).getUint32(end - 4) !== sum) {
      throw broken("compressed data contradict their checksum");
    }
    return { packed, size };
  } catch (cause) {
    if (cause instanceof FormatError) throw cause;
    throw broken("compressed data are damaged", cause);
  }
}

/** What lies between the header and the checksum. */
function bodyOf(packed: Uint8Array): Uint8Array {
  return packed.subarray(2, Math.max(2, packed.length - 4));
}

/** The first bytes of a stream, eight unless it is shorter. */
function unpackStart(body: Uint8Array): Uint8Array {
  const start = new Uint8Array(8);
  return start.subarray(0, inflateInto(body, start));
}

/** Adler's checksum of RFC 1950, going on from that of the bytes before. */
function adler32(bytes: Uint8Array, before: number): number {
  let a = before & 0xffff;
  let b = before >>> 16;
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
