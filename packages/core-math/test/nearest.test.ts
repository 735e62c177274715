import { createNearestIndex, createRandom, findNearest } from "@headform/core-math";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { reference } from "./reference.ts";

const SEED = 17;

/** The answer by looking at every point; of equal distances the lowest index. */
function search(points: ArrayLike<number>, query: number[], limit = Number.POSITIVE_INFINITY) {
  const d = query.length;
  let [best, found] = [Number.POSITIVE_INFINITY, -1];
  for (let i = 0; i < points.length / d; i++) {
    let distance = 0;
    for (let c = 0; c < d; c++) distance += (query[c] - points[d * i + c]) ** 2;
    if (distance < best && distance <= limit ** 2) [best, found] = [distance, i];
  }
  return { found, best };
}

test("agrees with SciPy's cKDTree", () => {
  const { points, queries, indices, squaredDistances } = reference.nearest;
  const found = findNearest(createNearestIndex(points, 3), queries);
  expect([...found.indices]).toEqual(indices);
  // SciPy gives distances, squared here: one rounding more.
  found.squaredDistances.forEach((d, i) => {
    expect(d).toBeCloseTo(squaredDistances[i], 13);
  });
});

describe("exact, against looking at every point", () => {
  // Coordinates on a coarse lattice make many equal distances and many equal points.
  const lattice = fc.integer({ min: -3, max: 3 });
  test.each([2, 3] as const)("%i dimensions, with ties", (dimension) => {
    const vector = fc.array(lattice, { minLength: dimension, maxLength: dimension });
    fc.assert(
      fc.property(
        fc.array(vector, { maxLength: 120 }),
        fc.array(vector, { maxLength: 20 }),
        fc.integer({ min: 0, max: 4 }),
        (points, queries, maxDistance) => {
          const index = createNearestIndex(points.flat(), dimension);
          const all = findNearest(index, queries.flat());
          const near = findNearest(index, queries.flat(), { maxDistance });
          queries.forEach((query, i) => {
            const { found, best } = search(points.flat(), query);
            expect([all.indices[i], all.squaredDistances[i]]).toEqual([found, best]);
            expect(near.indices[i]).toBe(search(points.flat(), query, maxDistance).found);
          });
        },
      ),
      { seed: SEED },
    );
  });

  test("a surface in space, float32, queries near it and far from it", () => {
    const random = createRandom(SEED);
    const points = Float32Array.from({ length: 3 * 3000 }, random.normal);
    for (let i = 0; i < points.length; i += 3) points[i + 2] = Math.sin(points[i]) * 0.2;
    const queries = Float32Array.from({ length: 3 * 300 }, () => 2 * random.normal());
    const { indices } = findNearest(createNearestIndex(points, 3), queries);
    for (let i = 0; i < 300; i++) {
      const query = [...queries.subarray(3 * i, 3 * i + 3)];
      expect(indices[i]).toBe(search(points, query).found);
    }
  });

  test("every point finds itself, in an index long enough for sampled pivots", () => {
    const random = createRandom(SEED);
    const points = Float64Array.from({ length: 2 * 5000 }, random.uniform);
    const { indices, squaredDistances } = findNearest(createNearestIndex(points, 2), points);
    expect(indices.every((found, i) => found === i)).toBe(true);
    expect(squaredDistances.every((d) => d === 0)).toBe(true);
  });
});

describe("edges", () => {
  test("no points, no queries, all points equal", () => {
    const none = findNearest(createNearestIndex([], 3), [1, 2, 3]);
    expect([...none.indices]).toEqual([-1]);
    expect(none.squaredDistances[0]).toBe(Number.POSITIVE_INFINITY);
    expect(findNearest(createNearestIndex([1, 2], 2), []).indices).toHaveLength(0);
    const same = createNearestIndex(new Float64Array(3000).fill(2), 3);
    expect(findNearest(same, [0, 0, 0]).indices[0]).toBe(0);
  });

  test("memory is reused", () => {
    const out = { indices: new Int32Array(1), squaredDistances: new Float64Array(1) };
    const found = findNearest(createNearestIndex([1, 0, 5, 0], 2), [4, 0], { out });
    expect(found.indices).toBe(out.indices);
    expect([out.indices[0], out.squaredDistances[0]]).toEqual([1, 1]);
  });

  test("maxDistance is inclusive", () => {
    const index = createNearestIndex([3, 4], 2);
    expect(findNearest(index, [0, 0], { maxDistance: 5 }).indices[0]).toBe(0);
    expect(findNearest(index, [0, 0], { maxDistance: 4.999 }).indices[0]).toBe(-1);
  });

  test("errors", () => {
    expect(() => createNearestIndex([1, 2], 4 as 3)).toThrow(/dimension 2 or 3, got 4/);
    expect(() => createNearestIndex([1, 2], 3)).toThrow(/divisible by 3, got 2/);
    expect(() => createNearestIndex([1, Number.NaN], 2)).toThrow(
      /finite points, got NaN at index 1/,
    );
    const index = createNearestIndex([1, 2], 2);
    expect(() => findNearest(index, [1])).toThrow(/queries of a length divisible by 2/);
    expect(() => findNearest(index, [Number.NaN, 1])).toThrow(/finite queries/);
    expect(() => findNearest(index, [1, 1], { maxDistance: -1 })).toThrow(/maxDistance ≥ 0/);
    const out = { indices: new Int32Array(2), squaredDistances: new Float64Array(2) };
    expect(() => findNearest(index, [1, 1], { out })).toThrow(/out of length 1, got 2/);
  });
});
