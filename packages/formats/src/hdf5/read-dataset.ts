import { decodeElements } from "./decode-elements.ts";
import type { Hdf5Data, Hdf5Dataset } from "./node.ts";
import { createAllowance, lengthOf, type ProvenDataset, proveDataset } from "./prove-dataset.ts";
import { unfilter } from "./unfilter.ts";

/** Options of {@link readDataset} and {@link readDatasets}. */
export interface ReadDatasetOptions {
  /** Most bytes that elements may take together; 64 MiB and 16 times the file unless told. */
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
  return decodeDataset(
    proveDataset(dataset, createAllowance(dataset.stored.file, options.maxBytes)),
  );
}

/**
 * The elements of several datasets of one file, all or none: memory is taken for the first when every
 * chunk of the last is known to be sound. Each is unpacked when its turn comes, so who is done with one
 * before taking the next holds one at a time.
 *
 * @param datasets datasets of `readHdf5`, none twice
 * @returns in turn what `readDataset` gives of each
 * @throws {FormatError} at once, as `readDataset` does, and when two datasets share bytes of the file
 */
export function readDatasets(
  datasets: readonly Hdf5Dataset[],
  options: ReadDatasetOptions = {},
): Generator<Hdf5Data, void, undefined> {
  if (datasets.length === 0) return decodeEach([]);
  const allowance = createAllowance(datasets[0].stored.file, options.maxBytes);
  return decodeEach(datasets.map((dataset) => proveDataset(dataset, allowance)));
}

function* decodeEach(proven: readonly ProvenDataset[]): Generator<Hdf5Data, void, undefined> {
  for (const dataset of proven) yield decodeDataset(dataset);
}

/** The elements of a dataset that was proven. */
export function decodeDataset({ dataset, count, length, chunks }: ProvenDataset): Hdf5Data {
  const { file, datatype, storage } = dataset.stored;
  // Texts of variable length may take as much again as the file.
  const budget = { left: file.bytes.length };
  if (storage.kind === "span") {
    const bytes = file.bytes.subarray(storage.at, storage.at + length);
    return decodeElements(file, bytes, datatype, count, budget);
  }
  const out = filled(length, storage.fill);
  if (storage.kind === "chunks") {
    const { chunk, elementSize, filters } = storage;
    const chunkLength = lengthOf(storage);
    for (const { at, size, mask, offset } of chunks) {
      const stored = file.bytes.subarray(at, at + size);
      const how = { filters, mask, elementSize, length: chunkLength, offset: at };
      const plain = unfilter(file, stored, how);
      copyChunk(out, dataset.shape, plain, chunk, offset, elementSize);
    }
  }
  return decodeElements(file, out, datatype, count, budget);
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
