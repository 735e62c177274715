import { measurePixel3dmm } from "@headform/evaluation";
import { describe, expect, test } from "vitest";
import { elsewhere, reference } from "./shell.ts";

const { scan, prediction } = reference;
const predicted = {
  positions: elsewhere(prediction.positions, 1),
  indices: Uint32Array.from(prediction.indices),
  landmarks: elsewhere(prediction.landmarks, 1),
};

describe("measurePixel3dmm", () => {
  test("agrees with SciPy and brute force", () => {
    const found = measurePixel3dmm(predicted, scan);
    const { l1, l2, normalConsistency, recall } = reference.pixel3dmm;
    // Two solvers stop within some 1e-6 mm of one minimum; the normals are rounded to 1e-5 there and
    // are single floats here.
    expect(found.l1).toBeCloseTo(l1, 4);
    expect(found.l2).toBeCloseTo(l2, 4);
    expect(found.normalConsistency).toBeCloseTo(normalConsistency, 4);
    expect(found.recall).toBeCloseTo(recall, 10);
    expect(found.distances).toHaveLength(scan.mask.reduce((sum, m) => sum + m, 0));
    expect(found.similarity.scale).toBe(1);
  });
  test("the scan itself, moved, is perfect", () => {
    const copy = {
      positions: elsewhere(scan.positions, 1),
      indices: Uint32Array.from(scan.indices),
      landmarks: elsewhere(scan.landmarks, 1),
    };
    const { l2, recall, normalConsistency } = measurePixel3dmm(copy, scan);
    // The turn is rounded to double precision, the points are not.
    expect(l2).toBeLessThan(1e-6);
    expect(recall).toBe(1);
    expect(normalConsistency).toBeCloseTo(1, 4);
  });
  test("a larger threshold recalls more, and scale may be set free", () => {
    const wide = measurePixel3dmm(predicted, scan, { threshold: 5 });
    const narrow = measurePixel3dmm(predicted, scan, { threshold: 1 });
    expect(wide.recall).toBeGreaterThan(narrow.recall);
    const doubled = {
      ...predicted,
      positions: predicted.positions.map((x) => 2 * x),
      landmarks: predicted.landmarks.map((x) => 2 * x),
    };
    const { similarity, l2 } = measurePixel3dmm(doubled, scan, { scale: true });
    expect(similarity.scale).toBeCloseTo(0.5, 1);
    // One more freedom; but it is the squares that it makes least.
    expect(l2).toBeLessThan(1.05 * reference.pixel3dmm.l2);
  });
  test("without normals there is no consistency", () => {
    const { positions, landmarks } = scan;
    expect(measurePixel3dmm(predicted, { positions, landmarks })).not.toHaveProperty(
      "normalConsistency",
    );
  });
  test("refuses what does not fit together", () => {
    const { positions, landmarks } = scan;
    expect(() => measurePixel3dmm(predicted, { ...scan, mask: [1] })).toThrow("mask of length");
    expect(() => measurePixel3dmm(predicted, { ...scan, normals: [1] })).toThrow("normals of");
    const none = new Uint8Array(positions.length / 3);
    expect(() => measurePixel3dmm(predicted, { ...scan, mask: none })).toThrow("N ≥ 3");
    const two = { positions, landmarks: landmarks.slice(0, 6) };
    expect(() => measurePixel3dmm(predicted, two)).toThrow("landmarks of the truth");
    const other = { positions, landmarks: landmarks.slice(3) };
    expect(() => measurePixel3dmm(predicted, other)).toThrow("expected 6 landmarks");
  });
});
