import { isFormatError } from "@headform/formats";
import {
  readSafetensors,
  type SafetensorsTensor,
  toFloat32,
  writeSafetensors,
} from "@headform/formats/safetensors";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

const tensors = new Map<string, SafetensorsTensor>([
  ["bytes", { dtype: "U8", shape: [3], data: Uint8Array.of(1, 2, 3) }],
  ["10", { dtype: "F32", shape: [2, 1], data: Float32Array.of(1.5, -2) }],
  ["9", { dtype: "F64", shape: [], data: Float64Array.of(Math.PI) }],
]);

test("what is written reads back, whatever the order it was given in", () => {
  const metadata = { unit: "m", author: "Ünal" };
  const file = writeSafetensors(tensors, metadata);
  const back = readSafetensors(file);
  expect(new Map([...back.tensors].sort())).toEqual(new Map([...tensors].sort()));
  expect(back.metadata).toEqual(metadata);
  const reversed = new Map([...tensors].reverse());
  expect(writeSafetensors(reversed, { author: "Ünal", unit: "m" })).toEqual(file);
});

test("every tensor is aligned to its element, without gaps", () => {
  const file = writeSafetensors(tensors);
  const headerLength = new DataView(file.buffer).getUint32(0, true);
  expect(headerLength % 8).toBe(0);
  const text = new TextDecoder().decode(file.subarray(8, 8 + headerLength));
  expect(text.trimEnd()).toBe(
    '{"9":{"dtype":"F64","shape":[],"data_offsets":[0,8]},' +
      '"10":{"dtype":"F32","shape":[2,1],"data_offsets":[8,16]},' +
      '"bytes":{"dtype":"U8","shape":[3],"data_offsets":[16,19]}}',
  );
  expect(file.length).toBe(8 + headerLength + 19);
});

test("no tensors make a file too", () => {
  expect(readSafetensors(writeSafetensors(new Map())).tensors.size).toBe(0);
});

test("names and numbers survive a round trip", () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.string({ unit: "grapheme" }), fc.array(fc.float()), { maxKeys: 5 }),
      fc.dictionary(fc.string(), fc.string(), { maxKeys: 3 }),
      (arrays, metadata) => {
        const given = new Map<string, SafetensorsTensor>();
        for (const [name, values] of Object.entries(arrays)) {
          if (name === "__metadata__") continue;
          given.set(name, {
            dtype: "F32",
            shape: [values.length],
            data: Float32Array.from(values),
          });
        }
        const back = readSafetensors(writeSafetensors(given, metadata));
        expect(back.tensors.size).toBe(given.size);
        for (const [name, tensor] of given) expect(back.tensors.get(name)).toEqual(tensor);
        expect(Object.entries(back.metadata).sort()).toEqual(Object.entries(metadata).sort());
      },
    ),
    { seed: 21, numRuns: 100 },
  );
});

describe("refuses", () => {
  const write = (name: string, tensor: unknown) => () =>
    writeSafetensors(new Map([[name, tensor as SafetensorsTensor]]));

  test("an array of another type", () => {
    const tensor = { dtype: "F16", shape: [2], data: Float32Array.of(1, 2) };
    expect(write("a", tensor)).toThrow(
      new TypeError('writeSafetensors: expected "a" as F16, got [object Float32Array]'),
    );
  });

  test("a shape of another length", () => {
    const tensor = { dtype: "U8", shape: [2, 2], data: new Uint8Array(3) };
    expect(write("a", tensor)).toThrow(RangeError);
  });

  test("the reserved name", () => {
    expect(write("__metadata__", tensors.get("bytes"))).toThrow(/reserved/);
  });

  test("a header over 100 MB", () => {
    let error: unknown;
    try {
      writeSafetensors(new Map(), { a: "x".repeat(100_000_001) });
    } catch (caught) {
      error = caught;
    }
    expect(isFormatError(error) && error.message).toMatch(/header of 100000\d+ bytes is too large/);
  });
});

test("integers, doubles and flags become floats", () => {
  const f = (tensor: SafetensorsTensor) => [...toFloat32(tensor)];
  expect(f({ dtype: "I64", shape: [2], data: BigInt64Array.of(-5n, 7n) })).toEqual([-5, 7]);
  expect(f({ dtype: "F64", shape: [1], data: Float64Array.of(0.1) })).toEqual([Math.fround(0.1)]);
  expect(f({ dtype: "BOOL", shape: [2], data: Uint8Array.of(1, 0) })).toEqual([1, 0]);
  const data = Float32Array.of(1);
  expect(toFloat32({ dtype: "F32", shape: [1], data })).toBe(data);
});

test("millions of halves decode as single ones do", () => {
  const count = 70_000;
  const data = Uint16Array.from({ length: count }, (_, i) => i);
  const all = toFloat32({ dtype: "F16", shape: [count], data });
  for (const i of [0, 1, 0x3c00, 0x8001, 0x7bff, 0x7c00, 0xfbff]) {
    const one = toFloat32({ dtype: "F16", shape: [1], data: Uint16Array.of(i) });
    expect(Object.is(all[i], one[0])).toBe(true);
  }
  expect(all[0x3c00]).toBe(1);
});
