import { broken, checkSpan, readUint8, readUint16, readUint32, readUint64 } from "../file-view.ts";
import {
  expectAddress,
  expectSignature,
  type Hdf5File,
  readAddress,
  readLength,
  spend,
} from "./hdf5-file.ts";
import type { Storage } from "./storage.ts";

/** A stored chunk: its bytes, the filters it skips, and its first element. */
export interface Chunk {
  readonly at: number;
  readonly size: number;
  readonly mask: number;
  readonly offset: readonly number[];
}

/** More chunks than this are not honest: they would be of a few bytes each. */
const MAX_CHUNKS = 250_000;

/** The chunks that the file holds, each inside the dataset and inside the file, none twice. */
export function listChunks(
  file: Hdf5File,
  shape: readonly number[],
  storage: Storage & { kind: "chunks" },
  chunkLength: number,
): Chunk[] {
  const { address, index } = storage;
  if (address === undefined) return [];
  const chunks: Chunk[] = [];
  if (index === "tree") {
    walkTree(file, address, shape.length, chunks, { left: file.bytes.length });
  } else {
    listByNumber(file, address, shape, storage, chunkLength, chunks);
  }
  const places = new Set<string>();
  const budget = { left: file.bytes.length };
  for (const { at, size, offset } of chunks) {
    checkSpan(file, at, size);
    spend(file, budget, size, at);
    const fits = offset.every(
      (start, axis) => start % storage.chunk[axis] === 0 && start < shape[axis],
    );
    const place = offset.join();
    if (!fits || places.has(place)) throw broken(file, `no chunk belongs at ${place}`, at);
    places.add(place);
  }
  return chunks;
}

function checkCount(file: Hdf5File, count: number, address: number): void {
  if (count > MAX_CHUNKS) throw broken(file, `more than ${MAX_CHUNKS} chunks`, address);
}

/** A tree of chunks (version 1). */
function walkTree(
  file: Hdf5File,
  address: number,
  rank: number,
  chunks: Chunk[],
  budget: { left: number },
): void {
  expectSignature(file, address, "TREE");
  if (readUint8(file, address + 4) !== 1) throw broken(file, "not a tree of chunks", address);
  const level = readUint8(file, address + 5);
  const count = readUint16(file, address + 6);
  const keySize = 8 + 8 * (rank + 1);
  const step = keySize + file.offsetSize;
  const first = address + 8 + 2 * file.offsetSize;
  checkSpan(file, first, count * step);
  spend(file, budget, count * step, address);
  checkCount(file, chunks.length + count, address);
  for (let i = 0; i < count; i++) {
    const key = first + i * step;
    const child = expectAddress(file, key + keySize, "a tree's branch");
    if (level > 0) {
      // Each branch counts down, so the depth is bounded.
      if (readUint8(file, child + 5) !== level - 1) {
        throw broken(file, "a tree's levels contradict one another", child);
      }
      walkTree(file, child, rank, chunks, budget);
    } else {
      chunks.push({
        at: child,
        size: readUint32(file, key),
        mask: readUint32(file, key + 4),
        offset: Array.from({ length: rank }, (_, axis) => readUint64(file, key + 8 + 8 * axis)),
      });
    }
  }
}

/** Indices that number the chunks of a dataset of fixed size in C order. */
function listByNumber(
  file: Hdf5File,
  address: number,
  shape: readonly number[],
  storage: Storage & { kind: "chunks" },
  chunkLength: number,
  chunks: Chunk[],
): void {
  const counts = shape.map((size, axis) => Math.ceil(size / storage.chunk[axis]));
  const total = counts.reduce((product, count) => product * count, 1);
  checkCount(file, total, address);
  const place = (number: number): number[] => {
    const offset = new Array<number>(shape.length);
    let rest = number;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      offset[axis] = (rest % counts[axis]) * storage.chunk[axis];
      rest = Math.floor(rest / counts[axis]);
    }
    return offset;
  };
  if (storage.index === "single") {
    if (total !== 1) throw broken(file, `one chunk for ${total}`, address);
    const { size, mask } = storage.single ?? { size: chunkLength, mask: 0 };
    chunks.push({ at: address, size, mask, offset: place(0) });
    return;
  }
  if (storage.index === "implicit") {
    checkSpan(file, address, total * chunkLength);
    for (let i = 0; i < total; i++) {
      chunks.push({ at: address + i * chunkLength, size: chunkLength, mask: 0, offset: place(i) });
    }
    return;
  }
  if (storage.index !== "fixed-array") {
    throw broken(
      file,
      `chunks indexed by ${storage.index} (resizable datasets) are not read`,
      address,
    );
  }

  // A fixed array: a header, then one block of elements, in pages where there are many.
  expectSignature(file, address, "FAHD");
  const filtered = readUint8(file, address + 5) === 1;
  const elementSize = readUint8(file, address + 6);
  const pageBits = readUint8(file, address + 7);
  const capacity = readLength(file, address + 8);
  const sizeWidth = elementSize - file.offsetSize - 4;
  const widthFits = filtered ? sizeWidth >= 1 && sizeWidth <= 8 : elementSize === file.offsetSize;
  if (!widthFits || capacity < total || pageBits > 30) {
    throw broken(file, "a fixed array of contradicting sizes", address);
  }
  const block = readAddress(file, address + 8 + file.lengthSize);
  if (block === undefined) return;
  expectSignature(file, block, "FADB");
  const pageSize = 2 ** pageBits;
  const pages = capacity > pageSize ? Math.ceil(capacity / pageSize) : 0;
  const bitmap = block + 6 + file.offsetSize;
  // With pages the block's checksum comes before them, and each page has one of its own.
  const first = bitmap + Math.ceil(pages / 8) + (pages > 0 ? 4 : 0);
  checkSpan(file, first, capacity * elementSize);
  for (let i = 0; i < total; i++) {
    const page = pages > 0 ? Math.floor(i / pageSize) : 0;
    const written =
      pages === 0 || (readUint8(file, bitmap + (page >> 3)) & (0x80 >> (page & 7))) !== 0;
    if (!written) continue;
    const at = first + i * elementSize + 4 * page;
    const chunk = readAddress(file, at);
    if (chunk === undefined) continue;
    let size = chunkLength;
    if (filtered) {
      size = 0;
      for (let b = sizeWidth - 1; b >= 0; b--)
        size = size * 256 + readUint8(file, at + file.offsetSize + b);
    }
    const mask = filtered ? readUint32(file, at + elementSize - 4) : 0;
    chunks.push({ at: chunk, size, mask, offset: place(i) });
  }
}
