import { normalizedMeanError } from "@headform/evaluation";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

const square = [0, 0, 40, 0, 40, 10, 0, 10];
const SEED = 20261120;

describe("normalizedMeanError", () => {
  test("README: a shift of (3, 4) on a box of 40 × 10", () => {
    const shifted = square.map((x, i) => x + (i % 2 === 0 ? 3 : 4));
    // |(3, 4)| / √400 = 5/20, exact in floats up to the hypotenuse.
    expect(normalizedMeanError(shifted, square)).toBeCloseTo(0.25, 14);
  });

  test("one point of four counts a quarter", () => {
    const moved = square.slice();
    moved[0] -= 20;
    expect(normalizedMeanError(moved, square)).toBeCloseTo(20 / 4 / 20, 14);
  });

  test("strides of 3 leave depth out", () => {
    const deep = [0, 0, 7, 40, 0, -3, 40, 10, 99, 0, 10, 1];
    const options = { predictedStride: 3, truthStride: 2 } as const;
    expect(normalizedMeanError(deep, square, options)).toBe(0);
    expect(normalizedMeanError(deep, deep, { predictedStride: 3, truthStride: 3 })).toBe(0);
  });

  test("outer-interocular divides by the distance of points 36 and 45", () => {
    const truth = Array.from({ length: 136 }, (_, i) => (i * 37) % 101);
    truth[72] = 0;
    truth[73] = 0;
    truth[90] = 30;
    truth[91] = 40;
    const predicted = truth.map((x, i) => (i % 2 === 0 ? x + 5 : x));
    const options = { normalization: "outer-interocular" } as const;
    expect(normalizedMeanError(predicted, truth, options)).toBeCloseTo(0.1, 14);
  });

  test("bounding-box-diagonal divides by √(w² + h²)", () => {
    const box = [0, 0, 30, 0, 30, 40, 0, 40];
    const shifted = box.map((x, i) => x + (i % 2 === 0 ? 3 : 4));
    const options = { normalization: "bounding-box-diagonal" } as const;
    expect(normalizedMeanError(shifted, box, options)).toBeCloseTo(0.1, 14);
  });

  test(`does not depend on scale and place (seed ${SEED})`, () => {
    const points = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), {
      minLength: 10,
      maxLength: 10,
    });
    const scale = fc.integer({ min: -6, max: 6 }).map((e) => 10 ** e);
    fc.assert(
      fc.property(points, points, scale, (a, b, s) => {
        const box = [...b, -1, -1, 1, 1];
        const guess = [...a, -1, -1, 1, 1];
        const moved = (list: number[]) => list.map((x, i) => s * (x + (i % 2 ? 0.5 : -2)));
        const plain = normalizedMeanError(guess, box);
        // A few roundings of numbers near 3·s.
        expect(Math.abs(normalizedMeanError(moved(guess), moved(box)) - plain)).toBeLessThan(1e-13);
      }),
      { seed: SEED, numRuns: 100 },
    );
  });

  test("refuses what it cannot measure", () => {
    expect(() => normalizedMeanError([0, 0], square)).toThrow(RangeError);
    expect(() => normalizedMeanError([], [])).toThrow(RangeError);
    expect(() => normalizedMeanError(square, [0, 0, 0])).toThrow(RangeError);
    expect(() => normalizedMeanError([Number.NaN, 0], [0, 0])).toThrow("finite points");
    expect(() => normalizedMeanError([0, 0, 1, 0], [0, 0, 1, 0])).toThrow("above 0");
    const options = { normalization: "outer-interocular" } as const;
    expect(() => normalizedMeanError(square, square, options)).toThrow("68 points");
  });
});
