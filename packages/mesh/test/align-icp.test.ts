import { rotationFromAxisAngle } from "@headform/core-math";
import { alignIcp, createTriangleIndex, type Similarity } from "@headform/mesh";
import { createRandom } from "@headform/testing";
import { describe, expect, test } from "vitest";
import { cube } from "./shapes.ts";

/** A box of sides 2, 3, 4: no turn but the identity carries it onto itself within 20°. */
const box = (() => {
  const { positions, indices } = cube();
  return { positions: positions.map((x, i) => x * (1 + (i % 3) / 2)), indices };
})();
const surface = createTriangleIndex(box);

/** Points of the box's surface, moved away by the inverse of `by`. */
function away(by: Similarity, count: number, seed: number): Float64Array {
  const random = createRandom(seed);
  const points = new Float64Array(3 * count);
  for (let i = 0; i < count; i++) {
    const side = i % 3;
    for (let axis = 0; axis < 3; axis++) {
      const half = 1 + axis / 2;
      points[3 * i + axis] =
        axis === side ? half * (random() < 0.5 ? -1 : 1) : half * (2 * random() - 1);
    }
  }
  const out = new Float64Array(points.length);
  for (let i = 0; i < out.length; i += 3) {
    for (let j = 0; j < 3; j++) {
      for (let k = 0; k < 3; k++) {
        out[i + j]! += (by.rotation[3 * k + j]! * (points[i + k]! - by.translation[k]!)) / by.scale;
      }
    }
  }
  return out;
}

const moved = (scale: number): Similarity => ({
  scale,
  rotation: rotationFromAxisAngle([0.15, -0.1, 0.12]),
  translation: Float64Array.of(0.1, -0.15, 0.05),
});

function expectSame(got: Similarity, wanted: Similarity, digits: number): void {
  expect(got.scale).toBeCloseTo(wanted.scale, digits);
  for (let i = 0; i < 9; i++) expect(got.rotation[i]!).toBeCloseTo(wanted.rotation[i]!, digits);
  for (let i = 0; i < 3; i++) {
    expect(got.translation[i]!).toBeCloseTo(wanted.translation[i]!, digits);
  }
}

describe("alignIcp", () => {
  // Noise-free: what is left is the stopping rule, 1e-9 of the extent, and for "point", which
  // converges linearly, a few hundred times that.
  test.each([
    ["plane", false, 8],
    ["plane", true, 8],
    ["point", false, 5],
    ["point", true, 4],
  ] as const)("%s, scale %s: finds the way back", (metric, scale, digits) => {
    const truth = moved(scale ? 1.1 : 1);
    const found = alignIcp(away(truth, 400, 1), surface, { metric, scale, maxIterations: 400 });
    expect(found.status).toBe("converged");
    expect(found.residual).toBeLessThan(10 ** -digits);
    expectSame(found.similarity, truth, digits);
  });

  test("trimming forgets a fifth of points that belong to nothing", () => {
    const truth = moved(1);
    const points = away(truth, 400, 2);
    const random = createRandom(8);
    for (let i = 0; i < 3 * 80; i++) points[i] = 8 + random();
    const found = alignIcp(points, surface, { trim: 0.2 });
    expectSame(found.similarity, truth, 8);
    expect(found.inliers.subarray(0, 80).every((x) => x === 0)).toBe(true);
    expect(found.inliers.subarray(80).every((x) => x === 1)).toBe(true);
  });

  test("keeps the initial scale, and says when it had no time", () => {
    const initial = { ...moved(1), scale: 0.5 };
    const found = alignIcp(away(moved(1), 60, 3), surface, { initial, maxIterations: 1 });
    expect(found.similarity.scale).toBe(0.5);
    expect([found.status, found.iterations]).toEqual(["max-iterations", 1]);
  });

  test("errors", () => {
    expect(() => alignIcp([0, 0, 0, 1, 1, 1], surface)).toThrow(/N ≥ 3 points/);
    const three = new Float64Array(9);
    expect(() => alignIcp(three, surface, { trim: 1 })).toThrow(/trim in \[0, 1\), got 1/);
    expect(() => alignIcp(three, surface, { maxIterations: 0 })).toThrow(
      /maxIterations ≥ 1, got 0/,
    );
    expect(() => alignIcp(three.fill(Number.NaN), surface)).toThrow(/finite/);
  });
});
