import {
  type PickleObject,
  type PickleValue,
  readTorch,
  type Storage,
  type Tensor,
  toContiguous,
  toFloat32,
} from "@headform/formats/torch";
import { describe, expect, test } from "vitest";
import { errorOf, expectToRefuseTruncated, expectToSurvive, fixture } from "../fixture.ts";

type Dict = ReadonlyMap<string, PickleValue>;

describe.each(["state.pt", "state-legacy.pt"])("%s", (name) => {
  const file = fixture(name);
  const state = readTorch(file) as Dict;
  const tensor = (key: string): Tensor => state.get(key) as Tensor;
  const floats = (key: string): number[] => [...toFloat32(tensor(key))];

  test("has every dtype", () => {
    const dtypes = state.get("dtypes") as ReadonlyMap<string, Tensor>;
    expect([...dtypes.keys()]).toEqual([
      "bool",
      "uint8",
      "int8",
      "int16",
      "int32",
      "int64",
      "float16",
      "bfloat16",
      "float32",
      "float64",
      "complex64",
      "complex128",
    ]);
    for (const [dtype, value] of dtypes) {
      expect(value).toMatchObject({ kind: "tensor", dtype, shape: [3] });
      if (dtype.startsWith("complex")) {
        expect([...toContiguous(value)]).toEqual([-1, 0, 0, 0, 1, 0]);
      } else {
        const expected = dtype === "uint8" ? [0, 1, 2] : dtype === "bool" ? [1, 0, 1] : [-1, 0, 1];
        expect([dtype, ...toFloat32(value)]).toEqual([dtype, ...expected]);
      }
    }
  });

  test("has windows on shared storages", () => {
    const count = Array.from({ length: 24 }, (_, i) => i);
    expect(floats("grid")).toEqual(count);
    expect(tensor("transposed").shape).toEqual([6, 4]);
    expect(floats("transposed")).toEqual(count.map((i) => (i % 4) * 6 + Math.floor(i / 4)));
    expect(floats("window")).toEqual([8, 10, 14, 16]);
    expect(floats("repeated")).toEqual([1.5, 2.5, 1.5, 2.5, 1.5, 2.5]);
    expect(tensor("grid").storage).toBe(tensor("transposed").storage);
    expect(tensor("grid").storage).toBe(tensor("window").storage);
  });

  test("has scalars, nothing, parameters, storages and what is not Torch's", () => {
    expect([tensor("scalar").shape, floats("scalar")]).toEqual([[], [5]]);
    expect([tensor("empty").shape, floats("empty")]).toEqual([[0, 3], []]);
    expect(tensor("parameter").requiresGrad).toBe(true);
    expect(floats("parameter")).toEqual([1, 1]);
    expect((state.get("storage") as Storage).bytes).toHaveLength(8);
    const parameters = state.get("hyper_parameters") as Dict;
    expect(parameters.get("size")).toEqual([1, 2]);
    const config = parameters.get("cfg") as PickleObject;
    expect([config.module, config.name]).toEqual(["project.config", "Config"]);
    expect((config.state as Dict).get("name")).toBe("dino");
  });

  test("elements in order are a view of the file", () => {
    const aligned = new Uint8Array(new ArrayBuffer(file.length));
    aligned.set(file);
    const grid = (readTorch(aligned) as Dict).get("grid") as Tensor;
    expect(grid.storage.buffer).toBe(aligned.buffer);
  });

  test("survives damage", () => {
    expectToSurvive(readTorch, file, 23);
    expectToRefuseTruncated(readTorch, file);
  });
});

test("a stream of Torch before 0.4, whose storages are views of another", () => {
  const file = fixture("views-legacy.pt");
  const state = readTorch(file) as ReadonlyMap<string, Tensor>;
  expect([...toFloat32(state.get("head")!)]).toEqual([0, 1]);
  expect([...toFloat32(state.get("tail")!)]).toEqual([2, 3, 4, 5]);
  expect(state.get("tail")!.shape).toEqual([2, 2]);
  expectToSurvive(readTorch, file, 29);
});

test("a TorchScript archive gives its modules' attributes", () => {
  const module = readTorch(fixture("script.pt")) as PickleObject;
  expect(module.name).toBe("Linear");
  const weight = (module.state as Dict).get("weight") as Tensor;
  expect([weight.shape, [...toFloat32(weight)]]).toEqual([
    [1, 2],
    [3, 4],
  ]);
});

describe("refuses", () => {
  /** The archive with one text replaced by another of the same length, checksums mended by hand. */
  const legacy = (from: string, to: string): Uint8Array => {
    const text = Buffer.from(fixture("state-legacy.pt")).toString("latin1");
    expect(text).toContain(from);
    return Buffer.from(text.replaceAll(from, to), "latin1");
  };

  test.each<[string, () => Uint8Array, RegExp]>([
    ["nothing", () => new Uint8Array(), /neither a zip nor a stream/],
    ["another kind", () => fixture("net.t7"), /neither a zip nor a stream/],
    ["a zip without data", () => fixture("arrays.npz"), /expected one data.pkl/],
    ["a pickle that is no stream", () => fixture("head-2.pkl"), /no magic number/],
    [
      "a tar",
      () => {
        const tar = new Uint8Array(512);
        tar.set(
          [..."ustar"].map((letter) => letter.charCodeAt(0)),
          257,
        );
        return tar;
      },
      /tar/,
    ],
    [
      "an unknown storage",
      () => legacy("FloatStorage", "FoulxStorage"),
      /type FoulxStorage|unknown type/,
    ],
    [
      "a flipped bit",
      () => {
        const file = Uint8Array.from(fixture("state.pt"));
        file[200]! ^= 1;
        return file;
      },
      /checksum|zip|byte/,
    ],
  ])("%s", (_, file, message) => {
    const error = errorOf(() => readTorch(file()));
    expect(error).toMatchObject({ format: "torch" });
    expect(error.message).toMatch(message);
  });

  test("more or deeper objects than allowed", () => {
    const file = fixture("state.pt");
    expect(errorOf(() => readTorch(file, { maxObjects: 50 })).message).toMatch(/objects/);
    expect(errorOf(() => readTorch(file, { maxDepth: 2 })).message).toMatch(/deeper than 2/);
  });

  test("windows outside of their storage, made by hand", () => {
    const tensor: Tensor = {
      kind: "tensor",
      dtype: "float32",
      shape: [2, 2],
      strides: [2, 1],
      offset: 1,
      storage: new Uint8Array(16),
      requiresGrad: false,
    };
    expect(() => toContiguous(tensor)).toThrow(RangeError);
    expect(() => toContiguous(tensor)).toThrow(
      "toContiguous: expected a tensor inside its storage",
    );
    expect([...toContiguous({ ...tensor, offset: 0 })]).toEqual([0, 0, 0, 0]);
  });
});
