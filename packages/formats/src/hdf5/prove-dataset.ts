import { broken } from "../file-view.ts";
import { inflatable } from "../zip/inflatable.ts";
import { MAX_DEFLATE_RATIO } from "../zip/inflate-zlib.ts";
import { type Hdf5File, spend } from "./hdf5-file.ts";
import { type Chunk, listChunks } from "./list-chunks.ts";
import type { Hdf5Dataset } from "./node.ts";
import type { Storage } from "./storage.ts";
import { proveChunk } from "./unfilter.ts";

/** A dataset whose bytes are known to be there and, where they have checksums, to be right. */
export interface ProvenDataset {
  readonly dataset: Hdf5Dataset;
  /** Elements */
  readonly count: number;
  /** Bytes of the elements. */
  readonly length: number;
  readonly chunks: readonly Chunk[];
}

/** What datasets that are read together may still take. */
export interface Allowance {
  /** Bytes of elements. */
  bytes: number;
  /** Bytes of the file: in honest ones no two datasets share any. */
  readonly stored: { left: number };
  /** Bytes of elements that were never written: as much as the file or this, with nothing to show for it. */
  unwritten: number;
}

const UNWRITTEN = 65536;

export function createAllowance(file: Hdf5File, maxBytes?: number): Allowance {
  const size = file.bytes.length;
  const unwritten = Math.max(UNWRITTEN, size);
  return { bytes: maxBytes ?? inflatable(size), stored: { left: size }, unwritten };
}

/**
 * Follows a dataset to its bytes and reads them through, without memory for what they stand for.
 *
 * @throws {FormatError} whatever stands against reading it
 */
export function proveDataset(dataset: Hdf5Dataset, allowance: Allowance): ProvenDataset {
  const { file, datatype, storage } = dataset.stored;
  const fail = (message: string): never => {
    throw broken(file, message, dataset.address);
  };
  if (datatype.kind === "unread") return fail(`${datatype.name} is not read`);
  const count = dataset.shape.reduce((product, size) => product * size, 1);
  const length = count * datatype.size;
  if (!(length <= allowance.bytes)) {
    return fail(`${length} bytes are more than the ${allowance.bytes} allowed`);
  }
  allowance.bytes -= length;

  if (storage.kind === "span") {
    if (length > storage.length) return fail(`${storage.length} bytes for ${count} elements`);
    spend(file, allowance.stored, length, storage.at);
    return { dataset, count, length, chunks: [] };
  }
  let chunks: readonly Chunk[] = [];
  let held = 0;
  if (storage.kind === "chunks") {
    if (storage.elementSize !== datatype.size || storage.chunk.length !== dataset.shape.length) {
      return fail("chunks contradict the dataset's type or shape");
    }
    if (length > 0) {
      const chunkLength = lengthOf(storage);
      if (!(chunkLength > 0 && chunkLength <= allowance.bytes + length)) {
        return fail(`chunks of ${chunkLength} bytes`);
      }
      chunks = listChunks(file, dataset.shape, storage, chunkLength);
      held = chunks.length * chunkLength;
    }
  }
  // What was never written is filled in.
  const unwritten = Math.max(0, length - held);
  if (unwritten > allowance.unwritten) {
    return fail(
      `${held} bytes of ${chunks.length} chunks cannot hold the ${length} they claim, ` +
        `${unwritten} bytes that were never written`,
    );
  }
  allowance.unwritten -= unwritten;
  if (storage.kind === "chunks") proveChunks(file, storage, chunks, allowance);
  return { dataset, count, length, chunks };
}

/** Bytes of one chunk, unpacked. */
export function lengthOf({ chunk, elementSize }: Storage & { kind: "chunks" }): number {
  return chunk.reduce((product, size) => product * size, elementSize);
}

function proveChunks(
  file: Hdf5File,
  storage: Storage & { kind: "chunks" },
  chunks: readonly Chunk[],
  allowance: Allowance,
): void {
  const { filters, elementSize } = storage;
  const length = lengthOf(storage);
  // Shuffling and checksums do not compress.
  const packed = filters.some(({ id }) => id !== 2 && id !== 3);
  for (const { at, size, mask } of chunks) {
    spend(file, allowance.stored, size, at);
    if (length > size * (packed ? MAX_DEFLATE_RATIO : 1)) {
      throw broken(file, `${size} bytes of a chunk cannot hold the ${length} they claim`, at);
    }
    const bytes = file.bytes.subarray(at, at + size);
    proveChunk(file, bytes, { filters, mask, elementSize, length, offset: at });
  }
}
