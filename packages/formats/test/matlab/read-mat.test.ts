import { readFileSync } from "node:fs";
import { isFormatError } from "@headform/formats";
import {
  type MatArray,
  type MatCell,
  type MatStruct,
  type MatText,
  type MatValue,
  readMat,
} from "@headform/formats/matlab";
import { createRandom } from "@headform/testing";
import { describe, expect, test } from "vitest";

const load = (name: string): Uint8Array =>
  readFileSync(new URL(`../fixtures/${name}`, import.meta.url));
const plain = load("plain.mat");
const compressed = load("compressed.mat");
const newest = load("version-7.3.mat");
// The value of row r and column c is 3r + c; arrays are column-major.
const count = [0, 3, 1, 4, 2, 5];

function messageOf(bytes: Uint8Array, options?: { maxBytes: number }): string {
  try {
    readMat(bytes, options);
  } catch (error) {
    if (!isFormatError(error)) throw error;
    expect(["mat", "hdf5"]).toContain(error.format);
    return error.message;
  }
  throw new Error("expected a FormatError, got a result");
}

describe.each([
  ["plain", plain],
  ["compressed", compressed],
])("a %s file written by SciPy", (_, bytes) => {
  const variables = readMat(bytes);
  const get = (name: string): MatValue => variables.get(name)!;

  test("has every numeric class", () => {
    const integer = count.map((i) => 7 * i + 1);
    for (const name of ["int8", "uint8", "int16", "uint16", "int32", "uint32"]) {
      const value = get(name);
      expect(value).toMatchObject({ kind: "array", className: name, shape: [2, 3] });
      expect([...(value as { data: Int8Array }).data]).toEqual(integer);
    }
    expect(get("int64")).toMatchObject({ data: BigInt64Array.from(integer.map(BigInt)) });
    expect(get("uint64")).toMatchObject({ data: BigUint64Array.from(integer.map(BigInt)) });
    expect(get("double")).toMatchObject({ data: Float64Array.from(count, (i) => i / 3) });
    expect(get("single")).toMatchObject({ data: Float32Array.from(count, (i) => i / 3) });
    expect(get("logical")).toMatchObject({
      className: "logical",
      data: Uint8Array.from(count, (i) => (i + 1) % 2),
    });
    expect(get("complex")).toMatchObject({
      data: Float64Array.from(count),
      imaginary: Float64Array.from(count, (i) => i - 2),
    });
  });

  test("has shapes of any rank, also empty", () => {
    const cube = get("cube") as MatArray;
    expect(cube.shape).toEqual([2, 3, 4]);
    expect(cube.data[1 + 2 * (2 + 3 * 3)]).toBe(1 * 12 + 2 * 4 + 3);
    expect(get("empty")).toMatchObject({ shape: [0, 3], data: new Float64Array(0) });
    expect(get("zeros")).toMatchObject({ data: new Float64Array(600) });
  });

  test("has text, cells, structs, sparse matrices and long names", () => {
    expect(get("text")).toMatchObject({ kind: "text", rows: ["Größe"] });
    expect(get("lines")).toMatchObject({ rows: ["abc ", "defg"] });
    expect(get("nothing")).toMatchObject({ rows: [] });
    const cell = get("cell") as MatCell;
    expect(cell.shape).toEqual([1, 3]);
    expect(cell.values[0]).toMatchObject({ shape: [1, 2], data: Float64Array.of(1, 2) });
    expect(cell.values[1]).toMatchObject({ rows: ["word"] });
    expect(cell.values[2]).toMatchObject({ kind: "cell", values: [] });
    const [element] = (get("struct") as MatStruct).elements;
    expect(element.get("name")).toMatchObject({ rows: ["head"] });
    expect(element.get("inner")).toMatchObject({
      elements: [new Map([["deep", expect.objectContaining({ data: Float64Array.of(7) })]])],
    });
    expect(get("sparse")).toMatchObject({
      kind: "sparse",
      shape: [4, 3],
      rows: Int32Array.of(0, 3, 1),
      columnStarts: Int32Array.of(0, 2, 2, 3),
      data: Float64Array.of(1.5, -2, 3),
    });
    expect(variables.has("a_long_name_of_more_than_thirty_one_letters")).toBe(true);
  });
});

test("an array of structs has one map per element", () => {
  const records = readMat(load("records.mat")).get("records");
  expect(records).toMatchObject({ kind: "struct", shape: [2, 1] });
  const names = (records as MatStruct).elements.map(
    (element) => (element.get("b") as MatText).rows[0],
  );
  expect(names).toEqual(["row 0", "row 1"]);
});

test("a big-endian file by hand: narrow storage, UTF-8, a small element", () => {
  const variables = readMat(load("big-endian.mat"));
  expect(variables.get("double")).toMatchObject({ data: Float64Array.from(count, (i) => i / 3) });
  expect(variables.get("narrow")).toMatchObject({
    className: "double",
    data: Int16Array.from(count, (i) => i - 2),
  });
  expect(variables.get("text")).toMatchObject({ rows: ["Größe"] });
  expect(variables.get("bytes")).toMatchObject({ data: Uint8Array.of(7, 9) });
});

test("a file of version 7.3 has the same values", () => {
  const variables = readMat(newest);
  expect([...variables.keys()].some((name) => name.startsWith("#"))).toBe(false);
  expect(variables.get("double")).toMatchObject({
    shape: [2, 3],
    data: Float64Array.from(count, (i) => i / 3),
  });
  expect(variables.get("packed")).toMatchObject({
    shape: [50, 40],
    data: Float64Array.from({ length: 2000 }, (_, i) => i),
  });
  expect(variables.get("int16")).toMatchObject({
    className: "int16",
    data: Int16Array.from(count, (i) => 7 * i + 1),
  });
  expect(variables.get("logical")).toMatchObject({ className: "logical" });
  expect(variables.get("text")).toMatchObject({ kind: "text", rows: ["Größe"] });
  expect(variables.get("empty")).toMatchObject({ shape: [0, 3] });
  expect(variables.get("cell")).toMatchObject({
    kind: "cell",
    shape: [1, 2],
    values: [{ data: Float64Array.of(1, 2), shape: [1, 2] }, { rows: ["word"] }],
  });
  expect(variables.get("struct")).toMatchObject({ kind: "struct", className: "struct" });
  expect(variables.get("sparse")).toMatchObject({
    shape: [4, 3],
    rows: Int32Array.of(0, 3, 1),
    columnStarts: Int32Array.of(0, 2, 2, 3),
  });
});

test("reads the same from an odd address and from shared memory", () => {
  const moved = Buffer.from(new ArrayBuffer(plain.length + 3), 3);
  moved.set(plain);
  expect(readMat(moved)).toEqual(readMat(plain));
  const shared = new Uint8Array(new SharedArrayBuffer(compressed.length));
  shared.set(compressed);
  expect(readMat(shared)).toEqual(readMat(compressed));
});

describe("refuses", () => {
  /** A file of one variable; `words` are its elements. */
  function fileOf(type: number, words: readonly number[], version = 0x0100): Uint8Array {
    const bytes = new Uint8Array(128 + 8 + 4 * words.length);
    const view = new DataView(bytes.buffer);
    view.setUint16(124, version, true);
    bytes.set([0x49, 0x4d], 126);
    view.setUint32(128, type, true);
    view.setUint32(132, 4 * words.length, true);
    for (const [i, word] of words.entries()) view.setUint32(136 + 4 * i, word, true);
    return bytes;
  }
  const head = (kind: number, rows: number, columns: number): number[] => [
    ...[6, 8, kind, 0],
    ...[5, 8, rows, columns],
    ...[1 | (1 << 16), 97],
  ];
  const nested = (): Uint8Array => {
    let words: number[] = [];
    for (let i = 0; i < 100; i++) {
      words = [...head(1, 1, 1), ...(i === 0 ? [] : [14, 4 * words.length, ...words])];
      if (i === 0) words.push(14, 0);
    }
    return fileOf(14, words);
  };
  const cases: [string, Uint8Array, RegExp][] = [
    ["no bytes", new Uint8Array(0), /128 bytes or more/],
    ["version 4", new Uint8Array(200), /version 4 is not read/],
    ["an unknown version", fileOf(14, [], 0x0300), /version 768 is unknown/],
    ["a truncated variable", plain.subarray(0, 400), /lie outside/],
    ["a truncated stream", compressed.subarray(0, 900), /lie outside/],
    ["a stray element", fileOf(9, [0, 0]), /expected a variable/],
    ["an unknown class", fileOf(14, head(99, 1, 1)), /class 99/],
    ["a negative size", fileOf(14, head(6, -1, 1)), /a size of -1/],
    ["more numbers than bytes", fileOf(14, [...head(6, 2 ** 30, 2 ** 30), 9, 0]), /0 bytes for/],
    ["more cells than bytes", fileOf(14, head(1, 2 ** 30, 2 ** 30)), /too few bytes/],
    ["numbers of no type", fileOf(14, [...head(6, 1, 1), 99, 0]), /unknown type 99/],
    [
      "endless structs",
      fileOf(14, [...head(2, 2 ** 30, 1), 262149, 0, 1, 0]),
      /more than 250000 values/,
    ],
    [
      "a sparse row outside",
      fileOf(14, [...head(5, 1, 1), ...[5, 4, 9, 0, 5, 8, 0, 1, 9, 8, 0, 0]]),
      /row 9/,
    ],
    ["a hundred cells in one another", nested(), /in one another/],
  ];
  test.each(cases)("%s", (_, bytes, message) => {
    expect(messageOf(bytes)).toMatch(message);
  });

  test("a stream that claims or unpacks to too much", () => {
    expect(messageOf(compressed, { maxBytes: 100 })).toMatch(/more than allowed/);
    const damaged = new Uint8Array(compressed);
    damaged[128 + 8 + 20] ^= 1;
    expect(messageOf(damaged)).toMatch(/damaged|checksum|unpack|claim/);
  });
});

test("200 damaged copies of each file end in a FormatError or a result, quickly", () => {
  const random = createRandom(5);
  for (const fixture of [plain, compressed, newest, load("big-endian.mat")]) {
    for (let round = 0; round < 200; round++) {
      const bytes = new Uint8Array(fixture);
      for (let flip = 0; flip <= round % 4; flip++) {
        bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256);
      }
      const end = round % 5 === 0 ? Math.floor(random() * bytes.length) : bytes.length;
      const start = performance.now();
      try {
        readMat(bytes.subarray(0, end));
      } catch (error) {
        if (!isFormatError(error)) throw error;
      }
      // A second is the promise for any file; these take a fraction of a millisecond.
      if (performance.now() - start > 1000) throw new Error(`round ${round} took over a second`);
    }
  }
});
