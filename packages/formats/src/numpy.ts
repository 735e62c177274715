export type { ArrayData, ArrayDtype, NdArray } from "./array/nd-array.ts";
export { toFloat32, toFloat64 } from "./array/to-float.ts";
export { FormatError, isFormatError } from "./format-error.ts";
export { type ReadNpyOptions, readNpy } from "./numpy/read-npy.ts";
export { type ReadNpzOptions, readNpz } from "./numpy/read-npz.ts";
export { writeNpy } from "./numpy/write-npy.ts";
export type { ObjectArray, PickleValue } from "./pickle/pickle-value.ts";
