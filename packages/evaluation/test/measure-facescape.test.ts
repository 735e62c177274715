import { rotationFromAxisAngle } from "@headform/core-math";
import { measureFaceScape } from "@headform/evaluation";
import { describe, expect, test } from "vitest";
import { reference } from "./shell.ts";

const { scan, prediction, facescape } = reference;
const truth = { positions: scan.positions, indices: Uint32Array.from(scan.indices) };
const predicted = {
  positions: prediction.positions.map((x, i) => x + facescape.shift[i % 3]),
  indices: Uint32Array.from(prediction.indices),
};
const options = { center: scan.center, size: facescape.size };

/** An upright cylinder of radius `radius` around the axis, from −100 to 100, all around. */
function cylinder(radius: number, columns = 96) {
  const positions: number[] = [];
  const indices: number[] = [];
  for (let i = 0; i < columns; i++) {
    const angle = (2 * Math.PI * i) / columns;
    const [x, z] = [radius * Math.sin(angle), radius * Math.cos(angle)];
    positions.push(x, -100, z, x, 100, z);
    const [a, b] = [2 * i, 2 * ((i + 1) % columns)];
    indices.push(a, b, a + 1, b, b + 1, a + 1);
  }
  return { positions, indices: Uint32Array.from(indices) };
}

describe("measureFaceScape", () => {
  test("agrees with every triangle against every ray in NumPy", () => {
    const found = measureFaceScape(predicted, truth, { ...options, alignDepth: false });
    // Rays that hit an edge may name either of its triangles; distances do not care.
    expect(found.chamfer).toBeCloseTo(facescape.chamfer, 6);
    expect(found.completeRate).toBeCloseTo(facescape.completeRate, 10);
    expect(found.meanNormalError).toBeCloseTo(facescape.meanNormalError, 3);
    expect(found.meanNormalAngle).toBeCloseTo(facescape.meanNormalAngle, 3);
    expect(found.depthOffset).toBe(0);
  });
  test("two cylinders: the difference of their radii, no angle, everything there", () => {
    const found = measureFaceScape(cylinder(73), cylinder(70), {
      size: 64,
      center: [0, 0, 0],
      alignDepth: false,
    });
    // Cylinders of 96 flat pieces lie up to 0.04 within the round ones.
    expect(found.chamfer).toBeCloseTo(3, 1);
    expect(found.completeRate).toBe(1);
    expect(found.meanNormalAngle).toBeLessThan(1e-6);
  });
  test("half a cylinder is half complete", () => {
    const { positions, indices } = cylinder(70);
    const half = { positions, indices: indices.slice(0, indices.length / 2) };
    const { completeRate } = measureFaceScape(half, cylinder(70), {
      size: 64,
      center: [0, 0, 0],
      alignDepth: false,
    });
    // One column of 64 more or less.
    expect(Math.abs(completeRate - 0.5)).toBeLessThan(1 / 32);
  });
  test("the depth a photo leaves open is found again", () => {
    const shifted = truth.positions.map((x, i) => x + (i % 3 === 2 ? 17 : 0));
    const found = measureFaceScape({ ...truth, positions: shifted }, truth, options);
    // Equal meshes differ by the same everywhere.
    expect(found.depthOffset).toBeCloseTo(-17, 9);
    expect(found.chamfer).toBeLessThan(1e-9);
    expect(found.completeRate).toBe(1);
  });
  test("a head that is turned is turned back", () => {
    const rotation = rotationFromAxisAngle([0.2, 0.4, -0.1]);
    const turn = (points: ArrayLike<number>) =>
      Float64Array.from(points, (_, i) => {
        const [row, first] = [3 * (i % 3), i - (i % 3)];
        return [0, 1, 2].reduce((sum, k) => sum + rotation[row + k] * points[first + k], 0);
      });
    const plain = measureFaceScape(predicted, truth, { ...options, alignDepth: false });
    const turned = measureFaceScape(
      { ...predicted, positions: turn(predicted.positions) },
      { ...truth, positions: turn(truth.positions) },
      { size: facescape.size, center: turn(scan.center), rotation, alignDepth: false },
    );
    // Rounding may move a ray over an edge.
    expect(turned.chamfer).toBeCloseTo(plain.chamfer, 4);
    expect(turned.completeRate).toBeCloseTo(plain.completeRate, 2);
  });
  test("refuses meshes that do not meet", () => {
    const beside = { ...predicted, positions: predicted.positions.map((x) => x + 1000) };
    expect(() => measureFaceScape(beside, truth, options)).toThrow("one beside it");
    const above = predicted.positions.map((x, i) => x + (i % 3 === 1 ? 400 : 0));
    expect(() =>
      measureFaceScape({ ...predicted, positions: above }, truth, {
        ...options,
        alignDepth: false,
      }),
    ).toThrow("none in common");
    const far = { ...predicted, positions: predicted.positions.map((x) => x / 1000) };
    const tiny = { ...truth, positions: truth.positions.map((x) => x / 1000) };
    expect(() => measureFaceScape(far, tiny)).toThrow(RangeError);
    expect(() => measureFaceScape(predicted, { ...truth, positions: [Number.NaN, 0, 0] })).toThrow(
      RangeError,
    );
    expect(() => measureFaceScape(predicted, truth, { size: 4 })).toThrow("size ≥ 8");
  });
});
