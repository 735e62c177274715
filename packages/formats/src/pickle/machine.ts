import {
  brokenAt,
  type Cursor,
  takeBytes,
  takeInt32,
  takeInt64,
  takeLine,
} from "../cursor/cursor.ts";
import { decodeLatin1, decodeUtf8 } from "../cursor/decode-text.ts";
import { decodeDecimal } from "./numbers.ts";
import type { PickleValue } from "./pickle-value.ts";
import {
  type Budget,
  isGlobal,
  isObject,
  keyOf,
  type MutableObject,
  type Raw,
  spendBytes,
  spendObject,
  type VmValue,
} from "./vm-value.ts";

/** Longest Python 2 `str` that becomes text at once; arrays' bytes are longer and stay a view. */
const SHORT = 64;

/** The stack machine of one pickle under way. */
export interface Machine {
  readonly cursor: Cursor;
  readonly budget: Budget;
  readonly stack: VmValue[];
  /** Heights of the stack at the open marks. */
  readonly marks: number[];
  readonly memo: Map<number, VmValue>;
  readonly persistents: VmValue[];
}

export function fail(machine: Machine, message: string, start: number): never {
  throw brokenAt(machine.cursor, message, start);
}

export function top({ cursor, stack, marks }: Machine): VmValue {
  if (stack.length <= (marks.at(-1) ?? 0)) throw brokenAt(cursor, "stack is empty");
  return stack.at(-1)!;
}

export function pop(machine: Machine): VmValue {
  const value = top(machine);
  machine.stack.pop();
  return value;
}

export function popMany({ cursor, stack, marks }: Machine, count: number): VmValue[] {
  if (stack.length - count < (marks.at(-1) ?? 0)) throw brokenAt(cursor, "stack is empty");
  return stack.splice(stack.length - count, count);
}

export function popToMark({ cursor, stack, marks }: Machine): VmValue[] {
  const mark = marks.pop();
  if (mark === undefined) throw brokenAt(cursor, "no mark is open");
  return stack.splice(mark);
}

export function put(machine: Machine, index: number): void {
  machine.memo.set(index, top(machine));
  if (machine.memo.size > machine.budget.maxObjects) {
    throw brokenAt(machine.cursor, `more than ${machine.budget.maxObjects} memos`);
  }
}

export function get({ cursor, memo, stack }: Machine, index: number, start: number): void {
  const value = memo.get(index);
  if (value === undefined) throw brokenAt(cursor, `memo ${index} is empty`, start);
  stack.push(value);
}

/** Pushes a value that takes memory of its own. */
export function pushHeap(machine: Machine, value: VmValue): void {
  spendObject(machine.budget, machine.cursor);
  machine.stack.push(value);
}

export function pushText(machine: Machine, length: number, start: number): void {
  const text = decodeUtf8(takeBytes(machine.cursor, length));
  if (text === undefined) throw brokenAt(machine.cursor, "text is not UTF-8", start);
  pushHeap(machine, text);
}

/** Python 2's `str`, text or the bytes of an array: which, only the use tells. */
export function pushRaw(machine: Machine, bytes: Uint8Array): void {
  if (bytes.length <= SHORT) pushHeap(machine, decodeLatin1(bytes));
  else pushHeap(machine, { kind: "raw", bytes } satisfies Raw);
}

export function pushPersistent(machine: Machine, id: VmValue): void {
  machine.persistents.push(id);
  pushHeap(machine, { kind: "persistent", id: id as PickleValue });
}

export function takeLength4(machine: Machine): number {
  const start = machine.cursor.at;
  const length = takeInt32(machine.cursor);
  if (length < 0) throw brokenAt(machine.cursor, "negative length", start);
  return length;
}

export function takeLength8(machine: Machine): number {
  const start = machine.cursor.at;
  const length = takeInt64(machine.cursor);
  if (length < 0) throw brokenAt(machine.cursor, "negative length", start);
  return length;
}

export function decimalLine(machine: Machine): number {
  const start = machine.cursor.at;
  const value = decodeDecimal(takeLine(machine.cursor));
  if (typeof value !== "number" || value < 0) {
    throw brokenAt(machine.cursor, "malformed memo index", start);
  }
  return value;
}

export function integerLine(machine: Machine, start: number): VmValue {
  const line = takeLine(machine.cursor);
  if (line.length === 2 && line[0] === 0x30) {
    if (line[1] === 0x31) return true;
    if (line[1] === 0x30) return false;
  }
  return decodeDecimal(line) ?? fail(machine, "malformed integer", start);
}

/** Entries of sets and dicts take memory of their own, unlike those of lists. */
export function keysOf({ budget, cursor }: Machine, values: readonly VmValue[]): VmValue[] {
  return values.map((value) => {
    spendObject(budget, cursor);
    return keyOf(value, budget, cursor);
  });
}

export function putPairs(
  machine: Machine,
  target: Map<VmValue, VmValue>,
  flat: readonly VmValue[],
  start: number,
): void {
  if (flat.length % 2 !== 0) throw brokenAt(machine.cursor, "a key has no value", start);
  for (let i = 0; i < flat.length; i += 2) {
    spendObject(machine.budget, machine.cursor);
    target.set(keyOf(flat[i]!, machine.budget, machine.cursor), flat[i + 1]!);
  }
}

export function append(machine: Machine, items: readonly VmValue[], start: number): void {
  const target = top(machine);
  if (isObject(target)) target.items ??= [];
  const list = isObject(target) ? target.items : Array.isArray(target) ? target : undefined;
  if (list === undefined) throw brokenAt(machine.cursor, "expected a list to append to", start);
  for (const item of items) list.push(item);
}

export function setItems(machine: Machine, flat: readonly VmValue[], start: number): void {
  const target = top(machine);
  if (isObject(target)) target.entries ??= new Map();
  const dict = isObject(target) ? target.entries : target instanceof Map ? target : undefined;
  if (dict === undefined) throw brokenAt(machine.cursor, "expected a dict to set in", start);
  putPairs(machine, dict, flat, start);
}

export function listOf(machine: Machine, value: VmValue, start: number): VmValue[] {
  if (!Array.isArray(value)) throw brokenAt(machine.cursor, "expected a tuple", start);
  return value;
}

export function pushGlobal(
  machine: Machine,
  module: string | undefined,
  name: string | undefined,
  start: number,
): void {
  if (module === undefined || name === undefined) {
    throw brokenAt(machine.cursor, "expected the name of a global", start);
  }
  pushHeap(machine, { kind: "global", module, name });
}

/** Python's own ways of naming a class in an argument are seen through, so that the class is named. */
export function pushCall(machine: Machine, callee: VmValue, args: VmValue[]): void {
  // The arguments may be memoized and grow behind the budget's back; a copy is paid for.
  spendBytes(machine.budget, machine.cursor, 8 * args.length);
  if (!isGlobal(callee)) {
    pushHeap(machine, callOf("", "", [callee, ...args]));
    return;
  }
  const { module, name } = callee;
  const helper = module === "copy_reg" || module === "copyreg";
  const [owner, base, initial] = args;
  if (helper && name === "_reconstructor" && isGlobal(owner)) {
    const value = isGlobal(base) && base.name !== "object" ? [initial ?? null] : [];
    pushHeap(machine, callOf(owner.module, owner.name, value));
    return;
  }
  if (helper && name === "__newobj__" && isGlobal(owner)) {
    pushHeap(machine, callOf(owner.module, owner.name, args.slice(1)));
    return;
  }
  pushHeap(machine, callOf(module, name, args.slice()));
}

function callOf(module: string, name: string, args: VmValue[]): MutableObject {
  const [state, items, entries] = [undefined, undefined, undefined];
  return { kind: "object", module, name, args, state, items, entries };
}

export function build(machine: Machine, state: VmValue, start: number): void {
  const target = top(machine);
  // Attributes of a subclass of dict or list that was seen through say nothing here.
  if (target instanceof Map || target instanceof Set || Array.isArray(target)) return;
  if (!isObject(target)) throw brokenAt(machine.cursor, "expected an object to build", start);
  target.state = state;
}
