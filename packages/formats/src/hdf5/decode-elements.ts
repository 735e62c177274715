import {
  broken,
  checkSpan,
  NUMBER_ARRAYS,
  type NumberArray,
  readUint16,
  readUint32,
  reverseElements,
  viewFile,
} from "../file-view.ts";
import type { Datatype } from "./datatype.ts";
import { expectSignature, type Hdf5File, readAddress, readLength, spend } from "./hdf5-file.ts";
import type { Hdf5Data } from "./node.ts";

/** Every platform has it; the language's own type library does not. */
declare const TextDecoder: new (label: string) => { decode(bytes: Uint8Array): string };

/** A text takes more memory than its bytes. */
const MAX_TEXTS = 250_000;

/**
 * Elements from their bytes, `count · datatype.size` of them.
 *
 * @param bytes a piece of the file or of an unpacked chunk; numbers may be views of it
 * @param budget bytes that texts of variable length may still take
 */
export function decodeElements(
  file: Hdf5File,
  bytes: Uint8Array,
  datatype: Datatype,
  count: number,
  budget: { left: number },
): Hdf5Data {
  const { size } = datatype;
  if (datatype.kind.endsWith("string") && count > MAX_TEXTS) {
    throw broken(file, `more than ${MAX_TEXTS} texts`, 0);
  }
  switch (datatype.kind) {
    case "number":
      return decodeNumbers(bytes, datatype, count);
    case "reference": {
      const view = { ...file, ...viewFile(bytes, file.format) };
      return Float64Array.from(
        { length: count },
        (_, i) => readAddress(view, i * size) ?? Number.NaN,
      );
    }
    case "string": {
      const decoder = new TextDecoder(datatype.utf8 ? "utf-8" : "latin1");
      return Array.from({ length: count }, (_, i) => {
        const text = decoder.decode(new Uint8Array(bytes.subarray(i * size, (i + 1) * size)));
        return datatype.trim ? text.trimEnd() : text.split("\0", 1)[0];
      });
    }
    case "vlen-string": {
      const view = { ...file, ...viewFile(bytes, file.format) };
      const decoder = new TextDecoder(datatype.utf8 ? "utf-8" : "latin1");
      return Array.from({ length: count }, (_, i) => {
        const address = readAddress(view, i * size + 4);
        const length = readUint32(view, i * size);
        if (address === undefined || length === 0) return "";
        const heap = file.heaps.get(address) ?? readGlobalHeap(file, address);
        file.heaps.set(address, heap);
        const index = readUint32(view, i * size + 4 + file.offsetSize);
        const text = heap.get(index);
        if (!text || text.length < length)
          throw broken(file, `no text ${index} in a heap`, address);
        spend(file, budget, length, address);
        return decoder.decode(new Uint8Array(text.subarray(0, length))).split("\0", 1)[0];
      });
    }
    default:
      throw broken(file, `${datatype.name} is not read`, 0);
  }
}

function decodeNumbers(
  bytes: Uint8Array,
  datatype: Datatype & { kind: "number" },
  count: number,
): NumberArray {
  const { size } = datatype;
  if (datatype.type === "float16") {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const out = new Float32Array(count);
    for (let i = 0; i < count; i++)
      out[i] = decodeHalf(view.getUint16(2 * i, datatype.littleEndian));
    return out;
  }
  const inPlace = datatype.littleEndian && bytes.byteOffset % size === 0;
  let own = bytes;
  if (!inPlace) {
    own = new Uint8Array(bytes);
    if (!datatype.littleEndian) reverseElements(own, size);
  }
  return new NUMBER_ARRAYS[datatype.type](own.buffer as ArrayBuffer, own.byteOffset, count);
}

/** IEEE 754 half: 1 sign, 5 exponent (bias 15) and 10 fraction bits. */
function decodeHalf(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x03ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent < 0x1f) return sign * (0x0400 + fraction) * 2 ** (exponent - 25);
  return fraction === 0 ? sign * Infinity : Number.NaN;
}

/** The objects of one collection of the global heap, by index. */
function readGlobalHeap(file: Hdf5File, address: number): ReadonlyMap<number, Uint8Array> {
  expectSignature(file, address, "GCOL");
  const end = address + readLength(file, address + 8);
  checkSpan(file, address, end - address);
  spend(file, file.budget, end - address, address);
  const objects = new Map<number, Uint8Array>();
  const head = 8 + file.lengthSize;
  for (let at = address + 8 + file.lengthSize; at + head <= end; ) {
    const index = readUint16(file, at);
    if (index === 0) break;
    const size = readLength(file, at + 8);
    if (at + head + size > end) throw broken(file, "a text ends beyond its heap", at);
    objects.set(index, file.bytes.subarray(at + head, at + head + size));
    at += head + 8 * Math.ceil(size / 8);
  }
  return objects;
}
