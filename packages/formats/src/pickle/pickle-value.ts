import type { NdArray, Storage, Tensor } from "../array/nd-array.ts";

/**
 * What a pickle holds. Python's lists and tuples are arrays, its dicts maps, its sets sets; integers
 * beyond ±2⁵³ are bigints; `str` of Python 2 is text with one character per byte.
 * Values that were shared or cyclic in Python are so here.
 */
export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly PickleValue[]
  | ReadonlyMap<PickleValue, PickleValue>
  | ReadonlySet<PickleValue>
  | NdArray
  | ObjectArray
  | SparseMatrix
  | Chumpy
  | Tensor
  | Storage
  | PickleGlobal
  | PickleObject
  | PicklePersistent;

/** A NumPy array of texts or of any values; `data` holds the product of `shape`, last axis fastest. */
export interface ObjectArray {
  readonly kind: "object-array";
  readonly dtype: "object" | "string";
  readonly shape: readonly number[];
  readonly data: readonly PickleValue[];
}

/** A matrix of SciPy; `toDense` gives its elements. */
export type SparseMatrix = CompressedMatrix | CoordinateMatrix;

/** Compressed columns (`csc`) or rows (`csr`): line k has the elements indptr[k] … indptr[k+1]−1. */
export interface CompressedMatrix {
  readonly kind: "sparse";
  readonly format: "csc" | "csr";
  /** rows, columns */
  readonly shape: readonly number[];
  readonly data: NdArray;
  /** Row of each element in a column, column in a row. */
  readonly indices: NdArray;
  readonly indptr: NdArray;
}

/** Element k lies at rows[k], columns[k]; equal places add up. */
export interface CoordinateMatrix {
  readonly kind: "sparse";
  readonly format: "coo";
  /** rows, columns */
  readonly shape: readonly number[];
  readonly data: NdArray;
  readonly rows: NdArray;
  readonly columns: NdArray;
}

/** A `chumpy.Ch`, the differentiable array of the SMPL family: only its value. */
export interface Chumpy {
  readonly kind: "chumpy";
  readonly x: NdArray;
}

/** The name of a class or function, inert. */
export interface PickleGlobal {
  readonly kind: "global";
  readonly module: string;
  readonly name: string;
}

/**
 * A value that Python would make by calling something, which nothing here does: what would be called,
 * with what, and what would then be put into it.
 */
export interface PickleObject {
  readonly kind: "object";
  /** Module and name of what would be called; both empty when that is no global but `args[0]`. */
  readonly module: string;
  readonly name: string;
  readonly args: readonly PickleValue[];
  /** What `__setstate__` would get, or the attributes. */
  readonly state: PickleValue | undefined;
  /** What `append` would get. */
  readonly items: readonly PickleValue[] | undefined;
  /** What `__setitem__` would get. */
  readonly entries: ReadonlyMap<PickleValue, PickleValue> | undefined;
}

/** Something that the pickle says lies elsewhere. */
export interface PicklePersistent {
  readonly kind: "persistent";
  readonly id: PickleValue;
}
