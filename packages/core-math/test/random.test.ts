import { createRandom } from "@headform/core-math";
import { expect, test } from "vitest";

test("the same seed gives the same stream, another seed another one", () => {
  const stream = (seed: number): number[] => Array.from({ length: 5 }, createRandom(seed).uniform);
  expect(stream(7)).toEqual(stream(7));
  expect(stream(7)).not.toEqual(stream(8));
});

test("moments of the distributions", () => {
  const random = createRandom(1);
  const n = 100_000;
  let [uniform, normal, squares] = [0, 0, 0];
  const counts = new Int32Array(5);
  for (let i = 0; i < n; i++) {
    uniform += random.uniform() / n;
    const z = random.normal();
    normal += z / n;
    squares += (z * z) / n;
    counts[random.integer(5)]++;
  }
  // Four standard errors of each mean.
  expect(Math.abs(uniform - 0.5)).toBeLessThan(4 / Math.sqrt(12 * n));
  expect(Math.abs(normal)).toBeLessThan(4 / Math.sqrt(n));
  expect(Math.abs(squares - 1)).toBeLessThan(4 * Math.sqrt(2 / n));
  for (const count of counts) expect(Math.abs(count - n / 5)).toBeLessThan(4 * Math.sqrt(0.16 * n));
});

test("errors", () => {
  expect(() => createRandom(Number.NaN)).toThrow(/finite seed/);
  expect(() => createRandom(1).integer(0)).toThrow(/whole n ≥ 1, got 0/);
});
