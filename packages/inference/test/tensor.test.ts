import { checkTensor, createTensor } from "@headform/inference";
import { expect, test } from "vitest";

test("makes zeros of the asked type and shares given data", () => {
  expect(createTensor("float32", [2, 3])).toEqual({
    type: "float32",
    dims: [2, 3],
    data: new Float32Array(6),
  });
  expect(createTensor("int64", []).data).toEqual(new BigInt64Array(1));
  expect(createTensor("uint8", [0, 4]).data.length).toBe(0);
  const data = new Float32Array([1, 2]);
  expect(createTensor("float32", [1, 2], data).data).toBe(data);
  const shared = new Float32Array(new SharedArrayBuffer(8));
  expect(createTensor("float32", [2], shared).data).toBe(shared);
});

test("keeps its own copy of the sizes", () => {
  const dims = [2];
  const tensor = createTensor("float32", dims);
  dims[0] = 9;
  expect(tensor.dims).toEqual([2]);
});

test("refuses what does not agree", () => {
  expect(() => createTensor("float32", [2, -1])).toThrow(RangeError);
  expect(() => createTensor("float32", [1.5])).toThrow(RangeError);
  expect(() => createTensor("float32", [2], new Float32Array(3))).toThrow(
    "createTensor: expected 2 elements for dims [2], got 3",
  );
  expect(() => createTensor("complex" as "float32", [2])).toThrow(TypeError);
  expect(() =>
    checkTensor({ type: "complex" as "float32", dims: [], data: new Float32Array(1) }),
  ).toThrow(TypeError);
  expect(() => checkTensor({ type: "float32", dims: [1], data: new Float64Array(1) })).toThrow(
    "checkTensor: expected Float32Array for type float32, got Float64Array",
  );
});
