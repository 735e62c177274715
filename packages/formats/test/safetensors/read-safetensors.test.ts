import { readFileSync } from "node:fs";
import { FormatError, isFormatError } from "@headform/formats";
import { readSafetensors, toFloat32 } from "@headform/formats/safetensors";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fileOf } from "./bytes.ts";

const fixture = readFileSync(new URL("../fixtures/numpy.safetensors", import.meta.url));

function errorOf(bytes: Uint8Array): FormatError {
  try {
    readSafetensors(bytes);
  } catch (error) {
    if (isFormatError(error)) return error;
    throw error;
  }
  throw new Error("expected a FormatError, got a result");
}

describe("a file written by NumPy", () => {
  const { tensors, metadata } = readSafetensors(fixture);
  const count = [0, 1, 2, 3, 4, 5];

  test("has its names in file order and its metadata", () => {
    expect([...tensors.keys()].slice(0, 4)).toEqual(["f64", "i64", "u64", "f32"]);
    expect(metadata).toEqual({ "made by": "NumPy", größe: "☺" });
  });

  test("has the values of every dtype", () => {
    const values = (name: string) => [...(tensors.get(name)!.data as Iterable<number | bigint>)];
    expect(values("f64")).toEqual(count.map((i) => i / 3));
    expect(values("f32")).toEqual(count.map((i) => Math.fround(i / 3)));
    expect(values("i64")).toEqual(count.map((i) => BigInt(i - 3) * 2n ** 40n));
    expect(values("u64")).toEqual(count.map((i) => BigInt(i) + 2n ** 63n));
    expect(values("i32")).toEqual(count.map((i) => (i - 3) * 1_000_000));
    expect(values("u32")).toEqual(count.map((i) => i + 4_000_000_000));
    expect(values("i16")).toEqual(count.map((i) => (i - 3) * 10_000));
    expect(values("u16")).toEqual(count.map((i) => i + 60_000));
    expect(values("i8")).toEqual(count.map((i) => (i - 3) * 40));
    expect(values("u8")).toEqual(count.map((i) => i + 250));
    expect(values("flags")).toEqual([1, 0, 1, 0, 1, 0]);
    expect(tensors.get("f32")!.shape).toEqual([2, 3]);
    expect(tensors.get("scalar")).toMatchObject({ shape: [], data: new Float32Array([2.5]) });
    expect(tensors.get("nothing")).toMatchObject({ shape: [0, 3], data: new Float32Array(0) });
  });

  test("halves and bfloats decode to NumPy's values", () => {
    for (const [packed, expected] of [
      ["halves", "halvesAsFloats"],
      ["bfloats", "bfloatsAsFloats"],
    ] as const) {
      const decoded = toFloat32(tensors.get(packed)!);
      const wanted = tensors.get(expected)!.data;
      // Object.is tells −0 from 0 and takes any NaN for NaN; every other pattern is exact.
      for (let i = 0; i < wanted.length; i++) {
        if (!Object.is(decoded[i], wanted[i])) expect([i, decoded[i]]).toEqual([i, wanted[i]]);
      }
    }
  });

  test("reads the same from an odd address, where arrays cannot be views", () => {
    // A Buffer, as files are in Node: its slice() is a view, unlike that of other arrays.
    const moved = Buffer.from(new ArrayBuffer(fixture.length + 3), 3);
    moved.set(fixture);
    const back = readSafetensors(moved).tensors;
    for (const name of ["f64", "i64", "f32", "u16"])
      expect(back.get(name)).toEqual(tensors.get(name));
  });

  test("reads from shared memory", () => {
    const shared = new Uint8Array(new SharedArrayBuffer(fixture.length));
    shared.set(fixture);
    expect(readSafetensors(shared).tensors.get("i16")).toEqual(tensors.get("i16"));
  });
});

describe("refuses", () => {
  const entry = (dtype: unknown, shape: unknown, offsets: unknown) => ({
    a: { dtype, shape, data_offsets: offsets },
  });
  const data = new Uint8Array(8);
  const cases: [string, Uint8Array, RegExp][] = [
    ["no bytes", new Uint8Array(0), /at least 8 bytes/],
    ["seven bytes", new Uint8Array(7), /at least 8 bytes/],
    ["a header beyond the file", fileOf("{}").subarray(0, 9), /ends beyond/],
    ["a header over 100 MB", Uint8Array.of(1, 0xe1, 0xf5, 5, 0, 0, 0, 0), /over the limit/],
    ["a header of 2⁶³ bytes", Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 128), /over the limit/],
    ["bad JSON", fileOf("{"), /not JSON/],
    ["bad UTF-8", fileOf('{"\u{10ffff}":1}').map((b) => (b === 0xf4 ? 0xff : b)), /not JSON/],
    ["a list", fileOf("[]"), /not a JSON object/],
    ["null", fileOf("null"), /not a JSON object/],
    ["metadata of numbers", fileOf({ __metadata__: { a: 1 } }), /object of strings/],
    ["metadata that is a list", fileOf({ __metadata__: [] }), /object of strings/],
    ["an entry that is no object", fileOf({ a: 3 }), /not an object/],
    ["an unknown dtype", fileOf(entry("F8_E4M3", [8], [0, 8]), data), /unknown dtype "F8_E4M3"/],
    ["a dtype of Object.prototype", fileOf(entry("toString", [8], [0, 8]), data), /unknown dtype/],
    ["a negative size", fileOf(entry("U8", [-8], [0, 8]), data), /no shape/],
    ["a fraction", fileOf(entry("U8", [0.5], [0, 8]), data), /no shape/],
    ["no shape", fileOf(entry("U8", undefined, [0, 8]), data), /no shape/],
    ["one offset", fileOf(entry("U8", [8], [0]), data), /no pair/],
    ["negative offsets", fileOf(entry("U8", [8], [-8, 0]), data), /no pair/],
    ["offsets the wrong way", fileOf(entry("U8", [0], [8, 0]), data), /runs backwards/],
    ["data beyond the file", fileOf(entry("U8", [9], [0, 9]), data), /lies outside/],
    ["a shape of other length", fileOf(entry("F32", [3], [0, 8]), data), /is not 8 bytes/],
    ["a shape of 2¹⁰⁴", fileOf(entry("U8", [2 ** 52, 2 ** 52], [0, 8]), data), /is not 8 bytes/],
    [
      "an overlap",
      fileOf(
        { ...entry("U8", [5], [0, 5]), b: { dtype: "U8", shape: [4], data_offsets: [4, 8] } },
        data,
      ),
      /"a" and "b" overlap/,
    ],
  ];
  test.each(cases)("%s", (_, bytes, message) => {
    const error = errorOf(bytes);
    expect(error.message).toMatch(message);
    expect(error).toMatchObject({ tag: "format", format: "safetensors", name: "FormatError" });
  });

  test("and keeps the cause of bad JSON and the place", () => {
    expect(errorOf(fileOf("{"))).toMatchObject({ offset: 8, cause: expect.any(SyntaxError) });
  });

  test("a guard tells other errors apart", () => {
    expect(isFormatError(new FormatError("npy", "no"))).toBe(true);
    expect(isFormatError(new Error("no"))).toBe(false);
    expect(isFormatError(undefined)).toBe(false);
  });
});

test("gaps between tensors are accepted", () => {
  const header = {
    a: { dtype: "U8", shape: [1], data_offsets: [0, 1] },
    b: { dtype: "F32", shape: [1], data_offsets: [4, 8] },
  };
  expect([...readSafetensors(fileOf(header, new Uint8Array(9))).tensors.keys()]).toEqual([
    "a",
    "b",
  ]);
});

test("a damaged file is refused with a FormatError or read, never anything else", () => {
  const small = fixture.subarray(0, 2200);
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(small.length - 1), fc.nat(255)), { maxLength: 4 }),
      fc.nat(small.length),
      (flips, length) => {
        const damaged = fixture.slice(0, flips.length > 0 ? fixture.length : length);
        for (const [at, value] of flips) damaged[at] = value;
        try {
          readSafetensors(damaged);
        } catch (error) {
          if (!isFormatError(error)) throw error;
        }
      },
    ),
    { seed: 20, numRuns: 400 },
  );
});
