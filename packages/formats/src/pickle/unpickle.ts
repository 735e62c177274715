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
import {
  append,
  build,
  decimalLine,
  fail,
  get,
  integerLine,
  keysOf,
  listOf,
  type Machine,
  pop,
  popMany,
  popToMark,
  pushCall,
  pushGlobal,
  pushHeap,
  pushPersistent,
  pushRaw,
  pushText,
  put,
  putPairs,
  setItems,
  takeLength4,
  takeLength8,
  top,
} from "./machine.ts";
import { decodeDecimal, decodeLong, parseFloatLine } from "./numbers.ts";
import { type Budget, textOf, type VmValue } from "./vm-value.ts";

/** Newest protocol there is. */
const HIGHEST_PROTOCOL = 5;

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
    if (--budget.instructions < 0) throw brokenAt(cursor, "too many instructions", start);
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
      pushHeap(machine, new Set(keysOf(machine, popToMark(machine))));
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
      for (const key of keysOf(machine, items)) target.add(key);
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
