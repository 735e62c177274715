import { applyMorphTargets } from "@headform/mesh";
import { expect, test } from "vitest";
import { cube, square } from "./shapes.ts";

test("adds weight × offsets, and forgets the targets", () => {
  const posed = applyMorphTargets(square());
  expect(posed.positions.slice(0, 6)).toEqual(Float32Array.of(0, 0, 1, 1, 0, 0));
  expect("morphTargets" in posed).toBe(false);
  expect(posed.uvs).toEqual(square().uvs);
  // The lifted corner tips the normals towards −x and −y or the opposite ones.
  expect(posed.normals![2]).toBeLessThan(1);
});

test("takes weights instead of the targets' own", () => {
  const posed = applyMorphTargets(square(), [0, 2]);
  expect(posed.positions).toEqual(square().positions.map((x) => x + 2));
  expect(() => applyMorphTargets(square(), [1])).toThrow(
    new RangeError("applyMorphTargets: expected 2 weights, got 1"),
  );
});

test("leaves a mesh without targets as it is", () => {
  expect(applyMorphTargets(cube())).toEqual(cube());
});
