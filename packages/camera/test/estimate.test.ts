import {
  CameraError,
  estimateAffine,
  estimatePerspective,
  estimateScaledOrthographic,
  isCameraError,
  perspectiveFromScaledOrthographic,
  projectPoints,
  type ScaledOrthographicCamera,
  scaledOrthographicFromAffine,
} from "@headform/camera";
import { rotationFromAxisAngle, rotationFromEuler } from "@headform/core-math";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { angleBetween, headPoints } from "./head-points.ts";

const SEED = 5;
const points = headPoints(200, 1);
const truth: ScaledOrthographicCamera = {
  kind: "scaled-orthographic",
  scale: 1200,
  rotation: rotationFromEuler([0.2, 0.5, -0.3], "ZXY"),
  translation: Float64Array.of(320, 240),
};

function pixelsOf(camera: Parameters<typeof projectPoints>[0], p = points): Float64Array {
  return projectPoints(camera, p).filter((_, i) => i % 3 < 2);
}

/** Random affine noise-free correspondences with a skewed matrix. */
const skewed = {
  kind: "affine",
  matrix: Float64Array.of(900, 120, 30, 300, 20, -950, 400, 200),
} as const;

describe("estimateAffine", () => {
  test("recovers an affine camera", () => {
    const { matrix } = estimateAffine(points, pixelsOf(skewed));
    matrix.forEach((value, i) => {
      // Normal equations on normalized points of a head: about 1e-13 of a thousand.
      expect(Math.abs(value - skewed.matrix[i])).toBeLessThan(1e-9);
    });
  });

  test("needs four points, and no more", () => {
    const four = Float64Array.of(0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1);
    const { matrix } = estimateAffine(four, pixelsOf(skewed, four));
    expect(matrix[2]).toBeCloseTo(30, 9);
    expect(() => estimateAffine(four.subarray(0, 9), new Float64Array(6))).toThrow(
      new RangeError("estimateAffine: expected N ≥ 4 points, got 3"),
    );
  });

  test("minimizes the reprojection error: its residuals are orthogonal to the points", () => {
    const pixels = pixelsOf(truth).map((value, i) => value + 3 * Math.sin(7 * i));
    const weights = Float64Array.from({ length: 200 }, (_, i) => (i % 3) / 2);
    const projected = projectPoints(estimateAffine(points, pixels, weights), points);
    for (let axis = 0; axis < 2; axis++) {
      for (let c = 0; c < 4; c++) {
        let sum = 0;
        for (let i = 0; i < 200; i++) {
          const x = c < 3 ? points[3 * i + c] : 1;
          sum += weights[i] * x * (projected[3 * i + axis] - pixels[2 * i + axis]);
        }
        expect(Math.abs(sum)).toBeLessThan(1e-9);
      }
    }
  });

  test("of any unit, anywhere: scales 1e-6…1e6 and a far origin", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -6, max: 6 }),
        fc.integer({ min: -5, max: 5 }),
        (power, away) => {
          const k = 10 ** power;
          const moved = points.map((value) => k * (value + away));
          const pixels = pixelsOf(truth);
          const projected = projectPoints(estimateAffine(moved, pixels), moved);
          for (let i = 0; i < pixels.length; i++) {
            const value = projected[3 * (i >> 1) + (i & 1)];
            // The origin is up to 50 radii away: digits of the last column.
            expect(Math.abs(value - pixels[i])).toBeLessThan(1e-8);
          }
        },
      ),
      { seed: SEED, numRuns: 25 },
    );
  });

  test("points in a plane are refused by a tagged error", () => {
    const flat = points.map((value, i) => (i % 3 === 2 ? 0.3 : value));
    let caught: unknown;
    try {
      estimateAffine(flat, pixelsOf(truth, flat));
    } catch (error) {
      caught = error;
    }
    expect(isCameraError(caught) && caught.code).toBe("degenerate-points");
    expect(isCameraError(new Error("another"))).toBe(false);
    expect(() => estimateAffine(new Float64Array(30), new Float64Array(20))).toThrow(CameraError);
  });

  test("errors", () => {
    const pixels = pixelsOf(truth);
    expect(() => estimateAffine([1, 2], pixels)).toThrow(/divisible by 3, got 2/);
    expect(() => estimateAffine(points, [1])).toThrow(/pixels of length 400 for 200 points, got 1/);
    expect(() => estimateAffine(points, pixels, [1])).toThrow(/weights of length 200, got 1/);
    const weights = new Float64Array(200).fill(1);
    weights[3] = -1;
    expect(() => estimateAffine(points, pixels, weights)).toThrow(/weights ≥ 0, got -1 at index 3/);
    expect(() => estimateAffine(points, pixels, new Float64Array(200))).toThrow(
      /weights > 0, got 0/,
    );
    pixels[7] = Number.NaN;
    expect(() => estimateAffine(points, pixels)).toThrow(/finite pixels, got NaN at index 7/);
  });
});

describe("estimateScaledOrthographic", () => {
  test("recovers its camera under any rotation", () => {
    const v = fc.double({ min: -1.8, max: 1.8, noNaN: true });
    fc.assert(
      fc.property(v, v, v, (x, y, z) => {
        const camera = { ...truth, rotation: rotationFromAxisAngle([x, y, z]) };
        const found = estimateScaledOrthographic(points, pixelsOf(camera));
        // Rounding through the affine estimate, degrees and pixels.
        expect(angleBetween(found.rotation, camera.rotation)).toBeLessThan(1e-9);
        expect(found.scale).toBeCloseTo(1200, 7);
        expect(found.translation[0]).toBeCloseTo(320, 7);
        expect(found.translation[1]).toBeCloseTo(240, 7);
      }),
      { seed: SEED, numRuns: 25 },
    );
  });

  test("weights decide", () => {
    const pixels = pixelsOf(truth);
    const weights = new Float64Array(200).fill(1);
    for (let i = 0; i < 20; i++) {
      pixels[2 * i] += 500;
      weights[i] = 0;
    }
    const found = estimateScaledOrthographic(points, pixels, weights);
    expect(angleBetween(found.rotation, truth.rotation)).toBeLessThan(1e-9);
  });

  test("errors", () => {
    expect(() => estimateScaledOrthographic([1, 2, 3], [1, 2])).toThrow(/N ≥ 4 points, got 1/);
    const line = pixelsOf(truth).map((value, i) => (i % 2 === 0 ? value : 5));
    expect(() => estimateScaledOrthographic(points, line)).toThrow(CameraError);
    const matrix = Float64Array.of(1, 2, 3, 0, 2, 4, 6, 0);
    expect(() => scaledOrthographicFromAffine({ kind: "affine", matrix })).toThrow(/on a line/);
    expect(() =>
      scaledOrthographicFromAffine({ kind: "affine", matrix: new Float64Array(8) }),
    ).toThrow(CameraError);
  });
});

describe("estimatePerspective", () => {
  const imageSize = [640, 480] as const;

  test("sees what the scaled orthographic camera sees, from a thousand sizes away", () => {
    const pixels = pixelsOf(truth);
    const camera = estimatePerspective(points, pixels, { imageSize });
    expect([...camera.principalPoint]).toEqual([320, 240]);
    // 1000 times the RMS radius, about 0.09 m, at 1200 pixels per meter.
    expect(camera.focalLength).toBeGreaterThan(50_000);
    pixelsOf(camera).forEach((value, i) => {
      // Depth over distance, 1e-3, of some 120 pixels.
      expect(Math.abs(value - pixels[i])).toBeLessThan(0.3);
    });
  });

  test("with a focal length given, the centroid and its scale still agree", () => {
    const camera = perspectiveFromScaledOrthographic(truth, points, {
      imageSize,
      focalLength: 700,
    });
    const centroid = [0, 1, 2].map(
      (c) => points.filter((_, i) => i % 3 === c).reduce((a, b) => a + b) / 200,
    );
    const [a, b] = [projectPoints(camera, centroid), projectPoints(truth, centroid)];
    expect(a[0]).toBeCloseTo(b[0], 8);
    expect(a[1]).toBeCloseTo(b[1], 8);
    expect(camera.focalLength).toBe(700);
  });

  test("errors", () => {
    const pixels = pixelsOf(truth);
    expect(() => estimatePerspective(points, pixels, { imageSize: [0, 480] })).toThrow(
      /imageSize > 0/,
    );
    expect(() => estimatePerspective(points, pixels, { imageSize, focalLength: -1 })).toThrow(
      /focalLength > 0, got -1/,
    );
    expect(() => estimatePerspective([], [], { imageSize })).toThrow(/N ≥ 4/);
    expect(() => perspectiveFromScaledOrthographic(truth, [], { imageSize })).toThrow(/N ≥ 1/);
  });
});
