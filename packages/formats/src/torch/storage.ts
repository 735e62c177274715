import type { ArrayDtype } from "../array/nd-array.ts";

const STORAGES: Readonly<Record<string, ArrayDtype>> = {
  BoolStorage: "bool",
  ByteStorage: "uint8",
  CharStorage: "int8",
  ShortStorage: "int16",
  IntStorage: "int32",
  LongStorage: "int64",
  HalfStorage: "float16",
  BFloat16Storage: "bfloat16",
  FloatStorage: "float32",
  DoubleStorage: "float64",
  ComplexFloatStorage: "complex64",
  ComplexDoubleStorage: "complex128",
  UntypedStorage: "uint8",
  // Quantized numbers, of which only the codes lie here.
  QInt8Storage: "int8",
  QUInt8Storage: "uint8",
  QInt32Storage: "int32",
};

const NAMES: ReadonlySet<string> = new Set<ArrayDtype>([
  "bool",
  "uint8",
  "int8",
  "uint16",
  "int16",
  "uint32",
  "int32",
  "uint64",
  "int64",
  "float16",
  "bfloat16",
  "float32",
  "float64",
  "complex64",
  "complex128",
]);

/** The dtype of a storage class such as `FloatStorage`, on whichever device. */
export function dtypeOfStorage(className: string): ArrayDtype | undefined {
  return Object.hasOwn(STORAGES, className) ? STORAGES[className] : undefined;
}

/** The dtype that `torch.<name>` is. */
export function dtypeOfName(name: string): ArrayDtype | undefined {
  return NAMES.has(name) ? (name as ArrayDtype) : undefined;
}
