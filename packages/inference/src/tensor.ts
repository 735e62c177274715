/** What a tensor's `data` is, by its element type. float16 and bool are carried as their raw bits and bytes. */
export interface TensorDataByType {
  readonly float32: Float32Array;
  readonly float64: Float64Array;
  readonly float16: Uint16Array;
  readonly uint8: Uint8Array;
  readonly int8: Int8Array;
  readonly uint16: Uint16Array;
  readonly int16: Int16Array;
  readonly int32: Int32Array;
  readonly uint32: Uint32Array;
  readonly int64: BigInt64Array;
  readonly uint64: BigUint64Array;
  readonly bool: Uint8Array;
}

/** Element type of a tensor. */
export type TensorType = keyof TensorDataByType;

/** A flat row-major array with its shape: the one value that goes in and out of a network. */
export interface Tensor<T extends TensorType = TensorType> {
  readonly type: T;
  /** Sizes, outermost first; their product is the length of `data`. */
  readonly dims: readonly number[];
  readonly data: TensorDataByType[T];
}

const arrayByType: { readonly [T in TensorType]: new (length: number) => TensorDataByType[T] } = {
  float32: Float32Array,
  float64: Float64Array,
  float16: Uint16Array,
  uint8: Uint8Array,
  int8: Int8Array,
  uint16: Uint16Array,
  int16: Int16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int64: BigInt64Array,
  uint64: BigUint64Array,
  bool: Uint8Array,
};

/**
 * A tensor over the given data (shared, not copied), or over zeros.
 *
 * @param type element type
 * @param dims sizes, outermost first
 * @param data [product of dims] row-major
 * @throws RangeError when a size is not a whole number ≥ 0 or the length of `data` is not their product
 * @throws TypeError when `type` is unknown or `data` is not its kind of array
 */
export function createTensor<T extends TensorType>(
  type: T,
  dims: readonly number[],
  data?: TensorDataByType[T],
): Tensor<T> {
  const ArrayOfType = arrayByType[type];
  if (!ArrayOfType) {
    throw new TypeError(
      `createTensor: expected a type out of ${Object.keys(arrayByType).join(", ")}, got ${type}`,
    );
  }
  const size = sizeOf(dims, "createTensor");
  const zerosOrData = data ?? (new ArrayOfType(size) as TensorDataByType[T]);
  const tensor: Tensor<T> = { type, dims: [...dims], data: zerosOrData };
  checkTensor(tensor, "createTensor");
  return tensor;
}

/**
 * Throws unless type, sizes and data of a tensor agree.
 *
 * @param caller whose name the message starts with
 * @throws RangeError, TypeError as {@link createTensor}
 */
export function checkTensor(tensor: Tensor, caller = "checkTensor"): void {
  const ArrayOfType = arrayByType[tensor.type];
  if (!ArrayOfType) throw new TypeError(`${caller}: expected a known type, got ${tensor.type}`);
  // By name, so that an array of another realm (a worker, an iframe) is as good as ours.
  const kind = Object.prototype.toString.call(tensor.data).slice(8, -1);
  if (kind !== ArrayOfType.name) {
    throw new TypeError(
      `${caller}: expected ${ArrayOfType.name} for type ${tensor.type}, got ${kind}`,
    );
  }
  const size = sizeOf(tensor.dims, caller);
  if (tensor.data.length !== size) {
    throw new RangeError(
      `${caller}: expected ${size} elements for dims [${tensor.dims}], got ${tensor.data.length}`,
    );
  }
}

function sizeOf(dims: readonly number[], caller: string): number {
  let size = 1;
  for (const dim of dims) {
    if (!Number.isSafeInteger(dim) || dim < 0) {
      throw new RangeError(`${caller}: expected whole sizes ≥ 0, got dims [${dims}]`);
    }
    size *= dim;
  }
  return size;
}
