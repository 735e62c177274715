export type { ArrayData, ArrayDtype, NdArray, Storage, Tensor } from "./array/nd-array.ts";
export { toContiguous } from "./array/to-contiguous.ts";
export { toFloat32, toFloat64 } from "./array/to-float.ts";
export { FormatError, isFormatError } from "./format-error.ts";
export type { PickleGlobal, PickleObject, PickleValue } from "./pickle/pickle-value.ts";
export { type ReadTorchOptions, readTorch } from "./torch/read-torch.ts";
