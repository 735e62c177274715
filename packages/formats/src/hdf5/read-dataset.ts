import { broken } from "../file-view.ts";
import { MAX_DEFLATE_RATIO } from "../inflate-zlib.ts";
import { decodeElements } from "./decode-elements.ts";
import type { Hdf5File } from "./hdf5-file.ts";
import { listChunks } from "./list-chunks.ts";
import type { Hdf5Data, Hdf5Dataset } from "./node.ts";
import type { Storage } from "./storage.ts";
import { unfilter } from "./unfilter.ts";

/** Elements that were never written may take as much as the file or this, with no bytes to show for them. */
const UNWRITTEN = 65536;

/** Options of {@link readDataset}. */
export interface ReadDatasetOptions {
  /** Most bytes to unpack to; 2 GiB unless told. */
  readonly maxBytes?: number;
}

/**
 * The elements of a dataset in C order. Contiguous numbers are views of the file where alignment
 * allows it, so treat them as read-only. Elements that were never written have the fill value.
 *
 * @param dataset a dataset of `readHdf5`
 * @throws {FormatError} when the type, a filter or the index of chunks is not read (it is named),
 *   chunks are damaged, or there are more bytes than `maxBytes` or than the file can stand for
 */
export function readDataset(dataset: Hdf5Dataset, options: ReadDatasetOptions = {}): Hdf5Data {
  const maxBytes = options.maxBytes ?? 2 ** 31;
  const { file, datatype, storage } = dataset.stored;
  const budget = { left: file.bytes.length };
  const fail = (message: string): never => {
    throw broken(file, message, dataset.address);
  };
  if (datatype.kind === "unread") return fail(`${datatype.name} is not read`);
  const count = dataset.shape.reduce((product, size) => product * size, 1);
  const length = count * datatype.size;
  if (!(length <= maxBytes)) return fail(`${length} bytes are more than the ${maxBytes} allowed`);

  if (storage.kind === "span") {
    if (length > storage.length) return fail(`${storage.length} bytes for ${count} elements`);
    const bytes = file.bytes.subarray(storage.at, storage.at + length);
    return decodeElements(file, bytes, datatype, count, budget);
  }
  if (storage.kind === "nothing") {
    if (length > Math.max(UNWRITTEN, file.bytes.length))
      return fail(`${length} bytes that were never written`);
    return decodeElements(file, filled(length, storage.fill), datatype, count, budget);
  }
  if (storage.elementSize !== datatype.size || storage.chunk.length !== dataset.shape.length) {
    return fail("chunks contradict the dataset's type or shape");
  }
  const bytes =
    length === 0 ? new Uint8Array(0) : gather(file, dataset.shape, length, storage, maxBytes);
  return decodeElements(file, bytes, datatype, count, budget);
}

/** All chunks in their places. */
function gather(
  file: Hdf5File,
  shape: readonly number[],
  length: number,
  storage: Storage & { kind: "chunks" },
  maxBytes: number,
): Uint8Array {
  const { chunk, elementSize, filters } = storage;
  const chunkLength = chunk.reduce((product, size) => product * size, elementSize);
  if (!(chunkLength > 0 && chunkLength <= maxBytes)) {
    throw broken(file, `chunks of ${chunkLength} bytes`, storage.address ?? 0);
  }
  const chunks = listChunks(file, shape, storage, chunkLength);
  // What the chunks can stand for bounds what is reserved, whatever the shape claims.
  const held = chunks.length * chunkLength;
  const bytes = chunks.reduce((sum, { size }) => sum + size, 0);
  // Shuffling and checksums do not compress.
  const packed = filters.some(({ id }) => id !== 2 && id !== 3);
  if (
    length > Math.max(UNWRITTEN, file.bytes.length) + held ||
    held > bytes * (packed ? MAX_DEFLATE_RATIO : 1)
  ) {
    throw broken(file, `${bytes} bytes of chunks cannot hold the ${length} they claim`, 0);
  }
  // Not before a first chunk has unpacked to what it claims.
  let out: Uint8Array | undefined;
  for (const { at, size, mask, offset } of chunks) {
    const plain = unfilter(file, file.bytes.subarray(at, at + size), {
      filters,
      mask,
      elementSize,
      length: chunkLength,
      offset: at,
    });
    out ??= filled(length, storage.fill);
    copyChunk(out, shape, plain, chunk, offset, elementSize);
  }
  return out ?? filled(length, storage.fill);
}

function filled(length: number, fill: Uint8Array): Uint8Array {
  const out = new Uint8Array(length);
  if (fill.length === 0 || fill.every((byte) => byte === 0)) return out;
  for (let at = 0; at + fill.length <= length; at += fill.length) out.set(fill, at);
  return out;
}

/** Copies a chunk row by row; what sticks out of the dataset is left behind. */
function copyChunk(
  out: Uint8Array,
  shape: readonly number[],
  plain: Uint8Array,
  chunk: readonly number[],
  offset: readonly number[],
  elementSize: number,
): void {
  const last = shape.length - 1;
  const run = Math.min(chunk[last], shape[last] - offset[last]) * elementSize;
  const rows = chunk.slice(0, last).reduce((product, size) => product * size, 1);
  const within = new Array<number>(last).fill(0);
  for (let row = 0; row < rows; row++) {
    let target = 0;
    let inside = true;
    for (let axis = 0; axis < last; axis++) {
      const place = offset[axis] + within[axis];
      inside &&= place < shape[axis];
      target = target * shape[axis] + place;
    }
    if (inside) {
      const from = row * chunk[last] * elementSize;
      out.set(
        plain.subarray(from, from + run),
        (target * shape[last] + offset[last]) * elementSize,
      );
    }
    for (let axis = last - 1; axis >= 0 && ++within[axis] === chunk[axis]; axis--) within[axis] = 0;
  }
}
