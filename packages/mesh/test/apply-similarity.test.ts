import { rotationFromAxisAngle } from "@headform/core-math/rotation";
import { applySimilarity, invertSimilarity, type Similarity } from "@headform/mesh";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

/** A quarter turn about z, doubled and shifted. */
const QUARTER: Similarity = {
  scale: 2,
  rotation: Float64Array.of(0, -1, 0, 1, 0, 0, 0, 0, 1),
  translation: Float64Array.of(10, 20, 30),
};

describe("applySimilarity", () => {
  test("turns, scales, then shifts", () => {
    const moved = applySimilarity(QUARTER, [1, 0, 0, 0, 1, 0, 0, 0, 1]);
    expect([...moved]).toEqual([10, 22, 30, 8, 20, 30, 10, 20, 32]);
  });

  test("takes no points, and only whole ones", () => {
    expect(applySimilarity(QUARTER, [])).toHaveLength(0);
    expect(() => applySimilarity(QUARTER, [1, 2])).toThrow(
      new RangeError("applySimilarity: expected points [N×3], got 2 numbers"),
    );
  });
});

describe("invertSimilarity", () => {
  test("undoes any similarity", () => {
    const unit = fc.double({ min: -3, max: 3, noNaN: true });
    fc.assert(
      fc.property(fc.tuple(unit, unit, unit), fc.integer({ min: -6, max: 6 }), (v, exponent) => {
        const similarity = {
          scale: 10 ** exponent,
          rotation: rotationFromAxisAngle(v),
          translation: Float64Array.from(v),
        };
        const points = [1, -2, 0.5, 0, 0, 0];
        const back = applySimilarity(
          invertSimilarity(similarity),
          applySimilarity(similarity, points),
        );
        // At scale 1e-6 beside a translation of 3, seven of the sixteen digits are lost.
        points.forEach((value, i) => {
          expect(back[i]).toBeCloseTo(value, 8);
        });
      }),
      { seed: 5 },
    );
  });

  test("refuses what has no way back", () => {
    for (const scale of [0, -1, Number.NaN]) {
      expect(() => invertSimilarity({ ...QUARTER, scale })).toThrow(
        new RangeError(`invertSimilarity: expected scale > 0, got ${scale}`),
      );
    }
  });
});
