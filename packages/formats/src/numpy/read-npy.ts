import { countOf, isShape, type NdArray } from "../array/nd-array.ts";
import {
  brokenAt,
  type Cursor,
  createCursor,
  takeBytes,
  takeUint8,
  takeUint16,
  takeUint32,
} from "../cursor/cursor.ts";
import { decodeLatin1 } from "../cursor/decode-text.ts";
import type { ObjectArray } from "../pickle/pickle-value.ts";
import { recognize } from "../pickle/recognize.ts";
import { RECOGNIZERS } from "../pickle/recognizers.ts";
import { unpickle } from "../pickle/unpickle.ts";
import { type Budget, createBudget, hasKind } from "../pickle/vm-value.ts";
import { decodeArray, encodedSize } from "./decode-array.ts";
import { type NumpyDtype, parseDtype } from "./dtype.ts";

/** Limits for the pickle in an array of objects. */
export interface ReadNpyOptions {
  /** Most values with memory of their own, such as lists and texts; 250,000 unless told. */
  readonly maxObjects?: number;
  /** Deepest nesting; 1000 unless told. */
  readonly maxDepth?: number;
}

/** Longest header, where NumPy itself stops too. */
const MAX_HEADER_BYTES = 10_000;

/** Behind this byte come elements. */
export const HEADER_END: number = 12 + MAX_HEADER_BYTES;

/**
 * Reads a `.npy` file (versions 1 to 3), in C order whatever the file's: numbers, texts of fixed width,
 * and objects, whose pickle runs nothing.
 *
 * Numbers are a view of `bytes` where order and alignment allow it, so treat both as read-only.
 *
 * @param bytes the whole file
 * @throws {FormatError} when the file is truncated, longer than its shape says, malformed, or its
 *   elements are structured or of another unknown dtype
 */
export function readNpy(bytes: Uint8Array, options: ReadNpyOptions = {}): NdArray | ObjectArray {
  return decodeNpy(createCursor(bytes, "npy"), createBudget(bytes.length, options));
}

/**
 * Reads the header of a file of `fileSize` bytes, of which the cursor need only have the beginning.
 *
 * @throws {FormatError} when the elements would not end where the file does
 */
export function checkNpy(cursor: Cursor, fileSize: number): Header {
  const header = takeHeader(cursor);
  const { dtype, shape } = header;
  const size = encodedSize(dtype, shape);
  const left = fileSize - cursor.at;
  if (size !== undefined && size !== left) {
    throw brokenAt(cursor, `an array of shape [${shape}] expected ${size} bytes, got ${left}`);
  }
  const widthless = dtype.kind !== "number" && dtype.kind !== "object" && dtype.size === 0;
  if (widthless && countOf(shape) > 0) throw brokenAt(cursor, "texts have no width");
  return header;
}

/** The same within a budget that other arrays draw on too. */
export function decodeNpy(cursor: Cursor, budget: Budget): NdArray | ObjectArray {
  const { dtype, fortranOrder, shape } = checkNpy(cursor, cursor.bytes.length);
  if (dtype.kind === "object") return takeObjects(cursor, budget, shape);
  if (dtype.kind !== "number") {
    budget.objects += countOf(shape);
    if (budget.objects > budget.maxObjects) {
      throw brokenAt(cursor, `more than ${budget.maxObjects} texts`);
    }
  }
  const elements = takeBytes(cursor, encodedSize(dtype, shape)!);
  return decodeArray(elements, dtype, shape, fortranOrder);
}

function takeObjects(cursor: Cursor, budget: Budget, shape: readonly number[]): ObjectArray {
  const root = unpickle(cursor, budget);
  const value = recognize(root, { cursor, budget, recognizers: RECOGNIZERS });
  if (!hasKind(value as never)) throw brokenAt(cursor, "expected an array of objects");
  const array = value as ObjectArray;
  if (array.kind !== "object-array" || `${array.shape}` !== `${shape}`) {
    throw brokenAt(cursor, `expected an array of objects of shape [${shape}]`);
  }
  return array;
}

interface Header {
  readonly dtype: NumpyDtype;
  readonly fortranOrder: boolean;
  readonly shape: readonly number[];
}

function takeHeader(cursor: Cursor): Header {
  if (decodeLatin1(takeBytes(cursor, 6)) !== "\x93NUMPY") throw brokenAt(cursor, "no magic", 0);
  const major = takeUint8(cursor);
  takeUint8(cursor);
  if (major < 1 || major > 3) throw brokenAt(cursor, `version ${major} is not known`, 6);
  const length = major === 1 ? takeUint16(cursor) : takeUint32(cursor);
  if (length > MAX_HEADER_BYTES) throw brokenAt(cursor, `header of ${length} bytes is too long`, 8);
  const start = cursor.at;
  const header = decodeLatin1(takeBytes(cursor, length));

  // A dict literal of Python: three keys, none of whose values has the others' names.
  const descr = /'descr'\s*:\s*(?:'([^']*)'|(\[))/.exec(header);
  const order = /'fortran_order'\s*:\s*(True|False)/.exec(header);
  const sizes = /'shape'\s*:\s*\(([\dL,\s]*)\)/.exec(header);
  if (!descr || !order || !sizes) throw brokenAt(cursor, "header is malformed", start);
  if (descr[2]) throw brokenAt(cursor, "structured elements are not read", start);
  const dtype = parseDtype(descr[1]!);
  if (!dtype) throw brokenAt(cursor, `dtype "${descr[1]}" is not known`, start);
  const shape = sizes[1]!
    .split(",")
    .map((size) => size.trim().replace(/L$/, ""))
    .filter((size) => size !== "")
    .map(Number);
  if (!isShape(shape)) throw brokenAt(cursor, `shape (${sizes[1]}) is none`, start);
  return { dtype, fortranOrder: order[1] === "True", shape };
}
