import {
  brokenAt,
  type Cursor,
  takeBytes,
  takeFloat64,
  takeInt32,
  takeInt64,
  takeLine,
  takeUint8,
  takeUint16,
  takeUint32,
} from "../cursor/cursor.ts";
import { decodeLatin1, decodeUtf8 } from "../cursor/decode-text.ts";
import { unescapeBytes, unescapeText } from "./escapes.ts";
import { decodeDecimal, decodeLong, parseFloatLine } from "./numbers.ts";
import type { PickleValue } from "./pickle-value.ts";
import {
  type Budget,
  isGlobal,
  isObject,
  isRaw,
  type MutableObject,
  type Raw,
  spendBytes,
  spendObject,
  textOf,
  type VmValue,
} from "./vm-value.ts";

/** Newest protocol there is. */
const HIGHEST_PROTOCOL = 5;

/** Longest Python 2 `str` that becomes text at once; arrays' bytes are longer and stay a view. */
const SHORT = 64;

interface Machine {
  readonly cursor: Cursor;
  readonly budget: Budget;
  readonly stack: VmValue[];
  /** Heights of the stack at the open marks. */
  readonly marks: number[];
  readonly memo: Map<number, VmValue>;
  readonly persistents: VmValue[];
}

/**
 * Runs the stack machine of one pickle, from where the cursor stands to just after its STOP.
 *
 * The machine knows no class and calls nothing: what Python would call becomes an object of kind
 * "object" that says what and with what. {@link recognize} makes arrays of those it knows.
 * There is no recursion, so deep nesting costs only objects, and those are counted.
 *
 * @param persistents gets the id of everything that lies elsewhere
 * @throws {FormatError} when the pickle is truncated, malformed or over the budget
 */
export function unpickle(cursor: Cursor, budget: Budget, persistents: VmValue[] = []): VmValue {
  const machine: Machine = { cursor, budget, stack: [], marks: [], memo: new Map(), persistents };
  for (;;) {
    const start = cursor.at;
    const opcode = takeUint8(cursor);
    if (opcode === 0x2e) {
      const value = pop(machine);
      if (machine.stack.length > 0) throw brokenAt(cursor, "values are left over", start);
      return value;
    }
    step(machine, opcode, start);
  }
}

/** One instruction; the letters are those of the pickle format's own description. */
function step(machine: Machine, opcode: number, start: number): void {
  const { cursor, stack } = machine;
  switch (opcode) {
    // Stack and memo
    case 0x28: // ( MARK
      machine.marks.push(stack.length);
      return;
    case 0x30: // 0 POP
      if (machine.marks.length > 0 && machine.marks.at(-1) === stack.length) machine.marks.pop();
      else pop(machine);
      return;
    case 0x31: // 1 POP_MARK
      popToMark(machine);
      return;
    case 0x32: // 2 DUP
      stack.push(top(machine));
      return;
    case 0x70: // p PUT
      put(machine, decimalLine(machine));
      return;
    case 0x71: // q BINPUT
      put(machine, takeUint8(cursor));
      return;
    case 0x72: // r LONG_BINPUT
      put(machine, takeUint32(cursor));
      return;
    case 0x94: // MEMOIZE
      put(machine, machine.memo.size);
      return;
    case 0x67: // g GET
      get(machine, decimalLine(machine), start);
      return;
    case 0x68: // h BINGET
      get(machine, takeUint8(cursor), start);
      return;
    case 0x6a: // j LONG_BINGET
      get(machine, takeUint32(cursor), start);
      return;
    case 0x80: {
      const protocol = takeUint8(cursor);
      if (protocol > HIGHEST_PROTOCOL) {
        throw brokenAt(cursor, `protocol ${protocol} is not known`, start);
      }
      return;
    }
    case 0x95: {
      // FRAME: only a hint of how much to read at once.
      const length = takeInt64(cursor);
      if (length < 0 || length > cursor.bytes.length - cursor.at) {
        throw brokenAt(cursor, `frame of ${length} bytes ends beyond the file`, start);
      }
      return;
    }

    // Constants and numbers
    case 0x4e: // N NONE
      stack.push(null);
      return;
    case 0x88: // NEWTRUE
      stack.push(true);
      return;
    case 0x89: // NEWFALSE
      stack.push(false);
      return;
    case 0x49: // I INT; "01" and "00" are booleans
      stack.push(integerLine(machine, start));
      return;
    case 0x4c: // L LONG
      stack.push(decodeDecimal(takeLine(cursor)) ?? fail(machine, "malformed integer", start));
      return;
    case 0x4a: // J BININT
      stack.push(takeInt32(cursor));
      return;
    case 0x4b: // K BININT1
      stack.push(takeUint8(cursor));
      return;
    case 0x4d: // M BININT2
      stack.push(takeUint16(cursor));
      return;
    case 0x8a: // LONG1
      stack.push(decodeLong(takeBytes(cursor, takeUint8(cursor))));
      return;
    case 0x8b: {
      const length = takeLength4(machine);
      // Wider than any number in use; wider ones take more than linear time.
      if (length > 4096) throw brokenAt(cursor, `integer of ${length} bytes is too large`, start);
      stack.push(decodeLong(takeBytes(cursor, length)));
      return;
    }
    case 0x46: // F FLOAT
      stack.push(parseFloatLine(takeLine(cursor)) ?? fail(machine, "malformed float", start));
      return;
    case 0x47: // G BINFLOAT
      stack.push(takeFloat64(cursor, false));
      return;

    // Text and bytes
    case 0x53: // S STRING
      pushRaw(machine, unescapeBytes(takeLine(cursor)) ?? fail(machine, "malformed string", start));
      return;
    case 0x54: // T BINSTRING
      pushRaw(machine, takeBytes(cursor, takeLength4(machine)));
      return;
    case 0x55: // U SHORT_BINSTRING
      pushRaw(machine, takeBytes(cursor, takeUint8(cursor)));
      return;
    case 0x56: // V UNICODE
      pushHeap(machine, unescapeText(takeLine(cursor)));
      return;
    case 0x58: // X BINUNICODE
      pushText(machine, takeUint32(cursor), start);
      return;
    case 0x8c: // SHORT_BINUNICODE
      pushText(machine, takeUint8(cursor), start);
      return;
    case 0x8d: // BINUNICODE8
      pushText(machine, takeLength8(machine), start);
      return;
    case 0x42: // B BINBYTES
      pushHeap(machine, takeBytes(cursor, takeUint32(cursor)));
      return;
    case 0x43: // C SHORT_BINBYTES
      pushHeap(machine, takeBytes(cursor, takeUint8(cursor)));
      return;
    case 0x8e: // BINBYTES8
    case 0x96: // BYTEARRAY8
      pushHeap(machine, takeBytes(cursor, takeLength8(machine)));
      return;
    case 0x97:
      throw brokenAt(cursor, "its buffers were kept outside of it (NEXT_BUFFER)", start);
    case 0x98: // READONLY_BUFFER
      top(machine);
      return;

    // Containers
    case 0x5d: // ] EMPTY_LIST
    case 0x29: // ) EMPTY_TUPLE
      pushHeap(machine, []);
      return;
    case 0x7d: // } EMPTY_DICT
      pushHeap(machine, new Map());
      return;
    case 0x8f: // EMPTY_SET
      pushHeap(machine, new Set());
      return;
    case 0x6c: // l LIST
    case 0x74: // t TUPLE
      pushHeap(machine, popToMark(machine));
      return;
    case 0x85: // TUPLE1
    case 0x86: // TUPLE2
    case 0x87: // TUPLE3
      pushHeap(machine, popMany(machine, opcode - 0x84));
      return;
    case 0x64: {
      // d DICT
      const dict = new Map<VmValue, VmValue>();
      putPairs(machine, dict, popToMark(machine), start);
      pushHeap(machine, dict);
      return;
    }
    case 0x91: // FROZENSET
      pushHeap(machine, new Set(popToMark(machine).map(keyOf)));
      return;
    case 0x61: // a APPEND
      append(machine, popMany(machine, 1), start);
      return;
    case 0x65: // e APPENDS
      append(machine, popToMark(machine), start);
      return;
    case 0x73: // s SETITEM
      setItems(machine, popMany(machine, 2), start);
      return;
    case 0x75: // u SETITEMS
      setItems(machine, popToMark(machine), start);
      return;
    case 0x90: {
      // ADDITEMS
      const items = popToMark(machine);
      const target = top(machine);
      if (!(target instanceof Set)) throw brokenAt(cursor, "expected a set to add to", start);
      for (const item of items) target.add(keyOf(item));
      return;
    }

    // What Python would call
    case 0x63: {
      // c GLOBAL
      const module = decodeUtf8(takeLine(cursor));
      pushGlobal(machine, module, decodeUtf8(takeLine(cursor)), start);
      return;
    }
    case 0x93: {
      // STACK_GLOBAL
      const [module, name] = popMany(machine, 2).map(textOf);
      pushGlobal(machine, module, name, start);
      return;
    }
    case 0x69: {
      // i INST
      const module = decodeUtf8(takeLine(cursor));
      pushGlobal(machine, module, decodeUtf8(takeLine(cursor)), start);
      const callee = pop(machine);
      pushCall(machine, callee, popToMark(machine));
      return;
    }
    case 0x6f: {
      // o OBJ
      const [callee, ...args] = popToMark(machine);
      if (callee === undefined) throw brokenAt(cursor, "expected a class", start);
      pushCall(machine, callee, args);
      return;
    }
    case 0x52: // R REDUCE
    case 0x81: {
      // NEWOBJ
      const [callee, args] = popMany(machine, 2);
      pushCall(machine, callee!, listOf(machine, args!, start));
      return;
    }
    case 0x92: {
      // NEWOBJ_EX; keyword arguments go behind the others
      const [callee, args, keywords] = popMany(machine, 3);
      const named = keywords instanceof Map && keywords.size > 0 ? [keywords] : [];
      pushCall(machine, callee!, [...listOf(machine, args!, start), ...named]);
      return;
    }
    case 0x62: // b BUILD
      build(machine, pop(machine), start);
      return;
    case 0x50: // P PERSID
      pushPersistent(machine, decodeLatin1(takeLine(cursor)));
      return;
    case 0x51: // Q BINPERSID
      pushPersistent(machine, pop(machine));
      return;
    case 0x82: // EXT1
    case 0x83: // EXT2
    case 0x84: // EXT4
      throw brokenAt(cursor, "extension codes mean nothing outside the program that wrote them");
    default:
      throw brokenAt(cursor, `0x${opcode.toString(16).padStart(2, "0")} is no opcode`, start);
  }
}

function fail(machine: Machine, message: string, start: number): never {
  throw brokenAt(machine.cursor, message, start);
}

function top({ cursor, stack, marks }: Machine): VmValue {
  if (stack.length <= (marks.at(-1) ?? 0)) throw brokenAt(cursor, "stack is empty");
  return stack.at(-1)!;
}

function pop(machine: Machine): VmValue {
  const value = top(machine);
  machine.stack.pop();
  return value;
}

function popMany({ cursor, stack, marks }: Machine, count: number): VmValue[] {
  if (stack.length - count < (marks.at(-1) ?? 0)) throw brokenAt(cursor, "stack is empty");
  return stack.splice(stack.length - count, count);
}

function popToMark({ cursor, stack, marks }: Machine): VmValue[] {
  const mark = marks.pop();
  if (mark === undefined) throw brokenAt(cursor, "no mark is open");
  return stack.splice(mark);
}

function put(machine: Machine, index: number): void {
  machine.memo.set(index, top(machine));
  if (machine.memo.size > machine.budget.maxObjects) {
    throw brokenAt(machine.cursor, `more than ${machine.budget.maxObjects} memos`);
  }
}

function get({ cursor, memo, stack }: Machine, index: number, start: number): void {
  const value = memo.get(index);
  if (value === undefined) throw brokenAt(cursor, `memo ${index} is empty`, start);
  stack.push(value);
}

/** Pushes a value that takes memory of its own. */
function pushHeap(machine: Machine, value: VmValue): void {
  spendObject(machine.budget, machine.cursor);
  machine.stack.push(value);
}

function pushText(machine: Machine, length: number, start: number): void {
  const text = decodeUtf8(takeBytes(machine.cursor, length));
  if (text === undefined) throw brokenAt(machine.cursor, "text is not UTF-8", start);
  pushHeap(machine, text);
}

/** Python 2's `str`, text or the bytes of an array: which, only the use tells. */
function pushRaw(machine: Machine, bytes: Uint8Array): void {
  if (bytes.length <= SHORT) pushHeap(machine, decodeLatin1(bytes));
  else pushHeap(machine, { kind: "raw", bytes } satisfies Raw);
}

function pushPersistent(machine: Machine, id: VmValue): void {
  machine.persistents.push(id);
  pushHeap(machine, { kind: "persistent", id: id as PickleValue });
}

function takeLength4(machine: Machine): number {
  const start = machine.cursor.at;
  const length = takeInt32(machine.cursor);
  if (length < 0) throw brokenAt(machine.cursor, "negative length", start);
  return length;
}

function takeLength8(machine: Machine): number {
  const start = machine.cursor.at;
  const length = takeInt64(machine.cursor);
  if (length < 0) throw brokenAt(machine.cursor, "negative length", start);
  return length;
}

function decimalLine(machine: Machine): number {
  const start = machine.cursor.at;
  const value = decodeDecimal(takeLine(machine.cursor));
  if (typeof value !== "number" || value < 0) {
    throw brokenAt(machine.cursor, "malformed memo index", start);
  }
  return value;
}

function integerLine(machine: Machine, start: number): VmValue {
  const line = takeLine(machine.cursor);
  if (line.length === 2 && line[0] === 0x30) {
    if (line[1] === 0x31) return true;
    if (line[1] === 0x30) return false;
  }
  return decodeDecimal(line) ?? fail(machine, "malformed integer", start);
}

/** Keys and members are compared by value, so they are settled at once. */
function keyOf(value: VmValue): VmValue {
  return isRaw(value) ? decodeLatin1(value.bytes) : value;
}

function putPairs(
  machine: Machine,
  target: Map<VmValue, VmValue>,
  flat: readonly VmValue[],
  start: number,
): void {
  if (flat.length % 2 !== 0) throw brokenAt(machine.cursor, "a key has no value", start);
  for (let i = 0; i < flat.length; i += 2) target.set(keyOf(flat[i]!), flat[i + 1]!);
}

function append(machine: Machine, items: readonly VmValue[], start: number): void {
  const target = top(machine);
  if (isObject(target)) target.items ??= [];
  const list = isObject(target) ? target.items : Array.isArray(target) ? target : undefined;
  if (list === undefined) throw brokenAt(machine.cursor, "expected a list to append to", start);
  for (const item of items) list.push(item);
}

function setItems(machine: Machine, flat: readonly VmValue[], start: number): void {
  const target = top(machine);
  if (isObject(target)) target.entries ??= new Map();
  const dict = isObject(target) ? target.entries : target instanceof Map ? target : undefined;
  if (dict === undefined) throw brokenAt(machine.cursor, "expected a dict to set in", start);
  putPairs(machine, dict, flat, start);
}

function listOf(machine: Machine, value: VmValue, start: number): VmValue[] {
  if (!Array.isArray(value)) throw brokenAt(machine.cursor, "expected a tuple", start);
  return value;
}

function pushGlobal(
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
function pushCall(machine: Machine, callee: VmValue, args: VmValue[]): void {
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

function build(machine: Machine, state: VmValue, start: number): void {
  const target = top(machine);
  // Attributes of a subclass of dict or list that was seen through say nothing here.
  if (target instanceof Map || target instanceof Set || Array.isArray(target)) return;
  if (!isObject(target)) throw brokenAt(machine.cursor, "expected an object to build", start);
  target.state = state;
}
