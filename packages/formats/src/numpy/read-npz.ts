import type { NdArray } from "../array/nd-array.ts";
import { createCursor } from "../cursor/cursor.ts";
import type { ObjectArray } from "../pickle/pickle-value.ts";
import { createBudget } from "../pickle/vm-value.ts";
import { extractEntry, listZip } from "../zip/read-zip.ts";
import { decodeNpy, type ReadNpyOptions } from "./read-npy.ts";

export interface ReadNpzOptions extends ReadNpyOptions {
  /** Most bytes that compressed arrays may take together; 2³⁰ unless told. */
  readonly maxInflatedBytes?: number;
}

/**
 * Reads a `.npz` file, stored or compressed: its arrays by name, without ".npy". Other files in the
 * zip are left out.
 *
 * @param bytes the whole file
 * @throws {FormatError} when the zip or an array in it is truncated, malformed or contradicts itself, a
 *   checksum is wrong, or more would be inflated than allowed
 */
export function readNpz(
  bytes: Uint8Array,
  options: ReadNpzOptions = {},
): Map<string, NdArray | ObjectArray> {
  let inflatable = options.maxInflatedBytes ?? 2 ** 30;
  const budget = createBudget(bytes.length, options);
  const arrays = new Map<string, NdArray | ObjectArray>();
  for (const entry of listZip(bytes, "npz").values()) {
    if (!entry.name.endsWith(".npy")) continue;
    const content = extractEntry(bytes, entry, "npz", inflatable);
    if (entry.method !== 0) {
      inflatable -= content.length;
      budget.bytes += 2 * content.length;
    }
    arrays.set(entry.name.slice(0, -4), decodeNpy(createCursor(content, "npz"), budget));
  }
  return arrays;
}
