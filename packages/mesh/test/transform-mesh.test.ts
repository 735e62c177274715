import { rotationFromAxisAngle } from "@headform/core-math/rotation";
import { applyMorphTargets, computeNormals, transformMesh } from "@headform/mesh";
import { expect, test } from "vitest";
import { sheet, square } from "./shapes.ts";

const similarity = {
  scale: 2,
  rotation: rotationFromAxisAngle([0, 0, Math.PI / 2]),
  translation: Float64Array.of(10, 0, 0),
};

test("a quarter turn about z, twice the size, moved", () => {
  const moved = transformMesh(square(), similarity);
  // The cosine of a quarter turn is 6e-17 in doubles: nothing in single floats near 10.
  expect(moved.positions[9]).toBeCloseTo(8, 6);
  expect(moved.positions[4]).toBeCloseTo(2, 6);
  expect(moved.normals).toEqual(square().normals);
  expect(moved.morphTargets![0]!.offsets[2]).toBe(4);
  expect(moved.uvs).toEqual(square().uvs);
});

test("commutes with posing and with normals", () => {
  const mesh = { ...sheet(5, 8), normals: computeNormals(sheet(5, 8)) };
  const offsets = mesh.positions.map((x, i) => Math.sin(i) * x);
  const morphing = { ...mesh, morphTargets: [{ name: "a", weight: 0.7, offsets }] };
  const a = applyMorphTargets(transformMesh(morphing, similarity));
  const b = transformMesh(applyMorphTargets(morphing), similarity);
  // Positions of about 10 in single floats: 1e-6 apart.
  for (let i = 0; i < a.positions.length; i++) {
    expect(a.positions[i]).toBeCloseTo(b.positions[i]!, 5);
    expect(a.normals![i]).toBeCloseTo(b.normals![i]!, 4);
  }
});

test("refuses a scale of 0 and short matrices", () => {
  expect(() => transformMesh(square(), { ...similarity, scale: 0 })).toThrow(RangeError);
  expect(() => transformMesh(square(), { ...similarity, rotation: new Float64Array(4) })).toThrow(
    new RangeError("transformMesh: expected rotation [9] and translation [3], got 4 and 3"),
  );
});
