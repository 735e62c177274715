import type { MatArray, MatValue } from "@headform/formats/matlab";
import { type NdArray, type PickleValue, toFloat32 } from "@headform/formats/numpy";
import { type SparseMatrix, toNdArray } from "@headform/formats/pickle";
import { badModel } from "./bad-model.ts";
import type { Table } from "./open-file.ts";

/** A sparse matrix may claim more elements than its file could pay for; joints need a tenth of this. */
const MAX_DENSE = 2 ** 22;

/** An array of a table by name, also one in a chumpy array, a sparse matrix, a tensor or an object. */
export function findArray(table: Table, key: string): NdArray | undefined {
  let value: PickleValue | undefined = table.get(key);
  // In an .npz, what is no array was put into one without axes.
  if (
    typeof value === "object" &&
    value !== null &&
    "kind" in value &&
    value.kind === "object-array"
  ) {
    value = value.data[0];
  }
  // Lists of numbers, as some writers leave them.
  if (Array.isArray(value) && value.every((item) => typeof item === "number")) {
    return {
      kind: "ndarray",
      dtype: "float64",
      shape: [value.length],
      data: Float64Array.from(value as number[]),
    };
  }
  if (isSparse(value)) {
    const { shape } = value;
    if (!(shape.length === 2 && shape[0] * shape[1] <= MAX_DENSE)) {
      throw badModel(`${key} is sparse and has shape ${shape.join("×")}`);
    }
  }
  const array = toNdArray(value);
  if (array?.dtype === "complex64" || array?.dtype === "complex128") return undefined;
  return array;
}

function isSparse(value: PickleValue | undefined): value is SparseMatrix {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "sparse";
}

/** The same, of a shape: `undefined` in it is any size. */
export function takeArray(
  table: Table,
  key: string,
  shape: readonly (number | undefined)[],
): NdArray {
  const array = findArray(table, key);
  if (!array) throw badModel(`${key} is missing or no array`);
  const fits =
    array.shape.length === shape.length &&
    shape.every((size, axis) => size === undefined || size === array.shape[axis]);
  if (!fits) throw badModel(`${key} has shape ${array.shape.join("×")}`);
  return array;
}

/** Floats of an array of a table; its shape says how many. */
export function takeFloats(
  table: Table,
  key: string,
  shape: readonly (number | undefined)[],
): { shape: readonly number[]; data: Float32Array } {
  const array = takeArray(table, key, shape);
  return { shape: array.shape, data: toFloat32(array) };
}

/** Whole numbers, each below a limit. */
export function toIndices(
  name: string,
  values: ArrayLike<number | bigint>,
  limit: number,
  first: 0 | 1 = 0,
): Uint32Array {
  const out = new Uint32Array(values.length);
  for (let i = 0; i < out.length; i++) {
    const value = Number(values[i]) - first;
    if (!(Number.isInteger(value) && value >= 0 && value < limit)) {
      throw badModel(`${name} holds ${values[i]} of ${limit}`);
    }
    out[i] = value;
  }
  return out;
}

/** A numeric variable of a MATLAB file, as floats, column-major. */
export function takeMatFloats(
  variables: ReadonlyMap<string, MatValue>,
  name: string,
): Float32Array {
  const { data } = takeMat(variables, name);
  if (data instanceof Float32Array) return data;
  const out = new Float32Array(data.length);
  for (let i = 0; i < out.length; i++) out[i] = Number(data[i]);
  return out;
}

/** A numeric variable of a MATLAB file. */
export function takeMat(variables: ReadonlyMap<string, MatValue>, name: string): MatArray {
  const value = variables.get(name);
  if (value?.kind !== "array") throw badModel(`${name} is missing or no array`);
  return value;
}
