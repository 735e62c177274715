import { broken, readLatin1, readUint8, readUint16 } from "../file-view.ts";
import { readDataspace } from "./dataspace.ts";
import { readDatatype } from "./datatype.ts";
import { decodeElements } from "./decode-elements.ts";
import type { Hdf5File } from "./hdf5-file.ts";
import type { Hdf5Data } from "./node.ts";
import type { Message } from "./object-header.ts";

/** Name and value of an attribute, or `undefined` where its type is not one that is read. */
export function readAttribute(
  file: Hdf5File,
  { at, length }: Message,
): { name: string; value: Hdf5Data } | undefined {
  const version = readUint8(file, at);
  if (version < 1 || version > 3) throw broken(file, `an attribute of version ${version}`, at);
  if (version > 1 && readUint8(file, at + 1) !== 0) return undefined;
  const [nameSize, typeSize, spaceSize] = [2, 4, 6].map((byte) => readUint16(file, at + byte));
  const pad = (size: number): number => (version === 1 ? 8 * Math.ceil(size / 8) : size);
  const nameAt = at + (version === 3 ? 9 : 8);
  const typeAt = nameAt + pad(nameSize);
  const spaceAt = typeAt + pad(typeSize);
  const dataAt = spaceAt + pad(spaceSize);
  if (dataAt > at + length) throw broken(file, "an attribute ends beyond its message", at);
  const name = readLatin1(file, nameAt, nameSize).split("\0", 1)[0];
  const datatype = readDatatype(file, typeAt, typeSize);
  if (datatype.kind === "unread") return undefined;
  const shape = readDataspace(file, spaceAt, spaceSize);
  const count = shape.reduce((product, size) => product * size, 1);
  if (dataAt + count * datatype.size > at + length) {
    throw broken(file, "an attribute ends beyond its message", at);
  }
  const data = file.bytes.subarray(dataAt, dataAt + count * datatype.size);
  return { name, value: decodeElements(file, data, datatype, count, file.budget) };
}
