import { type NdArray, readNpy, writeNpy } from "@headform/formats/numpy";
import { expect, test } from "vitest";

const array = (dtype: NdArray["dtype"], shape: number[], data: NdArray["data"]): NdArray => ({
  kind: "ndarray",
  dtype,
  shape,
  data,
});

test("the bytes that numpy.save writes", () => {
  const bytes = writeNpy(array("float32", [2, 3], Float32Array.of(0, 1, 2, 3, 4, 5)));
  // numpy.save(f, numpy.arange(6, dtype="f4").reshape(2, 3)): the header ends at byte 128.
  const text = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }";
  const head = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, 118, 0];
  expect([...bytes.subarray(0, 10)]).toEqual(head);
  expect(new TextDecoder().decode(bytes.subarray(10, 128))).toBe(`${text.padEnd(117)}\n`);
  expect(new Float32Array(bytes.buffer, 128)).toEqual(Float32Array.of(0, 1, 2, 3, 4, 5));
});

test.each<[NdArray["dtype"], number[], NdArray["data"]]>([
  ["bool", [3], Uint8Array.of(1, 0, 1)],
  ["uint8", [200, 1, 2], new Uint8Array(400).fill(7)],
  ["int64", [], BigInt64Array.of(-5n)],
  ["float64", [0, 4], new Float64Array(0)],
  ["complex64", [1], Float32Array.of(1, 2)],
])("%s of shape %j reads back", (dtype, shape, data) => {
  const written = array(dtype, shape, data);
  expect(readNpy(writeNpy(written))).toEqual(written);
});

test("errors", () => {
  expect(() => writeNpy(array("bfloat16", [1], Uint16Array.of(1)))).toThrow(TypeError);
  expect(() => writeNpy(array("float32", [1], Uint8Array.of(1)))).toThrow("in Float32Array");
  expect(() => writeNpy(array("uint8", [2, 2], Uint8Array.of(1)))).toThrow(RangeError);
});
