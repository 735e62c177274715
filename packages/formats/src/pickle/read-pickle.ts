import { createCursor } from "../cursor/cursor.ts";
import type { PickleValue } from "./pickle-value.ts";
import { recognize } from "./recognize.ts";
import { RECOGNIZERS } from "./recognizers.ts";
import { unpickle } from "./unpickle.ts";
import { createBudget } from "./vm-value.ts";

export interface ReadPickleOptions {
  /** Most values with memory of their own, such as lists and texts; 250,000 unless told. */
  readonly maxObjects?: number;
  /** Deepest nesting; 1000 unless told, which is where Python itself gives up. */
  readonly maxDepth?: number;
  /** What a persistent id stands for; without it such a value is of kind "persistent". */
  readonly persistentLoad?: (id: PickleValue) => PickleValue;
}

/**
 * Reads a pickle of protocol 0 to 5 without running anything from it.
 *
 * Containers, NumPy arrays, chumpy arrays, SciPy matrices and Torch tensors become values. Whatever
 * else Python would call becomes an object of kind "object" that names it, with its arguments.
 * Numbers are views of `bytes` where order and alignment allow it, so treat both as read-only.
 * What follows the pickle in `bytes` is not looked at.
 *
 * @param bytes the whole file
 * @throws {FormatError} when the pickle is truncated, malformed, contradicts itself, keeps its buffers
 *   elsewhere, or has more or deeper objects than allowed
 */
export function readPickle(bytes: Uint8Array, options: ReadPickleOptions = {}): PickleValue {
  const cursor = createCursor(bytes, "pickle");
  const budget = createBudget(bytes.length, options);
  const root = unpickle(cursor, budget);
  const { persistentLoad } = options;
  return recognize(root, { cursor, budget, recognizers: RECOGNIZERS, persistentLoad });
}
