import { type ArrayDtype, countOf, isShape, sizeOf, type Tensor } from "../array/nd-array.ts";
import { isInside } from "../array/to-contiguous.ts";
import {
  brokenAt,
  type Cursor,
  createCursor,
  takeBytes,
  takeFloat64,
  takeInt32,
  takeInt64,
} from "../cursor/cursor.ts";
import { decodeLatin1 } from "../cursor/decode-text.ts";
import type { LuaValue } from "./lua-value.ts";

export interface ReadTorch7Options {
  /** Most tables, objects and strings; 250,000 unless told. */
  readonly maxObjects?: number;
  /** Deepest nesting; 100,000 unless told, since graphs are written as chains. */
  readonly maxDepth?: number;
}

/** Something that is not whole before the values in it have been read. */
type Frame =
  | {
      readonly kind: "table";
      readonly table: Map<LuaValue, LuaValue>;
      left: number;
      key: LuaValue | undefined;
    }
  | { readonly kind: "fields"; readonly target: { fields: LuaValue } }
  | { readonly kind: "upvalues"; readonly target: { upvalues: LuaValue } }
  | { readonly kind: "storage"; readonly target: { -readonly [K in keyof Tensor]: Tensor[K] } };

interface Reader {
  readonly cursor: Cursor;
  /** Index in the file → value, for what is referred to again. */
  readonly known: Map<number, LuaValue>;
  readonly open: Frame[];
  objects: number;
  readonly maxObjects: number;
}

const ELEMENTS: Readonly<Record<string, ArrayDtype>> = {
  Byte: "uint8",
  Char: "int8",
  Short: "int16",
  Int: "int32",
  Long: "int64",
  Half: "float16",
  Float: "float32",
  Double: "float64",
};

/** Repetition (stride 0) may make more elements than a storage has, up to here. */
const MAX_REPEATED = 2 ** 24;

/**
 * Reads what `torch.save` of Torch7 wrote in its default, binary form, little-endian with eight-byte
 * longs (.t7, .net), without running anything from it.
 *
 * Tensors are windows on storages that are views of `bytes`, so buffers nobody asks for cost nothing;
 * `toContiguous` and `toFloat32` give their elements. Objects of other classes are inert, their
 * attributes a table. There is no recursion: chains of any length are read.
 *
 * @param bytes the whole file
 * @throws {FormatError} when the file is truncated, malformed, in the ASCII form, contradicts itself, or
 *   has more or deeper objects than allowed
 */
export function readTorch7(bytes: Uint8Array, options: ReadTorch7Options = {}): LuaValue {
  const { maxObjects = 250_000, maxDepth = 100_000 } = options;
  const cursor = createCursor(bytes, "torch7");
  const reader: Reader = { cursor, known: new Map(), open: [], objects: 0, maxObjects };
  // The ASCII form starts with a type number as text.
  if (bytes[0]! >= 0x30 && bytes[0]! <= 0x39 && bytes[1] === 0x0a) {
    throw brokenAt(cursor, "the ASCII form is not read", 0);
  }
  const root = takeValue(reader);
  for (let frame = reader.open.at(-1); frame !== undefined; frame = reader.open.at(-1)) {
    if (reader.open.length > maxDepth) throw brokenAt(cursor, `deeper than ${maxDepth}`);
    if (frame.kind === "table" && frame.left === 0) reader.open.pop();
    else fill(reader, frame);
  }
  return root;
}

/** Reads the next value into what is open innermost; the value may open something itself. */
function fill(reader: Reader, frame: Frame): void {
  const { cursor, open } = reader;
  const start = cursor.at;
  if (frame.kind === "table") {
    const value = takeValue(reader);
    if (frame.key === undefined) {
      if (value === null) throw brokenAt(cursor, "a key is nil", start);
      frame.key = value;
      return;
    }
    frame.table.set(frame.key, value);
    frame.key = undefined;
    frame.left--;
    return;
  }
  // The frame goes first: what the value opens must lie above what stays open.
  open.pop();
  const value = takeValue(reader);
  if (frame.kind === "fields") frame.target.fields = value;
  else if (frame.kind === "upvalues") frame.target.upvalues = value;
  else setStorage(cursor, frame.target, value, start);
}

function takeValue(reader: Reader): LuaValue {
  const { cursor } = reader;
  const start = cursor.at;
  const type = takeInt32(cursor);
  switch (type) {
    case 0:
      return null;
    case 1:
      return takeFloat64(cursor, true);
    case 2:
      return takeString(reader);
    case 3:
      return takeTable(reader, start);
    case 4:
      return takeObject(reader, start);
    case 5:
      return takeInt32(cursor) !== 0;
    case 6: // a function of the oldest files, which is not referred to again
      return takeFunction(reader, undefined);
    case 7:
    case 8:
      return takeFunction(reader, start);
    default:
      throw brokenAt(cursor, `${type} is no type of value`, start);
  }
}

/** The index of a value and, if it was read before, the value. */
function takeReference({ cursor, known }: Reader): { index: number; value: LuaValue | undefined } {
  const index = takeInt32(cursor);
  return { index, value: known.get(index) };
}

function takeTable(reader: Reader, start: number): LuaValue {
  const { index, value } = takeReference(reader);
  if (value !== undefined) return value;
  const { cursor } = reader;
  const left = takeCount(cursor, takeInt32(cursor), start);
  // A key and a value take at least eight bytes.
  if (left * 8 > cursor.bytes.length - cursor.at) {
    throw brokenAt(cursor, `a table of ${left} entries ends beyond the file`, start);
  }
  const table = new Map<LuaValue, LuaValue>();
  remember(reader, index, table);
  if (left > 0) reader.open.push({ kind: "table", table, left, key: undefined });
  return table;
}

function takeObject(reader: Reader, start: number): LuaValue {
  const { index, value } = takeReference(reader);
  if (value !== undefined) return value;
  const version = takeString(reader);
  // Files older than versions have the class name here.
  const className = version.startsWith("V ") ? takeString(reader) : version;
  const match = /^torch\.(Cuda)?([A-Z][a-z]+)?(Tensor|Storage)$/.exec(className);
  const name = match?.[2] ?? (match?.[1] ? "Float" : "");
  const dtype = Object.hasOwn(ELEMENTS, name) ? ELEMENTS[name] : undefined;
  if (match && dtype && match[3] === "Storage") return takeStorage(reader, index, dtype, start);
  if (match && dtype) return takeTensor(reader, index, dtype, start);
  const object = { kind: "object" as const, className, fields: null as LuaValue };
  remember(reader, index, object);
  reader.open.push({ kind: "fields", target: object });
  return object;
}

function takeStorage(reader: Reader, index: number, dtype: ArrayDtype, start: number): LuaValue {
  const { cursor } = reader;
  const count = takeCount(cursor, takeInt64(cursor), start);
  const bytes = takeBytes(cursor, count * sizeOf(dtype));
  const storage = { kind: "storage" as const, dtype, bytes };
  remember(reader, index, storage);
  return storage;
}

/** Number of axes, sizes, strides, 1-based offset; then comes the storage. */
function takeTensor(reader: Reader, index: number, dtype: ArrayDtype, start: number): LuaValue {
  const { cursor } = reader;
  const axes = takeInt32(cursor);
  if (axes < 0 || axes > 64) throw brokenAt(cursor, `a tensor has ${axes} axes`, start);
  const sizes = Array.from({ length: axes }, () => takeInt64(cursor));
  const strides = Array.from({ length: axes }, () => takeInt64(cursor));
  const offset = takeInt64(cursor) - 1;
  if (!isShape(sizes) || !isShape(strides)) {
    throw brokenAt(cursor, "a tensor's sizes and strides are not whole numbers", start);
  }
  // Torch7 has no scalars: a tensor without axes is empty.
  const shape = axes === 0 ? [0] : sizes;
  const target = {
    kind: "tensor" as const,
    dtype,
    shape,
    strides: axes === 0 ? [1] : strides,
    offset: countOf(shape) === 0 ? 0 : offset,
    storage: new Uint8Array(),
    requiresGrad: false,
  };
  remember(reader, index, target);
  reader.open.push({ kind: "storage", target });
  return target;
}

function setStorage(
  cursor: Cursor,
  target: { -readonly [K in keyof Tensor]: Tensor[K] },
  value: LuaValue,
  start: number,
): void {
  // An empty tensor may have none.
  if (value !== null) {
    const isStorage = typeof value === "object" && "kind" in value && value.kind === "storage";
    if (!isStorage || value.dtype !== target.dtype) {
      throw brokenAt(cursor, `a tensor's storage is not of ${target.dtype}`, start);
    }
    target.storage = value.bytes;
  }
  const { shape, storage } = target;
  if (!isInside(target)) {
    throw brokenAt(
      cursor,
      `a tensor of [${shape}] lies outside its ${storage.length} bytes`,
      start,
    );
  }
  const count = countOf(shape);
  if (count > storage.length && count > MAX_REPEATED) {
    throw brokenAt(cursor, `a tensor repeats its elements ${count} times`, start);
  }
}

function takeFunction(reader: Reader, start: number | undefined): LuaValue {
  const { cursor } = reader;
  let index: number | undefined;
  if (start !== undefined) {
    const reference = takeReference(reader);
    if (reference.value !== undefined) return reference.value;
    index = reference.index;
  }
  const bytecode = takeBytes(cursor, takeCount(cursor, takeInt32(cursor), cursor.at - 4));
  const target = { kind: "function" as const, bytecode, upvalues: null as LuaValue };
  remember(reader, index, target);
  reader.open.push({ kind: "upvalues", target });
  return target;
}

function takeString(reader: Reader): string {
  const { cursor } = reader;
  const length = takeCount(cursor, takeInt32(cursor), cursor.at - 4);
  spend(reader);
  // Near the longest text JavaScript has.
  if (length > 2 ** 28) throw brokenAt(cursor, `a string of ${length} bytes is too long`);
  return decodeLatin1(takeBytes(cursor, length));
}

function takeCount(cursor: Cursor, count: number, start: number): number {
  if (count < 0) throw brokenAt(cursor, `${count} is no count`, start);
  return count;
}

function remember(reader: Reader, index: number | undefined, value: LuaValue): void {
  spend(reader);
  if (index !== undefined) reader.known.set(index, value);
}

function spend(reader: Reader): void {
  if (++reader.objects > reader.maxObjects) {
    throw brokenAt(reader.cursor, `more than ${reader.maxObjects} objects`);
  }
}
