import { createGramKernel, createRandom, gramMatrix } from "@headform/core-math";
import { describe, expect, test } from "vitest";

describe.each(["auto", "typescript"] as const)("gram matrix, kernel %s", (kernel) => {
  test.each([
    [1, 1],
    [2, 3],
    [3, 4],
    [7, 5],
    [64, 100],
  ])("%i vectors of length %i are multiplied each with each", (count, length) => {
    const random = createRandom(3);
    const room = createGramKernel(count, length, { kernel });
    expect(room.stride % 4).toBe(0);
    for (let i = 0; i < count; i++) {
      for (let k = 0; k < length; k++) room.rows[i * room.stride + k] = random.normal();
    }
    const gram = gramMatrix(room);
    for (let i = 0; i < count; i++) {
      for (let j = 0; j < count; j++) {
        let dot = 0;
        for (let k = 0; k < length; k++) {
          dot += room.rows[i * room.stride + k] * room.rows[j * room.stride + k];
        }
        // Sums of 100 products of single precision, each of size 1.
        expect(gram[i * count + j]).toBeCloseTo(dot, 4);
        expect(gram[i * count + j]).toBe(gram[j * count + i]);
      }
    }
  });

  test("no vectors have no products", () => {
    expect(gramMatrix(createGramKernel(0, 5, { kernel }))).toHaveLength(0);
  });
});

test("what does not fit is refused", () => {
  expect(() => createGramKernel(-1, 3)).toThrow(RangeError);
  expect(() => createGramKernel(2, 1.5)).toThrow(RangeError);
  expect(() => gramMatrix(createGramKernel(2, 3), new Float64Array(3))).toThrow(RangeError);
});
