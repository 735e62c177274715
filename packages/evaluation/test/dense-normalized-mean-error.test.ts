import { denseNormalizedMeanError, establishCorrespondence } from "@headform/evaluation";
import { describe, expect, test } from "vitest";
import { reference } from "./shell.ts";

const { positions, indices } = reference.scan;
const scan = { positions, indices: Uint32Array.from(indices) };

describe("denseNormalizedMeanError", () => {
  test("README: a shift of (2, 3, 6) with eyes 70 apart", () => {
    const shifted = positions.map((x, i) => x + [2, 3, 6][i % 3]);
    // 7/70; coordinates of some 100 in double precision.
    expect(denseNormalizedMeanError(shifted, positions, 70)).toBeCloseTo(0.1, 12);
  });
  test("refuses what it cannot measure", () => {
    expect(() => denseNormalizedMeanError([1, 2, 3], positions, 1)).toThrow("predicted points");
    expect(() => denseNormalizedMeanError([], [], 1)).toThrow(RangeError);
    expect(() => denseNormalizedMeanError([1, 2, 3], [1, 2, Number.NaN], 1)).toThrow("finite");
    expect(() => denseNormalizedMeanError([1, 2, 3], [1, 2, 3], 0)).toThrow("interocular");
    expect(() => denseNormalizedMeanError([1, 2, 3], [1, 2, 3], Infinity)).toThrow("interocular");
  });
});

describe("establishCorrespondence", () => {
  const shifted = { ...scan, positions: positions.map((x, i) => x + [2, -1, 3][i % 3]) };

  test.each(["vertex", "surface"] as const)(
    "%s: a shifted copy keeps its shift as the error, though ICP removes it",
    (partner) => {
      const partners = establishCorrespondence(shifted, positions, { partner });
      const error = denseNormalizedMeanError(partners, positions, 1);
      // ICP by planes finds the shift to nine digits, so each vertex finds itself.
      expect(error).toBeCloseTo(Math.hypot(2, -1, 3), 6);
      // Without the alignment the closest points would hide most of it.
      const still = establishCorrespondence(shifted, positions, { partner, maxIterations: 1 });
      expect(still).toHaveLength(positions.length);
    },
  );
  test("vertices of no triangle are nobody's partner", () => {
    const stray = { ...shifted, positions: [...shifted.positions, ...positions.slice(0, 3)] };
    const partners = establishCorrespondence(stray, positions);
    expect([...partners]).toEqual(shifted.positions);
  });
  test("refuses too few points and bad options", () => {
    expect(() => establishCorrespondence(scan, [0, 0, 0])).toThrow("N ≥ 3");
    expect(() => establishCorrespondence(scan, positions, { trim: 1 })).toThrow(RangeError);
    const nothing = { positions, indices: new Uint32Array(0) };
    expect(() => establishCorrespondence(nothing, positions)).toThrow("at least 1 triangle");
  });
});
