import { ARRAY_DTYPES, type ArrayDtype, countOf, type NdArray } from "../array/nd-array.ts";

/** The type strings of the dtypes that NumPy itself has. */
const DESCRIPTIONS: Readonly<Partial<Record<ArrayDtype, string>>> = {
  bool: "|b1",
  uint8: "|u1",
  int8: "|i1",
  uint16: "<u2",
  int16: "<i2",
  uint32: "<u4",
  int32: "<i4",
  uint64: "<u8",
  int64: "<i8",
  float16: "<f2",
  float32: "<f4",
  float64: "<f8",
  complex64: "<c8",
  complex128: "<c16",
};

/** The data begin at a multiple of this, so that they can be mapped. */
const ALIGNMENT = 64;

/**
 * Writes an array as a `.npy` file (version 1), little-endian and in C order.
 *
 * @param array numbers of any dtype but bfloat16, which NumPy has not
 * @throws {TypeError} when the dtype is bfloat16 or the data are in another array than the dtype's
 * @throws {RangeError} when the data's length is not that of the shape
 */
export function writeNpy({ dtype, shape, data }: NdArray): Uint8Array {
  const description = DESCRIPTIONS[dtype];
  if (description === undefined) {
    throw new TypeError(`writeNpy: expected a dtype that NumPy has, got ${dtype}`);
  }
  const { Data, lanes } = ARRAY_DTYPES[dtype];
  // By tag, not instanceof: an array may come from another realm.
  const name = Object.prototype.toString.call(data).slice(8, -1);
  if (name !== Data.name) {
    throw new TypeError(`writeNpy: expected ${dtype} in ${Data.name}, got ${name}`);
  }
  if (data.length !== lanes * countOf(shape)) {
    throw new RangeError(
      `writeNpy: expected ${lanes * countOf(shape)} numbers for shape [${shape}], got ${data.length}`,
    );
  }
  // 1. The header is a Python dictionary, filled up with blanks to the alignment.
  const tuple = `(${shape.join(", ")}${shape.length === 1 ? "," : ""})`;
  const words = `{'descr': '${description}', 'fortran_order': False, 'shape': ${tuple}, }`;
  const start = ALIGNMENT * Math.ceil((10 + words.length + 1) / ALIGNMENT);
  const header = `${words.padEnd(start - 11)}\n`;
  // 2. Magic, version 1.0, length of the header.
  const out = new Uint8Array(start + data.byteLength);
  out.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, header.length & 0xff, header.length >> 8]);
  for (let i = 0; i < header.length; i++) out[10 + i] = header.charCodeAt(i);
  out.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), start);
  return out;
}
