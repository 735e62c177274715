import { measureNow, NOW_LANDMARKS, summarizeErrors } from "@headform/evaluation";
import { describe, expect, test } from "vitest";
import { elsewhere, reference } from "./shell.ts";

const { scan, prediction } = reference;
const indices = Uint32Array.from(prediction.indices);

/** As the script gives it away: in meters, at the origin. */
function inMeters() {
  const give = (points: number[]) => elsewhere(points, 0.001, [0, 0, 0]);
  return { positions: give(prediction.positions), indices, landmarks: give(prediction.landmarks) };
}

function inMillimeters() {
  const give = (points: number[]) => elsewhere(points, 1);
  return { positions: give(prediction.positions), indices, landmarks: give(prediction.landmarks) };
}

describe("measureNow", () => {
  // Two solvers stop within some 1e-6 mm of one minimum; distances there are 0.01 to 8 mm.
  const digits = 4;

  test("agrees with SciPy, whatever the prediction's size", () => {
    const { count, median, mean, standardDeviation } = summarizeErrors(
      measureNow(inMeters(), scan).distances,
    );
    expect(count).toBe(reference.now.count);
    expect(median).toBeCloseTo(reference.now.median, digits);
    expect(mean).toBeCloseTo(reference.now.mean, digits);
    expect(standardDeviation).toBeCloseTo(reference.now.standardDeviation, digits);
  });
  test("metrical: agrees with SciPy", () => {
    const { distances, similarity } = measureNow(inMillimeters(), scan, { metrical: true });
    const { median, mean, standardDeviation } = summarizeErrors(distances);
    expect(similarity.scale).toBe(1);
    expect(median).toBeCloseTo(reference.nowMetrical.median, digits);
    expect(mean).toBeCloseTo(reference.nowMetrical.mean, digits);
    expect(standardDeviation).toBeCloseTo(reference.nowMetrical.standardDeviation, digits);
  });
  test("metrical: a size that is wrong is an error", () => {
    const truth = { positions: scan.positions, indices: Uint32Array.from(scan.indices) };
    const grown = {
      indices: truth.indices,
      positions: truth.positions.map((x) => 1.05 * x),
      landmarks: scan.landmarks.map((x) => 1.05 * x),
    };
    const mean = (metrical: boolean) =>
      summarizeErrors(measureNow(grown, scan, { metrical }).distances).mean;
    // Noise-free.
    expect(mean(false)).toBeLessThan(1e-5);
    expect(mean(true)).toBeGreaterThan(0.1);
  });
  test("the seven of the 68", () => {
    expect(NOW_LANDMARKS).toEqual([36, 39, 42, 45, 33, 48, 54]);
  });
  test("refuses other landmarks and a scan without a face", () => {
    const prediction = inMeters();
    const six = { ...prediction, landmarks: prediction.landmarks.slice(3) };
    expect(() => measureNow(six, scan)).toThrow("7 landmarks");
    expect(() => measureNow(prediction, { ...scan, landmarks: [] })).toThrow("7 landmarks");
    const far = { ...scan, positions: [1e5, 0, 0, 1e5, 1, 0, 1e5, 0, 1] };
    expect(() => measureNow(prediction, far)).toThrow("points around the face");
    const bad = { ...scan, positions: [0, 0, Number.NaN] };
    expect(() => measureNow(prediction, bad)).toThrow("finite points");
  });
});
