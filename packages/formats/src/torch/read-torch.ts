import { brokenAt, type Cursor, createCursor } from "../cursor/cursor.ts";
import { decodeLatin1 } from "../cursor/decode-text.ts";
import type { PickleValue } from "../pickle/pickle-value.ts";
import { recognize } from "../pickle/recognize.ts";
import { RECOGNIZERS } from "../pickle/recognizers.ts";
import { unpickle } from "../pickle/unpickle.ts";
import { type Budget, createBudget } from "../pickle/vm-value.ts";
import { inflatable } from "../zip/inflatable.ts";
import { extractEntry, listZip, proveEntries } from "../zip/read-zip.ts";
import { loadPersistent } from "./load-persistent.ts";
import { readLegacyStream } from "./read-legacy-stream.ts";

export interface ReadTorchOptions {
  /** Most values with memory of their own, such as lists and texts; 250,000 unless told. */
  readonly maxObjects?: number;
  /** Deepest nesting; 1000 unless told. */
  readonly maxDepth?: number;
  /**
   * Most bytes that compressed parts of a zip may take together; 64 MiB and 16 times the file unless
   * told. Torch itself compresses none.
   */
  readonly maxInflatedBytes?: number;
}

/**
 * Reads what `torch.save` wrote (.pt, .pth, .ckpt, in zips since 1.6 and in streams before) without
 * running anything from it; of a TorchScript archive the attributes of its modules.
 *
 * Tensors are windows on storages that are views of `bytes`, so reading copies none of them;
 * `toContiguous` and `toFloat32` give their elements. Classes that are not Torch's stay inert objects
 * of kind "object". A state dict is a map of names to tensors.
 *
 * @param bytes the whole file
 * @throws {FormatError} when the file is truncated, contradicts itself, is of another kind or big-endian,
 *   or has more or deeper objects than allowed
 */
export function readTorch(bytes: Uint8Array, options: ReadTorchOptions = {}): PickleValue {
  const cursor = createCursor(bytes, "torch");
  const budget = createBudget(bytes.length, options);
  if (bytes[0] === 0x50 && bytes[1] === 0x4b) return readArchive(cursor, budget, options);
  if (decodeLatin1(bytes.subarray(257, 262)) === "ustar") {
    throw brokenAt(cursor, "archives of Torch before 0.1.10 (tar) are not read", 0);
  }
  // Pickles of protocol 2 and up start with their number, of 0 and 1 here with a long integer.
  if (bytes[0] !== 0x80 && bytes[0] !== 0x4c) {
    throw brokenAt(cursor, "is neither a zip nor a stream of torch.save", 0);
  }
  return readLegacyStream(cursor, budget, RECOGNIZERS);
}

function readArchive(archive: Cursor, budget: Budget, options: ReadTorchOptions): PickleValue {
  const { bytes } = archive;
  const files = listZip(bytes, "torch");
  const names = [...files.keys()].filter((name) => /(^|\/)data\.pkl$/.test(name));
  if (names.length !== 1) {
    throw brokenAt(archive, `expected one data.pkl in the zip, got ${names.length}`, 0);
  }
  const folder = names[0]!.slice(0, -"data.pkl".length);
  const parts = [...files.values()].filter(
    ({ name }) =>
      name === names[0] || name === `${folder}byteorder` || name.startsWith(`${folder}data/`),
  );
  const maxInflated = options.maxInflatedBytes ?? inflatable(bytes.length);
  const entries = new Map(
    proveEntries(bytes, parts, "torch", maxInflated).map((entry) => [entry.name, entry]),
  );
  const order = entries.get(`${folder}byteorder`);
  if (order && decodeLatin1(extractEntry(order)) !== "little") {
    throw brokenAt(archive, "big-endian archives are not read", order.offset);
  }

  const cursor = createCursor(extractEntry(entries.get(names[0]!)!), "torch");
  const storages = new Map<string, Uint8Array>();
  const bytesOf = (key: string): Uint8Array | undefined => {
    const entry = entries.get(`${folder}data/${key}`);
    if (entry && !storages.has(key)) storages.set(key, extractEntry(entry));
    return storages.get(key);
  };
  return recognize(unpickle(cursor, budget), {
    cursor,
    budget,
    recognizers: RECOGNIZERS,
    persistentLoad: (id) => loadPersistent(id, cursor, bytesOf),
  });
}
