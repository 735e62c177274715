import type { NdArray } from "../array/nd-array.ts";
import { createCursor } from "../cursor/cursor.ts";
import type { ObjectArray } from "../pickle/pickle-value.ts";
import { createBudget } from "../pickle/vm-value.ts";
import { inflatable } from "../zip/inflatable.ts";
import { extractEntry, listZip, peekEntry, proveEntries } from "../zip/read-zip.ts";
import { checkNpy, decodeNpy, HEADER_END, type ReadNpyOptions } from "./read-npy.ts";

export interface ReadNpzOptions extends ReadNpyOptions {
  /** Most bytes that compressed arrays may take together; 64 MiB and 16 times the file unless told. */
  readonly maxInflatedBytes?: number;
}

/**
 * Reads a `.npz` file, stored or compressed: its arrays by name, without ".npy". Other files in the
 * zip are left out.
 *
 * Every array's checksum and shape are proven before memory is taken for the first.
 *
 * @param bytes the whole file
 * @throws {FormatError} when the zip or an array in it is truncated, malformed or contradicts itself, a
 *   checksum is wrong, or more would be inflated than allowed
 */
export function readNpz(
  bytes: Uint8Array,
  options: ReadNpzOptions = {},
): Map<string, NdArray | ObjectArray> {
  const maxInflated = options.maxInflatedBytes ?? inflatable(bytes.length);
  const files = [...listZip(bytes, "npz").values()].filter(({ name }) => name.endsWith(".npy"));
  const entries = proveEntries(bytes, files, "npz", maxInflated);
  const scratch = new Uint8Array(HEADER_END);
  for (const entry of entries) checkNpy(createCursor(peekEntry(entry, scratch), "npz"), entry.size);

  const budget = createBudget(bytes.length, options);
  const arrays = new Map<string, NdArray | ObjectArray>();
  for (const entry of entries) {
    const content = extractEntry(entry);
    if (entry.deflated) budget.bytes += 2 * content.length;
    arrays.set(entry.name.slice(0, -4), decodeNpy(createCursor(content, "npz"), budget));
  }
  return arrays;
}
