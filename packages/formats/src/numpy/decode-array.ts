import { gather } from "../array/gather.ts";
import { ARRAY_DTYPES, type ArrayData, countOf, type NdArray, sizeOf } from "../array/nd-array.ts";
import { swapElements, viewElements } from "../array/view-elements.ts";
import { decodeLatin1 } from "../cursor/decode-text.ts";
import type { ObjectArray } from "../pickle/pickle-value.ts";
import type { NumpyDtype } from "./dtype.ts";

/** Size in bytes of an array's elements in a file; undefined for objects, whose size is their own. */
export function encodedSize(dtype: NumpyDtype, shape: readonly number[]): number | undefined {
  if (dtype.kind === "object") return undefined;
  return countOf(shape) * (dtype.kind === "number" ? sizeOf(dtype.dtype) : dtype.size);
}

/**
 * Decodes the elements of a NumPy array from exactly {@link encodedSize} bytes, into C order.
 *
 * @returns a view of `bytes` where order and alignment allow it, else a copy
 */
export function decodeArray(
  bytes: Uint8Array,
  dtype: Exclude<NumpyDtype, { kind: "object" }>,
  shape: readonly number[],
  fortranOrder: boolean,
): NdArray | ObjectArray {
  if (dtype.kind !== "number") {
    const texts = decodeTexts(bytes, dtype, countOf(shape));
    const data = fortranOrder ? fromFortran(texts, shape) : texts;
    return { kind: "object-array", dtype: "string", shape, data };
  }
  const elements = dtype.bigEndian
    ? swapElements(bytes, dtype.dtype)
    : viewElements(bytes, dtype.dtype);
  let data: ArrayData = elements;
  if (fortranOrder && shape.filter((size) => size !== 1).length > 1) {
    data = gather(elements, dtype.dtype, shape, fortranStrides(shape), 0);
  }
  return { kind: "ndarray", dtype: dtype.dtype, shape, data };
}

/** Whether decoding an array has to copy it. */
export function needsCopy(bytes: Uint8Array, dtype: NumpyDtype, fortranOrder: boolean): boolean {
  if (dtype.kind !== "number" || dtype.bigEndian || fortranOrder) return true;
  return bytes.byteOffset % ARRAY_DTYPES[dtype.dtype].Data.BYTES_PER_ELEMENT !== 0;
}

/** Texts in Fortran order (first axis fastest) put into C order. */
function fromFortran(values: readonly string[], shape: readonly number[]): string[] {
  const strides = fortranStrides(shape);
  const index = new Array<number>(shape.length).fill(0);
  return values.map(() => {
    const from = index.reduce((sum, i, axis) => sum + i * strides[axis]!, 0);
    for (let axis = shape.length - 1; axis >= 0 && ++index[axis]! === shape[axis]; axis--) {
      index[axis] = 0;
    }
    return values[from]!;
  });
}

function fortranStrides(shape: readonly number[]): number[] {
  return shape.map((_, axis) => countOf(shape.slice(0, axis)));
}

/** Texts of fixed width, zeros at the end cut off as NumPy does. */
function decodeTexts(
  bytes: Uint8Array,
  dtype: { kind: "unicode" | "bytes"; size: number; bigEndian?: boolean },
  count: number,
): string[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const texts: string[] = [];
  for (let k = 0; k < count; k++) {
    const start = k * dtype.size;
    let text = "";
    if (dtype.kind === "bytes") text = decodeLatin1(bytes.subarray(start, start + dtype.size));
    else {
      for (let at = start; at < start + dtype.size; at += 4) {
        const code = view.getUint32(at, !dtype.bigEndian);
        text += String.fromCodePoint(code <= 0x10ffff ? code : 0xfffd);
      }
    }
    let end = text.length;
    while (end > 0 && text.charCodeAt(end - 1) === 0) end--;
    texts.push(text.slice(0, end));
  }
  return texts;
}
