import { rotationFromAxisAngle } from "@headform/core-math/rotation";
import { estimateSimilarity, type Similarity } from "@headform/mesh";
import { createRandom } from "@headform/testing";
import fc from "fast-check";
import { expect, test } from "vitest";

function apply(
  { scale, rotation, translation }: Similarity,
  points: ArrayLike<number>,
): Float64Array {
  return Float64Array.from(points, (_, i) => {
    const j = i % 3;
    const at = i - j;
    let sum = translation[j]!;
    for (let k = 0; k < 3; k++) sum += scale * rotation[3 * j + k]! * points[at + k]!;
    return sum;
  });
}

function cost(s: Similarity, from: Float64Array, to: Float64Array, weights?: number[]): number {
  const moved = apply(s, from);
  return moved.reduce(
    (sum, x, i) => sum + (weights?.[Math.floor(i / 3)] ?? 1) * (x - to[i]!) ** 2,
    0,
  );
}

function cloud(count: number, seed: number): Float64Array {
  const random = createRandom(seed);
  return Float64Array.from({ length: 3 * count }, () => 2 * random() - 1);
}

test("finds what moved the points, at any size", () => {
  const unit = fc.double({ min: -3, max: 3, noNaN: true });
  fc.assert(
    fc.property(
      fc.tuple(unit, unit, unit),
      fc.integer({ min: -6, max: 6 }),
      fc.nat(),
      (v, e, seed) => {
        const scale = 10 ** e;
        const truth = {
          scale,
          rotation: rotationFromAxisAngle(v),
          translation: Float64Array.from(v),
        };
        const from = cloud(5, seed);
        const found = estimateSimilarity(from, apply(truth, from));
        // Doubles; five points at random are never so flat as to lose more than six of the 16 digits,
        // and at scale 1e-6 beside a translation of 3 another six.
        const relative = 1e-10 * Math.max(1, 1e-1 / scale);
        expect(Math.abs(found.scale / scale - 1)).toBeLessThan(relative);
        for (let i = 0; i < 9; i++) {
          expect(Math.abs(found.rotation[i]! - truth.rotation[i]!)).toBeLessThan(relative);
        }
      },
    ),
    { seed: 3 },
  );
});

test("no neighbor is better where the points do not agree", () => {
  const from = cloud(20, 4);
  const to = cloud(20, 5);
  const weights = [...cloud(7, 6)].slice(0, 20).map((w) => w + 1);
  const best = estimateSimilarity(from, to, weights);
  const least = cost(best, from, to, weights);
  for (const step of [1e-3, -1e-3]) {
    expect(cost({ ...best, scale: best.scale + step }, from, to, weights)).toBeGreaterThan(least);
    for (let j = 0; j < 3; j++) {
      const translation = best.translation.slice();
      translation[j] += step;
      expect(cost({ ...best, translation }, from, to, weights)).toBeGreaterThan(least);
      const turn = rotationFromAxisAngle([0, 1, 2].map((k) => (k === j ? step : 0)));
      // R' = turn · R
      const rotation = best.rotation.map((_, i) => {
        const [row, column] = [i - (i % 3), i % 3];
        return [0, 1, 2].reduce((s, k) => s + turn[row + k]! * best.rotation[3 * k + column]!, 0);
      });
      expect(cost({ ...best, rotation }, from, to, weights)).toBeGreaterThan(least);
    }
  }
});

test("never mirrors, and a weight of 0 forgets a point", () => {
  const from = cloud(6, 7);
  const mirrored = from.map((x, i) => (i % 3 === 0 ? -x : x));
  const { rotation: r } = estimateSimilarity(from, mirrored);
  const determinant =
    r[0]! * (r[4]! * r[8]! - r[5]! * r[7]!) -
    r[1]! * (r[3]! * r[8]! - r[5]! * r[6]!) +
    r[2]! * (r[3]! * r[7]! - r[4]! * r[6]!);
  expect(determinant).toBeCloseTo(1, 12);
  const spoiled = from.slice();
  spoiled[0] = 1e6;
  const found = estimateSimilarity(from, spoiled, [0, 1, 1, 1, 1, 1]);
  expect(found.scale).toBeCloseTo(1, 12);
});

test("three points, and flat ones, suffice", () => {
  const from = [0, 0, 0, 1, 0, 0, 0, 1, 0];
  const to = [0, 0, 5, 0, 0, 7, -2, 0, 5];
  const { scale, translation } = estimateSimilarity(from, to);
  expect(scale).toBeCloseTo(2, 12);
  expect([...translation].map((x) => Math.round(1e9 * x) / 1e9 + 0)).toEqual([0, 0, 5]);
});

test("refuses what it cannot answer", () => {
  const three = cloud(3, 1);
  const call =
    (...args: Parameters<typeof estimateSimilarity>) =>
    () =>
      estimateSimilarity(...args);
  expect(call(new Float64Array(6), new Float64Array(6))).toThrow(/N ≥ 3/);
  expect(call(three, cloud(4, 1))).toThrow(/both sets/);
  expect(call(three, three, [1, 1])).toThrow(/3 weights/);
  expect(call(three, three, [1, 1, -1])).toThrow(/got -1 at 2/);
  expect(call(three.with(4, Number.NaN), three)).toThrow(/not at 4/);
  expect(call(new Float64Array(9), three)).toThrow(/all the same/);
  expect(call(three, new Float64Array(9))).toThrow(/all the same/);
});
