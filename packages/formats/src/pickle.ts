export type { ArrayData, ArrayDtype, NdArray, Storage, Tensor } from "./array/nd-array.ts";
export { toContiguous } from "./array/to-contiguous.ts";
export { toFloat32, toFloat64 } from "./array/to-float.ts";
export { FormatError, isFormatError } from "./format-error.ts";
export type {
  Chumpy,
  CompressedMatrix,
  CoordinateMatrix,
  ObjectArray,
  PickleGlobal,
  PickleObject,
  PicklePersistent,
  PickleValue,
  SparseMatrix,
} from "./pickle/pickle-value.ts";
export { type ReadPickleOptions, readPickle } from "./pickle/read-pickle.ts";
export { MAX_DENSE_ELEMENTS, toDense } from "./pickle/to-dense.ts";
export { toNdArray } from "./pickle/to-nd-array.ts";
