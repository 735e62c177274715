export type { ArrayData, ArrayDtype, Storage, Tensor } from "./array/nd-array.ts";
export { toContiguous } from "./array/to-contiguous.ts";
export { toFloat32, toFloat64 } from "./array/to-float.ts";
export { FormatError, isFormatError } from "./format-error.ts";
export type { LuaFunction, LuaObject, LuaTable, LuaValue } from "./torch7/lua-value.ts";
export { type ReadTorch7Options, readTorch7 } from "./torch7/read-torch7.ts";
export { toList } from "./torch7/to-list.ts";
