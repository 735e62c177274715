import { broken, readUint8 } from "../file-view.ts";
import { type Hdf5File, readLength } from "./hdf5-file.ts";

/** Sizes along each axis; none for a scalar, one of 0 for "no data". */
export function readDataspace(file: Hdf5File, at: number, length: number): number[] {
  const version = readUint8(file, at);
  const rank = readUint8(file, at + 1);
  if (version !== 1 && version !== 2) throw broken(file, `a dataspace of version ${version}`, at);
  if (version === 2 && readUint8(file, at + 3) === 2) return [0];
  const start = at + (version === 1 ? 8 : 4);
  if (rank > 32 || start + rank * file.lengthSize > at + length) {
    throw broken(file, `a dataspace of ${rank} axes in ${length} bytes`, at);
  }
  return Array.from({ length: rank }, (_, i) => readLength(file, start + i * file.lengthSize));
}
