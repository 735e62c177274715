import { countOf, isShape } from "../array/nd-array.ts";
import { brokenAt } from "../cursor/cursor.ts";
import { encodeLatin1 } from "../cursor/decode-text.ts";
import { decodeArray, encodedSize, needsCopy } from "../numpy/decode-array.ts";
import { type NumpyDtype, parseDtype } from "../numpy/dtype.ts";
import { narrow } from "./numbers.ts";
import type { Recognition, Recognizer } from "./recognize.ts";
import {
  isArray,
  isGlobal,
  isObject,
  isRaw,
  type MutableObject,
  spendBytes,
  textOf,
  type VmValue,
} from "./vm-value.ts";

/** NumPy's arrays and scalars, under the names of versions 1 and 2. */
export const NUMPY_RECOGNIZERS: readonly (readonly [string, Recognizer])[] = [
  ["numpy.core.multiarray._reconstruct", arrayOf],
  ["numpy._core.multiarray._reconstruct", arrayOf],
  ["numpy.core.multiarray.scalar", scalarOf],
  ["numpy._core.multiarray.scalar", scalarOf],
  ["numpy.core.numeric._frombuffer", bufferOf],
  ["numpy._core.numeric._frombuffer", bufferOf],
];

/** Subclasses that keep their elements as any array does. */
const PLAIN = /^numpy\.(ndarray|matrix|memmap|(matrixlib\.)?defmatrix\.matrix|.*\.memmap)$/;

/** State: (version,) shape, dtype, whether Fortran order, elements. */
function arrayOf({ args, state }: MutableObject, context: Recognition): VmValue | undefined {
  const subclass = args[0];
  if (!isGlobal(subclass) || !PLAIN.test(`${subclass.module}.${subclass.name}`)) return undefined;
  if (!Array.isArray(state) || state.length < 4 || state.length > 5) return undefined;
  const [shape, dtype, fortran, elements] = state.slice(-4);
  return decode(elements, dtype, shape, fortran === true || fortran === 1, context);
}

/** Protocol 5: buffer, dtype, shape, "C" or "F". */
function bufferOf({ args }: MutableObject, context: Recognition): VmValue | undefined {
  const [elements, dtype, shape, order] = args;
  return decode(elements, dtype, shape, textOf(order) === "F", context);
}

/** A NumPy scalar becomes the number or text itself. */
function scalarOf({ args }: MutableObject, context: Recognition): VmValue | undefined {
  const [dtype, bytes] = args;
  const array = decode(bytes, dtype, [], false, context);
  if (!isArray(array)) return undefined;
  const { data } = array;
  if (array.dtype === "bool") return data[0] !== 0;
  if (data.length !== 1 || array.dtype === "float16") return array;
  const value = data[0]!;
  return typeof value === "bigint" ? narrow(value) : value;
}

function decode(
  elements: VmValue | undefined,
  dtypeObject: VmValue | undefined,
  shape: VmValue | undefined,
  fortranOrder: boolean,
  { budget, cursor }: Recognition,
): VmValue | undefined {
  const dtype = dtypeOf(dtypeObject);
  if (!dtype) return undefined;
  if (!isShape(shape)) throw brokenAt(cursor, "an array has no shape of whole numbers");
  const count = countOf(shape);

  if (dtype.kind === "object") {
    if (!Array.isArray(elements) || elements.length !== count) {
      throw brokenAt(cursor, `an array of shape [${shape}] does not have its ${count} objects`);
    }
    // Objects are listed in C order whatever the array's.
    return { kind: "object-array", dtype: "object", shape, data: elements as [] };
  }

  // Text has to be encoded, and may come again and again from the memo.
  if (typeof elements === "string") spendBytes(budget, cursor, elements.length);
  const bytes = bytesOf(elements);
  const size = encodedSize(dtype, shape)!;
  if (bytes === undefined || bytes.length !== size) {
    const got = bytes === undefined ? "no bytes" : `${bytes.length} bytes`;
    throw brokenAt(cursor, `an array of shape [${shape}] expected ${size} bytes, got ${got}`);
  }
  if (dtype.kind !== "number") {
    if (dtype.size === 0 && count > 0) throw brokenAt(cursor, "an array's texts have no width");
    spendBytes(budget, cursor, 16 * count);
  } else if (needsCopy(bytes, dtype, fortranOrder)) spendBytes(budget, cursor, size);
  return decodeArray(bytes, dtype, shape, fortranOrder);
}

/** numpy.dtype("f8", …) with the byte order in its state; undefined for structured and other types. */
function dtypeOf(value: VmValue | undefined): NumpyDtype | undefined {
  if (!isObject(value) || value.module !== "numpy" || value.name !== "dtype") return undefined;
  const text = textOf(value.args[0]);
  const state = Array.isArray(value.state) ? value.state : [];
  const order = textOf(state[1]) ?? "|";
  // A sub-array or named fields make it structured.
  if (text === undefined || (state[2] ?? null) !== null || (state[3] ?? null) !== null) {
    return undefined;
  }
  return parseDtype(/^[<>=|]/.test(text) ? text : order + text);
}

function bytesOf(value: VmValue | undefined): Uint8Array | undefined {
  if (value instanceof Uint8Array) return value;
  if (isRaw(value)) return value.bytes;
  return typeof value === "string" ? encodeLatin1(value) : undefined;
}
