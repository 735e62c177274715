import { readFileSync } from "node:fs";
import { isFormatError } from "@headform/formats";
import {
  findNode,
  type Hdf5Data,
  type Hdf5Dataset,
  type Hdf5Group,
  readDataset,
  readHdf5,
} from "@headform/formats/hdf5";
import { createRandom } from "@headform/testing";
import { describe, expect, test } from "vitest";

const load = (name: string): Uint8Array =>
  readFileSync(new URL(`../fixtures/${name}`, import.meta.url));
const grid = Float32Array.from({ length: 1200 }, (_, i) => i);

function dataset(root: Hdf5Group, path: string): Hdf5Dataset {
  const node = findNode(root, path);
  if (node?.kind !== "dataset") throw new Error(`expected a dataset at ${path}`);
  return node;
}
const dataOf = (root: Hdf5Group, path: string): Hdf5Data => readDataset(dataset(root, path));

function messageOf(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    if (!isFormatError(error)) throw error;
    expect(error.format).toBe("hdf5");
    return error.message;
  }
  throw new Error("expected a FormatError, got a result");
}

describe.each(["old.h5", "new.h5"])("%s, written by h5py", (name) => {
  const root = readHdf5(load(name));

  test("has numbers of every width and order", () => {
    const values = [1, 4, 7, 10, 13, 16];
    const types: Record<string, [string, { from(list: number[]): Hdf5Data } | typeof BigInt]> = {
      i1: ["int8", Int8Array],
      u1: ["uint8", Uint8Array],
      i2: ["int16", Int16Array],
      u2: ["uint16", Uint16Array],
      i4: ["int32", Int32Array],
      u4: ["uint32", Uint32Array],
      f2: ["float32", Float32Array],
      f4: ["float32", Float32Array],
      f8: ["float64", Float64Array],
      "big-i4": ["int32", Int32Array],
      "big-f8": ["float64", Float64Array],
    };
    const at = (key: string): string =>
      (findNode(root, `numbers/${key}`) ? "numbers/" : "more/") + key;
    for (const [key, [type, Type]] of Object.entries(types)) {
      const node = dataset(root, at(key));
      expect(node).toMatchObject({ type, shape: [2, 3] });
      expect(readDataset(node)).toEqual((Type as { from(list: number[]): Hdf5Data }).from(values));
    }
    expect(dataOf(root, at("i8"))).toEqual(BigInt64Array.from(values, BigInt));
    expect(dataOf(root, at("u8"))).toEqual(BigUint64Array.from(values, BigInt));
  });

  test("has text and attributes", () => {
    expect(dataOf(root, "text/fixed")).toEqual(["one", "three"]);
    expect(dataOf(root, "text/variable")).toEqual(["ein", "größer", ""]);
    expect(dataOf(root, "text/scalar")).toEqual(["alone"]);
    expect(root.attributes.get("title")).toEqual(["head"]);
    expect(root.attributes.get("numbers")).toEqual(Float64Array.of(1.5, 2.5));
  });

  test("has every layout", () => {
    for (const layout of ["contiguous", "chunked", "deflated", "checked"]) {
      expect(dataOf(root, `layouts/${layout}`)).toEqual(grid);
    }
    const partial = dataOf(root, "layouts/partial") as Float32Array;
    for (let row = 0; row < 40; row++) {
      for (let column = 0; column < 30; column++) {
        const wanted = row < 16 && column < 8 ? grid[row * 30 + column] : -7;
        if (partial[row * 30 + column] !== wanted) expect([row, column]).toEqual([]);
      }
    }
    expect(dataOf(root, "layouts/unwritten")).toEqual(new Int16Array(20).fill(9));
    expect(dataOf(root, "layouts/cube")).toEqual(Float64Array.from({ length: 210 }, (_, i) => i));
  });

  test("has scalars, flags, references, and one node for two names", () => {
    expect(dataset(root, "other/scalar").shape).toEqual([]);
    expect(dataOf(root, "other/scalar")).toEqual(Float64Array.of(2.5));
    expect(dataOf(root, "other/flags")).toEqual(Int8Array.of(1, 0));
    expect(dataOf(root, "other/nothing")).toEqual(new Float64Array(0));
    expect(findNode(root, "other/again")).toBe(findNode(root, "other/scalar"));
    expect(findNode(root, "other/soft")).toBeUndefined();
    expect(dataOf(root, "layouts/named")).toEqual(
      Float64Array.of(findNode(root, "other")!.address),
    );
  });

  test("names what is not read", () => {
    expect(messageOf(() => dataOf(root, "other/compound"))).toMatch(/a compound is not read/);
    expect(messageOf(() => dataOf(root, "other/lzf"))).toMatch(/filter LZF is not read/);
  });

  test("refuses more than maxBytes", () => {
    const node = dataset(root, "layouts/deflated");
    expect(messageOf(() => readDataset(node, { maxBytes: 4799 }))).toMatch(/4800 bytes are more/);
    expect(readDataset(node, { maxBytes: 4800 })).toEqual(grid);
  });

  test("reads from an odd address and from shared memory", () => {
    const bytes = load(name);
    const moved = Buffer.from(new ArrayBuffer(bytes.length + 3), 3);
    moved.set(bytes);
    const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
    shared.set(bytes);
    for (const copy of [moved, shared]) {
      const again = readHdf5(copy);
      for (const path of ["layouts/contiguous", "layouts/deflated", "text/variable"]) {
        expect(dataOf(again, path)).toEqual(dataOf(root, path));
      }
    }
  });
});

test("trees of several levels and paged arrays are walked to the end", () => {
  const tree = readHdf5(load("tree.h5"));
  expect([...tree.children.keys()].filter((key) => key.startsWith("group")).length).toBe(40);
  expect(dataOf(tree, "chunks")).toEqual(
    Uint8Array.from({ length: 700 }, (_, i) => (i % 256) % 251),
  );
  const paged = readHdf5(load("paged.h5"));
  expect(dataOf(paged, "paged")).toEqual(Uint8Array.from({ length: 1100 }, (_, i) => i % 256));
});

describe("refuses", () => {
  test("what is beyond it, by name", () => {
    expect(messageOf(() => readHdf5(load("dense.h5")))).toMatch(/links in a fractal heap/);
    const paged = readHdf5(load("paged.h5"));
    expect(messageOf(() => dataOf(paged, "resizable"))).toMatch(/extensible-array/);
  });

  test("files that are none", () => {
    expect(messageOf(() => readHdf5(new Uint8Array(0)))).toMatch(/expected the signature/);
    expect(messageOf(() => readHdf5(new Uint8Array(5000)))).toMatch(/expected the signature/);
    const versioned = new Uint8Array(load("old.h5"));
    versioned[8] = 9;
    expect(messageOf(() => readHdf5(versioned))).toMatch(/superblock of version 9/);
    expect(messageOf(() => readHdf5(load("old.h5").subarray(0, 90)))).toMatch(/outside/);
  });

  test("a group that holds itself", () => {
    const bytes = new Uint8Array(load("tree.h5"));
    const view = new DataView(bytes.buffer);
    const text = Buffer.from(bytes.buffer);
    // The first symbol of the first node gets the header of the root, which byte 64 names.
    const node = text.indexOf("SNOD");
    view.setBigUint64(node + 16, view.getBigUint64(64, true), true);
    expect(messageOf(() => readHdf5(bytes))).toMatch(/holds itself|overlap/);
  });

  test("a dataset that claims a terabyte", () => {
    const bytes = new Uint8Array(load("old.h5"));
    const text = Buffer.from(bytes.buffer);
    // Sizes 40 and 30 of the grids, wherever they stand, become 2²⁰.
    const sizes = Buffer.from(BigUint64Array.of(40n, 30n).buffer);
    const large = Buffer.from(BigUint64Array.of(2n ** 20n, 2n ** 18n).buffer);
    for (let at = text.indexOf(sizes); at >= 0; at = text.indexOf(sizes, at + 1))
      large.copy(text, at);
    const root = readHdf5(bytes);
    const start = performance.now();
    for (const path of ["contiguous", "chunked", "deflated", "partial"]) {
      const node = dataset(root, `layouts/${path}`);
      expect(messageOf(() => readDataset(node))).toMatch(/more than/);
      // Whoever allows it is told that the file does not hold it.
      const all = { maxBytes: Number.POSITIVE_INFINITY };
      expect(messageOf(() => readDataset(node, all))).toMatch(
        /cannot hold|bytes for|layout|belongs/,
      );
    }
    expect(performance.now() - start).toBeLessThan(1000);
  });
});

test("200 damaged copies of each file end in a FormatError or a result, quickly", () => {
  const random = createRandom(6);
  const readAll = (node: Hdf5Group): void => {
    for (const child of node.children.values()) {
      if (child.kind === "group") readAll(child);
      else {
        try {
          readDataset(child);
        } catch (error) {
          if (!isFormatError(error)) throw error;
        }
      }
    }
  };
  for (const fixture of ["old.h5", "new.h5", "paged.h5", "tree.h5"].map(load)) {
    for (let round = 0; round < 200; round++) {
      const bytes = new Uint8Array(fixture);
      for (let flip = 0; flip <= round % 4; flip++) {
        bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256);
      }
      const end = round % 5 === 0 ? Math.floor(random() * bytes.length) : bytes.length;
      const start = performance.now();
      try {
        readAll(readHdf5(bytes.subarray(0, end)));
      } catch (error) {
        if (!isFormatError(error)) throw error;
      }
      if (performance.now() - start > 1000) throw new Error(`round ${round} took over a second`);
    }
  }
});
