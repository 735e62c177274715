import {
  type LuaFunction,
  type LuaObject,
  type LuaTable,
  type LuaValue,
  readTorch7,
  type Tensor,
  toContiguous,
  toFloat32,
  toList,
} from "@headform/formats/torch7";
import { describe, expect, test } from "vitest";
import { errorOf, expectToRefuseTruncated, expectToSurvive, fixture } from "../fixture.ts";

const file = fixture("net.t7");

/** Four-byte integers, and text with its length. */
function bytesOf(...parts: readonly (number | string)[]): Uint8Array {
  return Uint8Array.from(
    parts.flatMap((part) => {
      const letters = typeof part === "string" ? [...part].map((c) => c.charCodeAt(0)) : [];
      const int = typeof part === "number" ? part : letters.length;
      return [...new Uint8Array(Int32Array.of(int).buffer), ...letters];
    }),
  );
}

describe("a network", () => {
  const net = readTorch7(file) as LuaObject;
  const fields = net.fields as LuaTable;
  const [convolution, normalization] = toList(fields.get("modules") as LuaTable) as LuaObject[];
  const attribute = (layer: LuaObject, name: string): LuaValue | undefined =>
    (layer.fields as LuaTable).get(name);

  test("has its layers with their attributes", () => {
    expect(net.className).toBe("nn.Sequential");
    expect(convolution!.className).toBe("nn.SpatialConvolution");
    expect(attribute(convolution!, "nInputPlane")).toBe(6);
    expect(attribute(convolution!, "train")).toBe(true);
    expect(attribute(convolution!, "_type")).toBe("torch.FloatTensor");
    expect(normalization!.className).toBe("nn.SpatialBatchNormalization");
    expect(attribute(normalization!, "eps")).toBe(1e-5);
    expect(fields.get("nothing")).toBe(false);
  });

  test("has its tensors, windows on shared storages", () => {
    const weight = attribute(convolution!, "weight") as Tensor;
    expect(weight.shape).toEqual([4, 6]);
    expect([...toFloat32(weight)]).toEqual(Array.from({ length: 24 }, (_, i) => i));
    const window = attribute(normalization!, "running_mean") as Tensor;
    expect([...toFloat32(window)]).toEqual([8, 10, 14, 16]);
    expect(window.storage).toBe(weight.storage);
    expect(fields.get("weight again")).toBe(weight);
    const output = attribute(normalization!, "output") as Tensor;
    expect([output.shape, toContiguous(output)]).toEqual([[0], new Float32Array()]);
    expect([...toContiguous(attribute(normalization!, "ids") as Tensor)]).toEqual([-1n, 2n ** 40n]);
    expect([...toContiguous(attribute(normalization!, "bytes") as Tensor)]).toEqual([0, 1, 2]);
  });

  test("has its cycles, and its functions as bytes", () => {
    expect(fields.get("self")).toBe(fields);
    const hook = fields.get("hook") as LuaFunction;
    expect(hook.kind).toBe("function");
    expect(hook.bytecode).toEqual(Uint8Array.of(0x1b, 0x4c, 0x75, 0x61, 0x52));
    expect(hook.upvalues).toEqual(new Map());
  });

  test("costs no copies: storages are views of the file", () => {
    const own = Uint8Array.from(file);
    const layers = ((readTorch7(own) as LuaObject).fields as LuaTable).get("modules") as LuaTable;
    const weight = ((toList(layers)[0] as LuaObject).fields as LuaTable).get("weight") as Tensor;
    expect(weight.storage.buffer).toBe(own.buffer);
  });

  test("survives damage", () => {
    expectToSurvive(readTorch7, file, 31);
    expectToRefuseTruncated(readTorch7, file);
  });
});

test("reads files without versions, functions of all ages and GPU tensors", () => {
  expect(readTorch7(bytesOf(4, 1, "nn.Identity", 0))).toEqual({
    kind: "object",
    className: "nn.Identity",
    fields: null,
  });
  expect(readTorch7(bytesOf(6, "code", 0))).toMatchObject({ kind: "function", upvalues: null });
  expect(readTorch7(bytesOf(7, 1, "code", 0))).toMatchObject({ kind: "function" });
  const storage = bytesOf(4, 1, "V 1", "torch.CudaStorage", 1, 0, 0);
  expect(readTorch7(storage)).toMatchObject({ kind: "storage", dtype: "float32" });
});

test("a chain of 50,000 tables needs no stack", () => {
  // Table k has one entry, at 1: table k + 1. The last has true.
  const links = new Int32Array(50_000 * 5 + 2);
  for (let k = 0; k < 50_000; k++) links.set([3, k + 1, 1, 5, 1], k * 5);
  links.set([5, 1], 250_000);
  const bytes = new Uint8Array(links.buffer);
  expect(readTorch7(bytes)).toHaveProperty("size", 1);
  expect(errorOf(() => readTorch7(bytes, { maxDepth: 1000 })).message).toMatch(/deeper than 1000/);
});

describe("refuses", () => {
  const tensor = (...body: number[]): Uint8Array =>
    bytesOf(4, 1, "V 1", "torch.FloatTensor", ...body);

  test.each<[string, Uint8Array, RegExp]>([
    ["nothing", new Uint8Array(), /expected 4 more bytes/],
    ["the ASCII form", new TextEncoder().encode("4\n1\n"), /ASCII/],
    ["an unknown type", bytesOf(9), /9 is no type/],
    ["a table beyond the file", bytesOf(3, 1, 2 ** 30), /ends beyond the file/],
    ["a negative count", bytesOf(3, 1, -1), /-1 is no count/],
    ["a nil key", bytesOf(3, 1, 1, 0, 0, 0), /a key is nil/],
    ["a string beyond the file", bytesOf(2, 2 ** 20), /expected 1048576 more bytes/],
    ["a string of a gigabyte", bytesOf(2, 2 ** 30), /1073741824 bytes is too long/],
    ["a storage beyond the file", bytesOf(4, 1, "V 1", "torch.FloatStorage", 0, 1), /more bytes/],
    ["a tensor of too many axes", tensor(65), /65 axes/],
    ["a negative size", tensor(1, -1, -1, 1, 0, 1, 0, 0), /not whole numbers/],
    ["a tensor without its storage", tensor(1, 5, 0, 1, 0, 1, 0, 0), /lies outside its 0 bytes/],
    ["another value for a storage", tensor(1, 0, 0, 1, 0, 1, 0, 5, 1), /storage is not of float32/],
    [
      "a tensor outside its storage",
      Uint8Array.from([
        ...tensor(1, 3, 0, 1, 0, 1, 0),
        ...bytesOf(4, 2, "V 1", "torch.FloatStorage", 2, 0, 0, 0),
      ]),
      /tensor of \[3\] lies outside its 8 bytes/,
    ],
    [
      "a tensor that repeats its elements a billion times",
      Uint8Array.from([
        ...tensor(1, 2 ** 30, 0, 0, 0, 1, 0),
        ...bytesOf(4, 2, "V 1", "torch.FloatStorage", 1, 0, 0),
      ]),
      /repeats its elements 1073741824 times/,
    ],
  ])("%s", (_, bytes, message) => {
    const error = errorOf(() => readTorch7(bytes));
    expect(error).toMatchObject({ format: "torch7" });
    expect(error.message).toMatch(message);
  });

  test("more objects than allowed", () => {
    expect(errorOf(() => readTorch7(file, { maxObjects: 20 })).message).toMatch(/more than 20/);
  });
});
