import {
  cumulativeErrors,
  denseNormalizedMeanError,
  drawErrorCurves,
  measureScan,
  normalizedMeanError,
} from "@headform/evaluation";
import { expect, test } from "vitest";

test("README: what it prints", () => {
  const truth = [0, 0, 40, 0, 40, 10, 0, 10];
  const predicted = truth.map((x, i) => x + (i % 2 === 0 ? 3 : 4));
  expect(normalizedMeanError(predicted, truth)).toBeCloseTo(0.25, 14);
  const square = {
    positions: [0, 0, 0, 1, 0, 0, 1, 1, 0, 0, 1, 0],
    indices: Uint32Array.of(0, 1, 2, 0, 2, 3),
  };
  expect([...measureScan([0.25, 0.5, 2, 4, 0.5, 4], square).distances]).toEqual([2, 5]);
  expect(denseNormalizedMeanError([2, 3, 6], [0, 0, 0], 70)).toBe(0.1);
  expect(cumulativeErrors([0.05, 0.2], 0.1).areaUnderCurve).toBe(0.25);
  const svg = drawErrorCurves([{ label: "ours", ...cumulativeErrors([0.05, 0.2], 0.1) }]);
  expect(svg).toMatch(/^<svg .*<\/svg>\n$/s);
});
