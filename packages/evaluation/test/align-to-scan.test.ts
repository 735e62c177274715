import { createRandom, rotationFromAxisAngle } from "@headform/core-math";
import { alignToScan } from "@headform/evaluation";
import { describe, expect, test } from "vitest";
import { reference, square } from "./shell.ts";

const { positions, indices } = reference.scan;
const surface = { positions, indices: Uint32Array.from(indices) };

/** s·R·x + t */
function move(points: ArrayLike<number>, s: number, r: ArrayLike<number>, t: readonly number[]) {
  return Float64Array.from(points, (_, i) => {
    const first = i - (i % 3);
    const row = 3 * (i % 3);
    return (
      s *
        (r[row] * points[first] + r[row + 1] * points[first + 1] + r[row + 2] * points[first + 2]) +
      t[i % 3]
    );
  });
}

function expectClose(found: Float64Array, wanted: ArrayLike<number>, digits: number): void {
  for (let i = 0; i < wanted.length; i++) expect(found[i]).toBeCloseTo(wanted[i], digits);
}

describe("alignToScan", () => {
  test.each([false, true])("finds a known motion of a noise-free scan, scale %s", (scale) => {
    const size = scale ? 1.06 : 1;
    const rotation = rotationFromAxisAngle([0.1, -0.12, 0.05]);
    const scan = move(positions, size, rotation, [4, -6, 5]);
    const { similarity, cost, status } = alignToScan(surface, scan, { scale });
    expect(status).toBe("converged");
    // Gauss–Newton converges quadratically to a residual of 0: rounding is what is left.
    expect(cost).toBeLessThan(1e-12);
    expect(similarity.scale).toBeCloseTo(size, 8);
    expectClose(similarity.rotation, rotation, 8);
    expectClose(similarity.translation, [4, -6, 5], 6);
  });
  test("starts where it is told, however far", () => {
    const rotation = rotationFromAxisAngle([0, 2.5, 0]);
    const scan = move(positions, 1, rotation, [1000, 0, 0]);
    const initial = {
      scale: 1,
      rotation: rotationFromAxisAngle([0.05, 2.45, 0]),
      translation: Float64Array.of(1002, 1, 0),
    };
    const { similarity } = alignToScan(surface, scan, { initial });
    expectClose(similarity.rotation, rotation, 8);
  });
  test("noise leaves a least-squares minimum: no small motion makes the cost less", () => {
    const random = createRandom(4);
    const scan = Float64Array.from(positions, (x) => x + random.normal());
    const { similarity, cost } = alignToScan(surface, scan, { scale: true });
    const costAt = (s: number, axis: number[], t: number[]): number => {
      const turned = move(positions, similarity.scale, similarity.rotation, [
        ...similarity.translation,
      ]);
      const now = move(turned, s, rotationFromAxisAngle(axis), t);
      return alignToScan({ ...surface, positions: now }, scan, { maxIterations: 1 }).cost;
    };
    expect(cost).toBeGreaterThan(0);
    // One iteration from a moved start may only improve on it, yet not below the minimum for long.
    for (let axis = 0; axis < 3; axis++) {
      const turn = [0, 0, 0];
      turn[axis] = 1e-3;
      expect(costAt(1, turn, [0, 0, 0])).toBeGreaterThan(cost * (1 - 1e-6));
    }
    expect(costAt(1.001, [0, 0, 0], [0, 0, 0])).toBeGreaterThan(cost * (1 - 1e-3));
  });
  test("a scan on the surface stays", () => {
    const { similarity, cost } = alignToScan(square(1), [0.1, 0.1, 0, 0.9, 0.1, 0, 0.5, 0.8, 0]);
    expect(cost).toBe(0);
    expect([...similarity.translation]).toEqual([0, 0, 0]);
  });
  test("refuses what it cannot align", () => {
    expect(() => alignToScan(surface, [0, 0, 0, 1, 1, 1])).toThrow("N ≥ 3");
    expect(() => alignToScan(surface, new Array(9).fill(Number.NaN))).toThrow("finite scan");
    const nothing = { positions, indices: new Uint32Array(0) };
    expect(() => alignToScan(nothing, positions)).toThrow("at least 1 triangle");
  });
});
