import type { Storage, Tensor } from "../array/nd-array.ts";

/**
 * What a `.t7` file holds. Strings have one character per byte; `nil` is null; what was shared or
 * cyclic in Lua is so here.
 */
export type LuaValue =
  | null
  | boolean
  | number
  | string
  | LuaTable
  | LuaObject
  | LuaFunction
  | Tensor
  | Storage;

/** A table; a list has the keys 1, 2, … */
export type LuaTable = ReadonlyMap<LuaValue, LuaValue>;

/** An object of a class, inert, such as a layer of nn. */
export interface LuaObject {
  readonly kind: "object";
  /** As `nn.SpatialConvolution` */
  readonly className: string;
  /** Its attributes, for nearly all classes a table. */
  readonly fields: LuaValue;
}

/** A function's bytecode, never run. */
export interface LuaFunction {
  readonly kind: "function";
  readonly bytecode: Uint8Array;
  readonly upvalues: LuaValue;
}
