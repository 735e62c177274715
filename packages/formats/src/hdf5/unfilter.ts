import { broken } from "../file-view.ts";
import type { FormatError } from "../format-error.ts";
import { inflateZlib, proveZlib } from "../zip/inflate-zlib.ts";
import type { Hdf5File } from "./hdf5-file.ts";
import type { Filter } from "./storage.ts";

const NAMES: Readonly<Record<number, string>> = {
  4: "szip",
  5: "nbit",
  6: "scaleoffset",
  32000: "LZF",
  32001: "Blosc",
  32004: "LZ4",
  32015: "Zstandard",
};

/** How a chunk is stored. */
interface Filtered {
  readonly filters: readonly Filter[];
  /** Bit i: filter i was skipped for this chunk. */
  readonly mask: number;
  readonly elementSize: number;
  /** Bytes it stands for. */
  readonly length: number;
  /** Where it lies. */
  readonly offset: number;
}

/**
 * Refuses a chunk whose outer checksum or whose compressed stream is damaged, or of another size than
 * it should. What lies below those shows when it is unpacked.
 */
export function proveChunk(file: Hdf5File, bytes: Uint8Array, chunk: Filtered): void {
  const { filters, mask, length, offset } = chunk;
  filters.forEach(({ id }, i) => {
    if (!(mask & (1 << i)) && (id < 1 || id > 3)) throw unread(file, id, offset);
  });
  let plain = bytes;
  for (let i = filters.length - 1; i >= 0; i--) {
    if (mask & (1 << i)) continue;
    const { id } = filters[i];
    // Nobody compresses twice, or shuffles what is compressed.
    const packedBelow = filters
      .slice(0, i)
      .some((filter, k) => filter.id === 1 && !(mask & (1 << k)));
    if (packedBelow && (id === 1 || id === 2)) {
      throw broken(file, "compressed data that went through another filter are not read", offset);
    }
    if (id === 1) {
      proveZlib(plain, () => length + belowOf(filters, i), "hdf5", offset);
      return;
    }
    // Behind a shuffle the checksum's bytes are not in their places.
    if (id === 2) return;
    plain = checkFletcher(file, plain, offset);
  }
  if (plain.length !== length) throw wrongLength(file, plain, chunk);
}

/** Undoes a chunk's filters, last first; the result is `length` bytes. */
export function unfilter(file: Hdf5File, bytes: Uint8Array, chunk: Filtered): Uint8Array {
  const { filters, mask, elementSize, length, offset } = chunk;
  let plain = bytes;
  for (let i = filters.length - 1; i >= 0; i--) {
    if (mask & (1 << i)) continue;
    const { id } = filters[i];
    if (id === 1) plain = inflateZlib({ packed: plain, size: length + belowOf(filters, i) });
    else if (id === 2) plain = unshuffle(plain, elementSize);
    else plain = checkFletcher(file, plain, offset);
  }
  if (plain.length !== length) throw wrongLength(file, plain, chunk);
  return plain;
}

/** A checksum below the compression makes the unpacked chunk four bytes longer. */
function belowOf(filters: readonly Filter[], i: number): number {
  return 4 * filters.slice(0, i).filter(({ id }) => id === 3).length;
}

function unread(file: Hdf5File, id: number, offset: number): FormatError {
  return broken(file, `the filter ${NAMES[id] ?? id} is not read`, offset);
}

function wrongLength(file: Hdf5File, plain: Uint8Array, { length, offset }: Filtered): FormatError {
  return broken(file, `a chunk of ${plain.length} bytes instead of ${length}`, offset);
}

/** First bytes of all elements, then second bytes … back to elements. */
function unshuffle(bytes: Uint8Array, size: number): Uint8Array {
  const count = Math.floor(bytes.length / size);
  const out = new Uint8Array(bytes);
  for (let b = 0; b < size; b++) {
    const plane = b * count;
    for (let i = 0, at = b; i < count; i++, at += size) out[at] = bytes[plane + i];
  }
  return out;
}

/** Takes off Fletcher's checksum, of 16-bit words. */
function checkFletcher(file: Hdf5File, bytes: Uint8Array, offset: number): Uint8Array {
  const end = bytes.length - 4;
  if (end < 0) throw broken(file, "a chunk too short for its checksum", offset);
  let a = 0;
  let b = 0;
  for (let i = 0; i < end; i += 2) {
    a = (a + ((bytes[i] << 8) | (i + 1 < end ? bytes[i + 1] : 0))) % 65535;
    b = (b + a) % 65535;
  }
  const stored = [0, 1, 2, 3].map((i) => bytes[end + i]);
  // The library folds sums, which leaves 65535 where the remainder is 0.
  const [storedA, storedB] = [stored[0] | (stored[1] << 8), stored[2] | (stored[3] << 8)];
  if (storedA % 65535 !== a || storedB % 65535 !== b) {
    throw broken(file, "a chunk contradicts its checksum", offset);
  }
  return bytes.subarray(0, end);
}
