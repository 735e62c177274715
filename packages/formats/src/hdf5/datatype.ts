import {
  broken,
  checkSpan,
  type NumberType,
  readUint8,
  readUint16,
  readUint32,
} from "../file-view.ts";
import type { Hdf5File } from "./hdf5-file.ts";

/** What an element is: `size` bytes of the file. */
export type Datatype =
  | {
      readonly kind: "number";
      readonly type: NumberType | "float16";
      readonly size: number;
      readonly littleEndian: boolean;
    }
  | {
      readonly kind: "string";
      readonly size: number;
      readonly utf8: boolean;
      readonly trim: boolean;
    }
  | { readonly kind: "vlen-string"; readonly size: number; readonly utf8: boolean }
  | { readonly kind: "reference"; readonly size: number }
  | { readonly kind: "unread"; readonly size: number; readonly name: string };

/** Reads a datatype message within `length` bytes. */
export function readDatatype(file: Hdf5File, at: number, length: number): Datatype {
  if (length < 8) throw broken(file, `a datatype of ${length} bytes`, at);
  checkSpan(file, at, length);
  const typeClass = readUint8(file, at) & 0x0f;
  const bits = readUint8(file, at + 1);
  const size = readUint32(file, at + 4);
  if (size === 0) throw broken(file, "a datatype of no size", at);
  const unread = (name: string): Datatype => ({ kind: "unread", size, name });
  const littleEndian = (bits & 1) === 0;
  switch (typeClass) {
    case 0:
    case 4: {
      if (![1, 2, 4, 8].includes(size)) return unread(`an integer of ${size} bytes`);
      const sign = typeClass === 0 && bits & 8 ? "int" : "uint";
      const padded =
        length >= 12 && (readUint16(file, at + 8) !== 0 || readUint16(file, at + 10) !== 8 * size);
      if (padded) return unread(`an integer of ${readUint16(file, at + 10)} bits`);
      return { kind: "number", type: `${sign}${8 * size}` as NumberType, size, littleEndian };
    }
    case 1: {
      if (length < 20) throw broken(file, "a float without its layout", at);
      const layout = [12, 13, 14, 15].map((byte) => readUint8(file, at + byte)).join();
      const known = { 2: "10,5,0,10", 4: "23,8,0,23", 8: "52,11,0,52" }[size];
      if (layout !== known || bits & 0x40) return unread(`a float of ${size} bytes, not IEEE`);
      return { kind: "number", type: `float${8 * size}` as "float32", size, littleEndian };
    }
    case 3:
      return { kind: "string", size, utf8: bits >> 4 === 1, trim: (bits & 0x0f) === 2 };
    case 7:
      return (bits & 0x0f) === 0 ? { kind: "reference", size } : unread("a region reference");
    case 8:
      // An enumeration is read as the integers it names.
      return readDatatype(file, at + 8, length - 8);
    case 9: {
      if ((bits & 0x0f) !== 1) return unread("a sequence of variable length");
      return { kind: "vlen-string", size, utf8: (readUint8(file, at + 2) & 0x0f) === 1 };
    }
    default:
      return unread(
        ["", "", "a time", "", "", "an opaque type", "a compound", "", "", "", "an array"][
          typeClass
        ] || `class ${typeClass}`,
      );
  }
}

/** The name under which a dataset shows its type. */
export function typeName(datatype: Datatype): string {
  if (datatype.kind === "number") return datatype.type === "float16" ? "float32" : datatype.type;
  if (datatype.kind === "unread") return datatype.name;
  return datatype.kind === "reference" ? "reference" : "string";
}
