import { cumulativeErrors, summarizeErrors } from "@headform/evaluation";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

const SEED = 20261120;

describe("cumulativeErrors", () => {
  test("area and failures of four errors", () => {
    const { errors, areaUnderCurve, failureRate } = cumulativeErrors([3, 1, 9, Infinity], 4);
    expect([...errors]).toEqual([1, 3, 9, Infinity]);
    // The curve is 0 up to 1, ¼ up to 3, ½ up to 4.
    expect(areaUnderCurve).toBeCloseTo((2 * 0.25 + 1 * 0.5) / 4, 14);
    expect(failureRate).toBe(0.5);
  });
  test("the bounds: no error at all, and nothing within the limit", () => {
    expect(cumulativeErrors([0, 0], 1).areaUnderCurve).toBe(1);
    expect(cumulativeErrors([1], 1)).toMatchObject({ areaUnderCurve: 0, failureRate: 0 });
  });
  test(`is the area under the stairs (seed ${SEED})`, () => {
    const lists = fc.array(fc.integer({ min: 0, max: 99 }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(lists, (errors) => {
        // Errors are whole, so the stairs are flat between whole numbers.
        let area = 0;
        for (let e = 0; e < 50; e++) area += errors.filter((x) => x <= e).length / errors.length;
        // Some tens of roundings of numbers up to 50.
        expect(cumulativeErrors(errors, 50).areaUnderCurve).toBeCloseTo(area / 50, 12);
      }),
      { seed: SEED, numRuns: 100 },
    );
  });
  test("refuses nothing, negative errors and bad limits", () => {
    expect(() => cumulativeErrors([], 1)).toThrow(RangeError);
    expect(() => cumulativeErrors([-1], 1)).toThrow("≥ 0");
    expect(() => cumulativeErrors([Number.NaN], 1)).toThrow("≥ 0");
    expect(() => cumulativeErrors([1], 0)).toThrow("limit above 0");
    expect(() => cumulativeErrors([1], Infinity)).toThrow("limit above 0");
  });
});

describe("summarizeErrors", () => {
  test("odd and even numbers of errors", () => {
    expect(summarizeErrors([4, 0, 2])).toEqual({
      count: 3,
      mean: 2,
      median: 2,
      standardDeviation: Math.sqrt(8 / 3),
      maximum: 4,
    });
    expect(summarizeErrors([1, 2, 3, 10]).median).toBe(2.5);
    expect(summarizeErrors([7]).standardDeviation).toBe(0);
  });
  test("refuses nothing and what is not finite", () => {
    expect(() => summarizeErrors([])).toThrow(RangeError);
    expect(() => summarizeErrors([1, Infinity])).toThrow("Infinity at 1");
  });
});
