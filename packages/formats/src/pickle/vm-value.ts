import type { NdArray, Storage, Tensor } from "../array/nd-array.ts";
import { brokenAt, type Cursor } from "../cursor/cursor.ts";
import { decodeLatin1 } from "../cursor/decode-text.ts";
import type {
  Chumpy,
  ObjectArray,
  PickleGlobal,
  PicklePersistent,
  PickleValue,
  SparseMatrix,
} from "./pickle-value.ts";

/** A value while it is being put together: as {@link PickleValue}, but it can change. */
export type VmValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | VmValue[]
  | Map<VmValue, VmValue>
  | Set<VmValue>
  | NdArray
  | ObjectArray
  | SparseMatrix
  | Chumpy
  | Tensor
  | Storage
  | PickleGlobal
  | PicklePersistent
  | MutableObject
  | Raw;

export interface MutableObject {
  readonly kind: "object";
  readonly module: string;
  readonly name: string;
  args: VmValue[];
  state: VmValue | undefined;
  items: VmValue[] | undefined;
  entries: Map<VmValue, VmValue> | undefined;
}

/** A long `str` of Python 2, still bytes. */
export interface Raw {
  readonly kind: "raw";
  readonly bytes: Uint8Array;
}

/** What a file may still take; nested pickles draw on the same. */
export interface Budget {
  readonly maxObjects: number;
  readonly maxDepth: number;
  /** Values with memory of their own made so far. */
  objects: number;
  /** Instructions that may still be run; what needs none of the above needs a place in a list. */
  instructions: number;
  /** Bytes that may still be copied. */
  bytes: number;
  /** How many pickles lie around this one. */
  nesting: number;
}

/** The budget of a file: what is copied stays within twice its size, small files aside. */
export function createBudget(
  fileSize: number,
  { maxObjects = 250_000, maxDepth = 1000 }: { maxObjects?: number; maxDepth?: number } = {},
): Budget {
  const instructions = 16 * maxObjects;
  const bytes = 2 * fileSize + 2 ** 20;
  return { maxObjects, maxDepth, objects: 0, instructions, bytes, nesting: 0 };
}

export function spendObject(budget: Budget, cursor: Cursor): void {
  if (++budget.objects > budget.maxObjects) {
    throw brokenAt(cursor, `more than ${budget.maxObjects} objects`);
  }
}

export function spendBytes(budget: Budget, cursor: Cursor, bytes: number): void {
  budget.bytes -= bytes;
  if (budget.bytes < 0) throw brokenAt(cursor, "the same bytes are used too often");
}

/** The text of a value that is a name or the like, whichever Python wrote it. */
export function textOf(value: VmValue | undefined): string | undefined {
  if (typeof value === "string") return value;
  return isRaw(value) && value.bytes.length <= 1024 ? decodeLatin1(value.bytes) : undefined;
}

/** A value as key or member: those are compared by value, so text is settled at once. */
export function keyOf(value: VmValue, budget: Budget, cursor: Cursor): VmValue {
  if (!isRaw(value)) return value;
  // The same bytes may come again and again from the memo.
  spendBytes(budget, cursor, value.bytes.length);
  return decodeLatin1(value.bytes);
}

export function isGlobal(value: VmValue | undefined): value is PickleGlobal {
  return hasKind(value) && value.kind === "global";
}

export function isObject(value: VmValue | undefined): value is MutableObject {
  return hasKind(value) && value.kind === "object";
}

export function isRaw(value: VmValue | undefined): value is Raw {
  return hasKind(value) && value.kind === "raw";
}

export function hasKind(
  value: VmValue | undefined,
): value is Extract<VmValue, { readonly kind: string }> {
  return typeof value === "object" && value !== null && "kind" in value;
}

export function isArray(value: VmValue | undefined): value is NdArray {
  return hasKind(value) && value.kind === "ndarray";
}
