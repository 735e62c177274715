/** Element types that have a number in every element (two in a complex one). */
export type ArrayDtype =
  | "bool"
  | "uint8"
  | "int8"
  | "uint16"
  | "int16"
  | "uint32"
  | "int32"
  | "uint64"
  | "int64"
  | "float16"
  | "bfloat16"
  | "float32"
  | "float64"
  | "complex64"
  | "complex128";

/** The array that holds the elements: the one the dtype names, `Uint16Array` bits for half floats. */
export type ArrayData =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | BigUint64Array
  | BigInt64Array
  | Float32Array
  | Float64Array;

/** An array of numbers: `data` holds the product of `shape` elements, last axis fastest. */
export interface NdArray {
  readonly kind: "ndarray";
  readonly dtype: ArrayDtype;
  readonly shape: readonly number[];
  /** [∏shape], for complex numbers [∏shape × 2] real and imaginary parts in turn */
  readonly data: ArrayData;
}

/** A window on a storage, as both Torches keep their tensors; {@link toContiguous} gives the elements. */
export interface Tensor {
  readonly kind: "tensor";
  readonly dtype: ArrayDtype;
  readonly shape: readonly number[];
  /** Elements between neighbors of each axis; 0 repeats, as `expand` does. */
  readonly strides: readonly number[];
  /** Elements before the first. */
  readonly offset: number;
  /** Little-endian elements, a view of the file; tensors of one storage have the same object here. */
  readonly storage: Uint8Array;
  readonly requiresGrad: boolean;
}

/** A bare run of elements of a Torch file, a view of it. */
export interface Storage {
  readonly kind: "storage";
  readonly dtype: ArrayDtype;
  readonly bytes: Uint8Array;
}

type ArrayOf = {
  readonly BYTES_PER_ELEMENT: number;
  new (length: number): ArrayData;
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): ArrayData;
};

/** Of each dtype the array that holds it and how many of its numbers make an element. */
export const ARRAY_DTYPES: Readonly<Record<ArrayDtype, { readonly Data: ArrayOf; lanes: 1 | 2 }>> =
  {
    bool: { Data: Uint8Array, lanes: 1 },
    uint8: { Data: Uint8Array, lanes: 1 },
    int8: { Data: Int8Array, lanes: 1 },
    uint16: { Data: Uint16Array, lanes: 1 },
    int16: { Data: Int16Array, lanes: 1 },
    uint32: { Data: Uint32Array, lanes: 1 },
    int32: { Data: Int32Array, lanes: 1 },
    uint64: { Data: BigUint64Array, lanes: 1 },
    int64: { Data: BigInt64Array, lanes: 1 },
    float16: { Data: Uint16Array, lanes: 1 },
    bfloat16: { Data: Uint16Array, lanes: 1 },
    float32: { Data: Float32Array, lanes: 1 },
    float64: { Data: Float64Array, lanes: 1 },
    complex64: { Data: Float32Array, lanes: 2 },
    complex128: { Data: Float64Array, lanes: 2 },
  };

/** Bytes of one element. */
export function sizeOf(dtype: ArrayDtype): number {
  const { Data, lanes } = ARRAY_DTYPES[dtype];
  return Data.BYTES_PER_ELEMENT * lanes;
}

/** Product of a shape; beyond 2⁵³ it loses digits but never comes back to a size that exists. */
export function countOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** Whether a value is a list of whole numbers from 0, of no more axes than any array has. */
export function isShape(value: unknown): value is readonly number[] {
  return (
    Array.isArray(value) &&
    value.length <= 64 &&
    value.every((size) => Number.isSafeInteger(size) && size >= 0)
  );
}
