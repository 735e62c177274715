import { readFileSync } from "node:fs";
import { createRandom } from "@headform/core-math";
import { boundsOf, closestPoints, createTriangleIndex, type Mesh } from "@headform/mesh";
import { evaluate, evaluateLandmarks, readHead, registerHead } from "@headform/morphable-model";
import { isosurface, smoothVolume, voxelize } from "@headform/volume";
import { describe, expect, test } from "vitest";

const head = readHead(
  readFileSync(new URL("../../open-head/data/head.safetensors", import.meta.url)),
);
const random = createRandom(5);
const weights: Record<string, number> = { jawOpen: 0.3, mouthSmileLeft: 0.5, browInnerUp: 0.3 };
const truth = evaluate(head, {
  shape: Float64Array.from(head.shapeStandardDeviations, (sigma) => sigma * random.normal()),
  expression: Float64Array.from(head.expressionNames, (name) => weights[name] ?? 0),
});
/** Voxels to a meter: a head of 290 mm and 180 voxels. */
const { min, max } = boundsOf({ positions: truth });
const scale = 180 / (max[1]! - min[1]!);
const placed: Mesh = {
  positions: truth.map((value, i) => scale * (value - (min[i % 3]! + max[i % 3]!) / 2) + 96),
  indices: head.indices,
  unit: "none",
};
const solid = voxelize(placed, { dims: [192, 192, 200], spacing: [1, 1, 1], origin: [0, 0, 0] });

/** Root mean square distance between vertices of a region, millimeters. */
function errorOf(positions: ArrayLike<number>, region: string): number {
  let squared = 0;
  let count = 0;
  for (let v = 0; v < placed.positions.length / 3; v++) {
    if (head.regionNames?.[head.regions?.[v] ?? -1] !== region) continue;
    count++;
    for (let i = 3 * v; i < 3 * v + 3; i++) squared += (positions[i]! - placed.positions[i]!) ** 2;
  }
  return (1000 / scale) * Math.sqrt(squared / count);
}

test("the surface of the filled head is within half a voxel of the head", () => {
  const surface = isosurface(solid, { normals: false });
  const { squaredDistances } = closestPoints(createTriangleIndex(placed), surface.positions);
  // Each vertex is in the middle of a step between samples; 1/4096 of a voxel is snapping. Where
  // the open neck or the eyes' sockets are closed over, there is no mesh to be near.
  const half = 0.5 + 1 / 4096;
  const far = squaredDistances.filter((squared) => squared > half * half).length;
  expect(far / squaredDistances.length).toBeLessThan(0.08);
});

describe("a head of the model, from its volume of 192×192×200 back to its vertices", () => {
  test.each([
    // A voxel is 1.6 mm. Steps of whole voxels cost a quarter of one.
    { name: "of 0 and 1", blur: 0, face: 0.5, ears: 0.4 },
    // The mouth, open by some millimeters, closes over: what is beside it goes along.
    { name: "blurred by a voxel", blur: 1, face: 1.4, ears: 0.8 },
  ])("$name", ({ blur, face, ears }) => {
    const volume = blur === 0 ? solid : smoothVolume(solid, blur);
    const found = registerHead(head, isosurface(volume), { maximum: 1200 });
    expect(found.status).toBe("converged");
    expect(errorOf(found.positions, "faceSkin")).toBeLessThan(face);
    expect(errorOf(found.positions, "ears")).toBeLessThan(ears);
    const landmarks = evaluateLandmarks(found.positions, head);
    const expected = evaluateLandmarks(placed.positions, head);
    const errors = Array.from({ length: 68 }, (_, l) =>
      Math.hypot(...[0, 1, 2].map((axis) => landmarks[3 * l + axis]! - expected[3 * l + axis]!)),
    );
    // Lids and lips among them: still within a voxel on the mean.
    expect(errors.reduce((sum, value) => sum + value, 0) / 68).toBeLessThan(1);
  });
});
