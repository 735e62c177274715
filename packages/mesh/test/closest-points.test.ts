import { closestPoints, createTriangleIndex } from "@headform/mesh";
import { createRandom } from "@headform/testing";
import { describe, expect, test } from "vitest";
import { cube, sheet, square } from "./shapes.ts";

describe("closestPoints", () => {
  test("on a cube is the point with every coordinate clamped, from outside", () => {
    const index = createTriangleIndex(cube());
    const random = createRandom(3);
    const queries = Float64Array.from({ length: 600 }, () => 6 * random() - 3).map((x, i, all) => {
      // At least one coordinate outside makes the clamp the answer.
      const first = i - (i % 3);
      const outside = [0, 1, 2].some((axis) => Math.abs(all[first + axis]!) > 1);
      return outside ? x : Math.sign(x) * (1 + Math.abs(x));
    });
    const { points, barycentrics, triangles, squaredDistances } = closestPoints(index, queries);
    for (let i = 0; i < queries.length; i++) {
      // Sums of a few float64 terms of size 1: 1e-12 is a thousand roundings.
      expect(points[i]!).toBeCloseTo(Math.max(-1, Math.min(1, queries[i]!)), 12);
    }
    for (let q = 0; q < triangles.length; q++) {
      const [a, b, c] = barycentrics.subarray(3 * q, 3 * q + 3);
      expect(Math.min(a!, b!, c!)).toBeGreaterThanOrEqual(0);
      expect(a! + b! + c!).toBeCloseTo(1, 12);
      let squared = 0;
      for (let i = 3 * q; i < 3 * q + 3; i++) squared += (points[i]! - queries[i]!) ** 2;
      expect(squaredDistances[q]!).toBeCloseTo(squared, 10);
    }
  });

  test("agrees with trying every triangle on a bumpy sheet", () => {
    const mesh = sheet(12, 5);
    const all = createTriangleIndex(mesh);
    const random = createRandom(4);
    const queries = Float64Array.from({ length: 150 }, () => 1.4 * random() - 0.2);
    const { squaredDistances } = closestPoints(all, queries);
    const best = new Float64Array(50).fill(Number.POSITIVE_INFINITY);
    for (let t = 0; t < mesh.indices.length / 3; t++) {
      const one = closestPoints(createTriangleIndex(mesh, [t]), queries);
      for (let q = 0; q < 50; q++) best[q] = Math.min(best[q]!, one.squaredDistances[q]!);
    }
    expect([...squaredDistances]).toEqual([...best]);
  });

  test("leaves out what is too far, and takes triangles without area", () => {
    const far = closestPoints(createTriangleIndex(square()), [0.5, 0.5, 2, 0.5, 0.5, 0.5], {
      maxDistance: 1,
    });
    expect([...far.triangles].map((t) => t >= 0)).toEqual([false, true]);
    expect(far.squaredDistances[0]).toBe(Number.POSITIVE_INFINITY);
    expect(far.points[0]).toBeNaN();
    const line = {
      positions: Float32Array.of(0, 0, 0, 1, 0, 0, 2, 0, 0),
      indices: Uint32Array.of(0, 1, 2),
    };
    const onLine = closestPoints(createTriangleIndex(line), [1.5, 1, 0, 5, 0, 0, -1, 0, 0]);
    expect([...onLine.squaredDistances]).toEqual([1, 9, 1]);
    const dot = { positions: new Float32Array(9), indices: Uint32Array.of(0, 1, 2) };
    expect([...closestPoints(createTriangleIndex(dot), [0, 3, 4]).squaredDistances]).toEqual([25]);
  });

  test("errors", () => {
    const index = createTriangleIndex(square());
    expect(() => createTriangleIndex(square(), [])).toThrow(/at least 1 triangle, got 0/);
    expect(() => createTriangleIndex(square(), [2])).toThrow(/triangles below 2, got 2/);
    const bad = {
      positions: new Float32Array(9).fill(Number.NaN),
      indices: Uint32Array.of(0, 1, 2),
    };
    expect(() => createTriangleIndex(bad)).toThrow(/finite positions.*triangle 0/);
    expect(() => closestPoints(index, [1, 2])).toThrow(/queries \[Q×3\], got 2 numbers/);
    expect(() => closestPoints(index, [1, 2, Number.NaN])).toThrow(/finite queries/);
    expect(() => closestPoints(index, [], { maxDistance: -1 })).toThrow(/maxDistance ≥ 0, got -1/);
    expect(closestPoints(index, []).triangles).toHaveLength(0);
  });
});
