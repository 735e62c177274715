import * as vec3 from "@headform/core-math/vec3";
import { cross, dot, length } from "@headform/core-math/vec3";
import { expect, test } from "vitest";

test("closed forms", () => {
  expect(vec3.add([0, 0, 0], [1, 2, 3], [4, 5, 6])).toEqual([5, 7, 9]);
  expect(vec3.subtract([0, 0, 0], [4, 5, 6], [1, 2, 3])).toEqual([3, 3, 3]);
  expect(vec3.scale([0, 0, 0], [1, 2, 3], 2)).toEqual([2, 4, 6]);
  expect(dot([1, 2, 3], [4, 5, 6])).toBe(32);
  expect(cross([0, 0, 0], [1, 0, 0], [0, 1, 0])).toEqual([0, 0, 1]);
  expect(length([2, 3, 6])).toBe(7);
  expect(vec3.distance([1, 1, 1], [3, 4, 7])).toBe(7);
  expect(vec3.normalize([0, 0, 0], [0, 0, 5])).toEqual([0, 0, 1]);
  expect(vec3.normalize([1, 1, 1], [0, 0, 0])).toEqual([0, 0, 0]);
  expect(vec3.transform([0, 0, 0], [0, -1, 0, 1, 0, 0, 0, 0, 1], [1, 2, 3])).toEqual([-2, 1, 3]);
});

test("out may be an input", () => {
  const a = Float64Array.of(1, 2, 3);
  expect([...cross(a, a, [4, 5, 6])]).toEqual([-3, 6, -3]);
  const b = [1, 2, 3];
  expect(vec3.transform(b, [0, 1, 0, 0, 0, 1, 1, 0, 0], b)).toEqual([2, 3, 1]);
});
