import type { NdArray } from "../array/nd-array.ts";
import { toContiguous } from "../array/to-contiguous.ts";
import type { PickleValue } from "./pickle-value.ts";
import { toDense } from "./to-dense.ts";

/**
 * The array of numbers that a value is in one way or another: an array itself, the value of a chumpy
 * array, a sparse matrix made dense, a tensor's elements; undefined for anything else.
 *
 * @throws {FormatError} when a sparse matrix contradicts itself or would be too large
 */
export function toNdArray(value: PickleValue | undefined): NdArray | undefined {
  if (typeof value !== "object" || value === null || !("kind" in value)) return undefined;
  switch (value.kind) {
    case "ndarray":
      return value;
    case "chumpy":
      return value.x;
    case "sparse":
      return toDense(value);
    case "tensor": {
      const { dtype, shape } = value;
      return { kind: "ndarray", dtype, shape, data: toContiguous(value) };
    }
    default:
      return undefined;
  }
}
