import { type NdArray, readNpz, toFloat32, toFloat64 } from "@headform/formats/numpy";
import { describe, expect, test } from "vitest";
import { errorOf, expectToRefuseTruncated, expectToSurvive, fixture } from "../fixture.ts";

const compressed = fixture("arrays-compressed.npz");

describe.each(["arrays.npz", "arrays-compressed.npz", "arrays-zip64.npz"])("%s", (name) => {
  const arrays = readNpz(fixture(name));
  const get = (key: string): NdArray => arrays.get(key) as NdArray;

  test("has NumPy's values of every dtype", () => {
    expect([...toFloat32(get("f4"))]).toEqual(
      Array.from({ length: 6 }, (_, i) => Math.fround(i / 3)),
    );
    expect(get("f4").shape).toEqual([2, 3]);
    expect(get("fortran")).toMatchObject({ dtype: "float64", shape: [2, 3, 4] });
    expect([...get("fortran").data]).toEqual(Array.from({ length: 24 }, (_, i) => i));
    expect([...get("big").data]).toEqual([-2, -1, 0, 1, 2]);
    expect([...get("i8").data]).toEqual([-1n, 2n ** 62n]);
    expect([...toFloat64(get("i8"))]).toEqual([-1, 2 ** 62]);
    expect(get("bool")).toEqual({
      kind: "ndarray",
      dtype: "bool",
      shape: [2],
      data: Uint8Array.of(1, 0),
    });
    expect([...toFloat64(get("f2"))]).toEqual([0.5, -2]);
    expect(get("c16")).toMatchObject({
      dtype: "complex128",
      shape: [1],
      data: Float64Array.of(1, 2),
    });
    expect(arrays.get("unicode")).toMatchObject({ dtype: "string", data: ["größe", "☺"] });
    expect(arrays.get("bytes")).toMatchObject({ dtype: "string", data: ["abc", "d"] });
    expect(get("scalar")).toMatchObject({ shape: [], data: Uint8Array.of(7) });
    expect(get("empty")).toMatchObject({ shape: [0, 4], data: new Uint16Array() });
    const objects = arrays.get("objects")!.data as [null, Map<string, NdArray>];
    expect(objects[0]).toBe(null);
    expect([...objects[1].get("a")!.data]).toEqual([0n, 1n, 2n]);
  });

  test("survives damage", () => {
    expectToSurvive(readNpz, fixture(name), 17);
    expectToRefuseTruncated(readNpz, fixture(name));
  });
});

test("any flipped bit in the arrays' bytes breaks a checksum", () => {
  const file = Uint8Array.from(fixture("arrays.npz"));
  // Inside of the first array's elements: 30 bytes of zip header, name, 128 bytes of .npy header.
  file[30 + "f4.npy".length + 20 + 128 + 3]! ^= 1;
  expect(errorOf(() => readNpz(file)).message).toMatch(/"f4.npy" does not match its checksum/);
});

test("50,000 zeros are inflated only when that is allowed", () => {
  const zeros = readNpz(compressed).get("zeros")!.data as Float64Array;
  expect([zeros.length, zeros.every((value) => value === 0)]).toEqual([50_000, true]);
  const error = errorOf(() => readNpz(compressed, { maxInflatedBytes: 100_000 }));
  expect(error.message).toMatch(/"zeros.npy" of 400128 bytes is over the limit/);
});

test("a zip that claims more than deflate can hold is refused before memory is taken", () => {
  const file = Uint8Array.from(compressed);
  const view = new DataView(file.buffer);
  for (let at = 0; at + 4 <= file.length; at++) {
    // Size in the central directory.
    if (view.getUint32(at, true) === 0x02014b50) view.setUint32(at + 24, 0x7fffffff, true);
  }
  const read = (): unknown => readNpz(file, { maxInflatedBytes: 2 ** 40 });
  expect(errorOf(read).message).toMatch(/claims 2147483647 bytes of/);
  expect(errorOf(() => readNpz(file)).message).toMatch(/over the limit/);
});

test("a zip without a directory, or whose files overlap or are encrypted, is refused", () => {
  expect(errorOf(() => readNpz(new Uint8Array(30))).message).toMatch(/no directory/);
  expect(errorOf(() => readNpz(new Uint8Array())).message).toMatch(/no directory/);
  const damaged = (edit: (view: DataView, at: number) => void): string => {
    const file = Uint8Array.from(fixture("arrays.npz"));
    const view = new DataView(file.buffer);
    for (let at = 0; at + 4 <= file.length; at++) {
      if (view.getUint32(at, true) === 0x02014b50) edit(view, at);
    }
    return errorOf(() => readNpz(file)).message;
  };
  expect(damaged((view, at) => view.setUint32(at + 42, 0, true))).toMatch(/overlaps/);
  expect(damaged((view, at) => view.setUint16(at + 8, 1, true))).toMatch(/encrypted/);
  expect(damaged((view, at) => view.setUint16(at + 10, 12, true))).toMatch(/method 12/);
  expect(damaged((view, at) => view.setUint32(at + 24, 5, true))).toMatch(/is stored in/);
  expect(damaged((view, at) => view.setUint32(at + 42, 0x7fffffff, true))).toMatch(
    /overlaps|outside/,
  );
});
