import { broken, readLatin1, readUint16, viewFile } from "../file-view.ts";
import type { MatValue } from "./mat-value.ts";
import { readHdf5Variables } from "./read-hdf5-variables.ts";
import { readVariables } from "./read-variables.ts";

/** Options of {@link readMat}. */
export interface ReadMatOptions {
  /** Most bytes to unpack to, together; 64 MiB and 16 times the file unless told. */
  readonly maxBytes?: number;
}

/**
 * Reads the variables of a MATLAB file, version 5 (also 6 and 7, compressed) or 7.3.
 *
 * Arrays stay column-major, and in the narrow type in which version 5 keeps whole numbers whatever
 * their class: doubles may come as bytes. They are views of `bytes` where alignment allows it, so treat
 * both as read-only. Every compressed variable is proven before memory is taken for the first. Function handles and new-style objects become inert values that only name their class.
 *
 * @param bytes the whole file
 * @returns variable name → value, in file order
 * @throws {FormatError} when the file is truncated, contradicts itself, unpacks to more than
 *   `maxBytes`, has more than 250,000 values, or is of version 4
 */
export function readMat(
  bytes: Uint8Array,
  options: ReadMatOptions = {},
): ReadonlyMap<string, MatValue> {
  const { maxBytes } = options;
  const probe = viewFile(bytes, "mat");
  if (bytes.length < 128) throw broken(probe, `expected 128 bytes or more, got ${bytes.length}`, 0);
  const order = readLatin1(probe, 126, 2);
  if (order !== "IM" && order !== "MI") {
    throw broken(probe, "expected the header of version 5 or 7.3 (version 4 is not read)", 126);
  }
  const file = viewFile(bytes, "mat", order === "IM");
  const version = readUint16(file, 124);
  if (version === 0x0200) return readHdf5Variables(bytes, maxBytes);
  if (version !== 0x0100) throw broken(file, `version ${version} is unknown`, 124);
  return readVariables(file, maxBytes);
}
