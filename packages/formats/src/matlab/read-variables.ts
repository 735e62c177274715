import {
  broken,
  checkSpan,
  type FileView,
  NUMBER_ARRAYS,
  type NumberArray,
  type NumberType,
  readInt32,
  readLatin1,
  readNumbers,
  readUint32,
  viewFile,
} from "../file-view.ts";
import { inflatable } from "../zip/inflatable.ts";
import { inflateZlib, MAX_DEFLATE_RATIO, type ProvenZlib, proveZlib } from "../zip/inflate-zlib.ts";
import { MAX_VALUES, type MatStruct, type MatValue, textRows } from "./mat-value.ts";

const MATRIX = 14;
const COMPRESSED = 15;

/** Types of data elements. */
const ELEMENT_TYPES: Readonly<Record<number, NumberType>> = {
  1: "int8",
  2: "uint8",
  3: "int16",
  4: "uint16",
  5: "int32",
  6: "uint32",
  7: "float32",
  9: "float64",
  12: "int64",
  13: "uint64",
  16: "uint8",
  17: "uint16",
  18: "uint32",
};

/** Classes of matrices, by number. */
const CLASSES: readonly string[] = [
  "",
  "cell",
  "struct",
  "object",
  "char",
  "sparse",
  "double",
  "single",
  "int8",
  "uint8",
  "int16",
  "uint16",
  "int32",
  "uint32",
  "int64",
  "uint64",
  "function_handle",
  "opaque",
];

/** Cells within cells within structs … */
const MAX_DEPTH = 64;

/** A tagged piece of the file: `next` is where the one after it starts. */
interface Element {
  readonly type: number;
  readonly at: number;
  readonly length: number;
  readonly next: number;
}

/** What is being read: the file or a variable unpacked from it. */
interface Source extends FileView {
  /** Values that may still be made, of all variables together. */
  readonly values: { left: number };
}

/** The variables of a version 5 file. */
export function readVariables(
  file: FileView,
  maxBytes: number = inflatable(file.bytes.length),
): ReadonlyMap<string, MatValue> {
  // 1. All that is compressed is proven.
  const elements: { element: Element; packed?: ProvenZlib }[] = [];
  let left = maxBytes;
  for (let at = 128; at < file.bytes.length; ) {
    const element = readElement(file, at);
    at = element.next;
    if (element.type === COMPRESSED) {
      const packed = prove(file, element, left);
      left -= packed.size;
      elements.push({ element, packed });
    } else if (element.type === MATRIX) elements.push({ element });
    else {
      const { type } = element;
      throw broken(file, `expected a variable, got an element of type ${type}`, element.at);
    }
  }

  // 2. The variables.
  const variables = new Map<string, MatValue>();
  const values = { left: MAX_VALUES };
  for (const { element, packed } of elements) {
    let source: Source = { ...file, values };
    let matrix = element;
    if (packed) {
      source = { ...viewFile(inflateZlib(packed), "mat", file.littleEndian), values };
      matrix = readElement(source, 0);
      if (matrix.type !== MATRIX) throw broken(file, "expected a variable", element.at);
    }
    const { name, value } = readMatrix(source, matrix, 0);
    // A nameless variable is MATLAB's own workspace of objects.
    if (name !== "") variables.set(name, value);
  }
  return variables;
}

function prove(file: FileView, element: Element, budget: number): ProvenZlib {
  const { at, length } = element;
  return proveZlib(
    file.bytes.subarray(at, at + length),
    (start) => {
      if (start.length < 8) return undefined;
      const size = 8 + readUint32(viewFile(start, "mat", file.littleEndian), 4);
      if (size > MAX_DEFLATE_RATIO * length) {
        throw broken(file, `${length} bytes cannot unpack to the ${size} they claim`, at);
      }
      if (size > budget) throw broken(file, `variables unpack to more than allowed`, at);
      return size;
    },
    "mat",
    at,
  );
}

/** Counts what takes more memory than its bytes. */
function spend(source: Source, count: number, at: number): void {
  source.values.left -= count;
  if (!(source.values.left >= 0)) throw broken(source, `more than ${MAX_VALUES} values`, at);
}

function readElement(file: FileView, at: number): Element {
  const first = readUint32(file, at);
  if (first >>> 16 !== 0) {
    // Small elements keep up to four bytes within the tag.
    const length = first >>> 16;
    if (length > 4) throw broken(file, `a small element of ${length} bytes`, at);
    checkSpan(file, at, 8);
    return { type: first & 0xffff, at: at + 4, length, next: at + 8 };
  }
  const length = readUint32(file, at + 4);
  checkSpan(file, at + 8, length);
  // Some writers leave out the padding of the last element.
  const padded = first === COMPRESSED ? length : 8 * Math.ceil(length / 8);
  const next = Math.min(at + 8 + padded, file.bytes.length);
  return { type: first, at: at + 8, length, next };
}

/** Reads the elements of one matrix in turn. */
function readMatrix(
  file: Source,
  matrix: Element,
  depth: number,
): { name: string; value: MatValue } {
  spend(file, 1, matrix.at);
  if (depth > MAX_DEPTH)
    throw broken(file, `more than ${MAX_DEPTH} values in one another`, matrix.at);
  if (matrix.length === 0) {
    const data = new Float64Array(0);
    return { name: "", value: { kind: "array", className: "double", shape: [0, 0], data } };
  }
  const end = matrix.at + matrix.length;
  let at = matrix.at;
  const next = (): Element => {
    const element = readElement(file, at);
    if (element.at + element.length > end) {
      throw broken(file, "an element reaches beyond its variable", at);
    }
    at = element.next;
    return element;
  };

  // 1. Class, size, name.
  const flags = readUint32(file, next().at);
  const className = CLASSES[flags & 0xff];
  if (!className) throw broken(file, `class ${flags & 0xff} is unknown`, matrix.at);
  const complex = (flags & 0x0800) !== 0;
  const logical = (flags & 0x0200) !== 0;
  // An object of its own class has no size: its elements are in another order.
  if (className === "opaque" || className === "function_handle") {
    if (className === "function_handle") next();
    const element = next();
    const name = readLatin1(file, element.at, Math.min(element.length, 63));
    return { name, value: { kind: "inert", className } };
  }
  const shape = readShape(file, next());
  const count = shape.reduce((product, size) => product * size, 1);
  const nameElement = next();
  const name = readLatin1(file, nameElement.at, nameElement.length);

  // 2. Content.
  const numbers = (expected?: number): NumberArray => readData(file, next(), expected);
  const places = (): Int32Array => {
    const element = next();
    const data = readData(file, element);
    if (data instanceof Int32Array) return data;
    throw broken(file, "places in a sparse matrix that are no 32-bit integers", element.at);
  };
  const children = (total: number): MatValue[] => {
    if (total > matrix.length / 8) throw broken(file, `${total} values in too few bytes`, at);
    return Array.from({ length: total }, () => {
      const child = next();
      if (child.type !== MATRIX) throw broken(file, "expected a value", child.at);
      return readMatrix(file, child, depth + 1).value;
    });
  };
  const fields = (kindName: string): MatStruct => {
    const widthElement = next();
    const width = widthElement.length >= 4 ? readInt32(file, widthElement.at) : 0;
    const list = next();
    if (!(width > 0) || list.length % width !== 0) {
      if (list.length > 0) throw broken(file, "the names of fields are not of one width", list.at);
    }
    if (width > 0) spend(file, list.length / width, list.at);
    const names = Array.from(
      { length: list.length === 0 ? 0 : list.length / width },
      (_, i) => readLatin1(file, list.at + i * width, width).split("\0", 1)[0],
    );
    const total = names.length * count;
    // Structs without fields take no bytes at all.
    spend(file, count, at);
    const values = children(total);
    const elements = Array.from(
      { length: count },
      (_, i) => new Map(names.map((field, f) => [field, values[i * names.length + f]])),
    );
    return { kind: "struct", className: kindName, shape, elements };
  };
  switch (className) {
    case "cell":
      return { name, value: { kind: "cell", shape, values: children(count) } };
    case "struct":
      return { name, value: fields("struct") };
    case "object": {
      const element = next();
      return { name, value: fields(readLatin1(file, element.at, element.length)) };
    }
    case "char":
      spend(file, shape[0], at);
      return { name, value: { kind: "text", shape, rows: readText(file, next(), shape, count) } };
    case "sparse": {
      const rows = places();
      const columnStarts = places();
      checkSparse(file, shape, rows, columnStarts, at);
      const data = numbers().subarray(0, rows.length) as NumberArray;
      const imaginary = complex ? (numbers().subarray(0, rows.length) as NumberArray) : undefined;
      if (data.length < columnStarts[shape[1]]) throw broken(file, "too few elements", at);
      const size = [shape[0], shape[1]] as const;
      const value = { kind: "sparse", shape: size, rows, columnStarts, data } as const;
      return { name, value: imaginary ? { ...value, imaginary } : value };
    }
    default: {
      const data = numbers(count);
      const value = {
        kind: "array",
        className: logical ? "logical" : className,
        shape,
        data,
      } as const;
      return { name, value: complex ? { ...value, imaginary: numbers(count) } : value };
    }
  }
}

function readShape(file: FileView, element: Element): number[] {
  if (element.length < 8 || element.length > 4 * 32) {
    throw broken(file, `a shape of ${element.length} bytes`, element.at);
  }
  return Array.from({ length: Math.floor(element.length / 4) }, (_, i) => {
    const size = readInt32(file, element.at + 4 * i);
    if (size < 0) throw broken(file, `a size of ${size}`, element.at);
    return size;
  });
}

/** Elements in the type they are stored in, the narrowest that holds them, whatever their class. */
function readData(file: FileView, element: Element, expected?: number): NumberArray {
  const stored = ELEMENT_TYPES[element.type];
  if (!stored) throw broken(file, `numbers of the unknown type ${element.type}`, element.at);
  const count = element.length / NUMBER_ARRAYS[stored].BYTES_PER_ELEMENT;
  if (!Number.isInteger(count) || (expected !== undefined && count !== expected)) {
    throw broken(file, `${element.length} bytes for ${expected ?? "some"} ${stored}`, element.at);
  }
  return readNumbers(file, element.at, count, stored);
}

function readText(
  file: FileView,
  element: Element,
  shape: readonly number[],
  count: number,
): string[] {
  const stored = ELEMENT_TYPES[element.type];
  if (!stored) throw broken(file, `text of the unknown type ${element.type}`, element.at);
  let codes: ArrayLike<number> = readNumbers(
    file,
    element.at,
    Math.floor(element.length / NUMBER_ARRAYS[stored].BYTES_PER_ELEMENT),
    stored,
  ) as ArrayLike<number>;
  // UTF-8 takes several bytes for one character of the shape.
  if (element.type === 16 && codes.length !== count) {
    const text = decodeUtf8(codes as Uint8Array);
    codes = Uint16Array.from({ length: text.length }, (_, i) => text.charCodeAt(i));
  }
  if (codes.length !== count) throw broken(file, "text is not as long as its shape", element.at);
  return textRows(codes, shape);
}

/** Every platform has it; the language's own type library does not. */
declare const TextDecoder: new () => { decode(bytes: Uint8Array): string };

function decodeUtf8(bytes: Uint8Array): string {
  return new TextDecoder().decode(new Uint8Array(bytes));
}

function checkSparse(
  file: FileView,
  shape: readonly number[],
  rows: Int32Array,
  columnStarts: Int32Array,
  at: number,
): void {
  const sorted =
    shape.length === 2 &&
    columnStarts.length === shape[1] + 1 &&
    columnStarts[0] === 0 &&
    columnStarts.every((start, j) => j === 0 || start >= columnStarts[j - 1]);
  if (!sorted) throw broken(file, "a sparse matrix without order", at);
  const used = columnStarts[shape[1]];
  if (used > rows.length) throw broken(file, "a sparse matrix of too few elements", at);
  for (let i = 0; i < used; i++) {
    if (!(rows[i] >= 0 && rows[i] < shape[0])) throw broken(file, `row ${rows[i]}`, at);
  }
}
