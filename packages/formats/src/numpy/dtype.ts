import type { ArrayDtype } from "../array/nd-array.ts";

/** What the elements of a NumPy array are: numbers, texts of fixed width, or Python values. */
export type NumpyDtype =
  | { readonly kind: "number"; readonly dtype: ArrayDtype; readonly bigEndian: boolean }
  | { readonly kind: "unicode"; readonly size: number; readonly bigEndian: boolean }
  | { readonly kind: "bytes"; readonly size: number }
  | { readonly kind: "object" };

const NUMBERS: Readonly<Record<string, ArrayDtype>> = {
  b1: "bool",
  "?": "bool",
  u1: "uint8",
  i1: "int8",
  u2: "uint16",
  i2: "int16",
  u4: "uint32",
  i4: "int32",
  u8: "uint64",
  i8: "int64",
  f2: "float16",
  f4: "float32",
  f8: "float64",
  c8: "complex64",
  c16: "complex128",
};

/**
 * The dtype of an array-protocol type string: byte order, letter and size in bytes (`<f8`, `|O`,
 * `>U4`); undefined when it is none that is read.
 */
export function parseDtype(text: string): NumpyDtype | undefined {
  const match = /^([<>=|]?)([a-zA-Z?])(\d{0,9})$/.exec(text);
  if (!match) return undefined;
  const [, order, letter, digits] = match;
  // "=" is the byte order of the machine that wrote it, and those are all little-endian today.
  const bigEndian = order === ">";
  if (letter === "O") return { kind: "object" };
  if (letter === "U") return { kind: "unicode", size: 4 * Number(digits), bigEndian };
  if (letter === "S" || letter === "a") return { kind: "bytes", size: Number(digits) };
  const name = letter! + digits!;
  const dtype = Object.hasOwn(NUMBERS, name) ? NUMBERS[name] : undefined;
  return dtype && { kind: "number", dtype, bigEndian };
}
