import { boundsOf } from "@headform/mesh";
import { expect, test } from "vitest";
import { cube } from "./shapes.ts";

test("finds the box", () => {
  expect(boundsOf(cube())).toEqual({
    min: Float64Array.of(-1, -1, -1),
    max: Float64Array.of(1, 1, 1),
  });
  const { min, max } = boundsOf({ positions: Float32Array.of(3, -2, 0.5) });
  expect(min).toEqual(max);
});

test("refuses no vertex", () => {
  expect(() => boundsOf({ positions: new Float32Array(0) })).toThrow(RangeError);
});
