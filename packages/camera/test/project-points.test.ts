import {
  type AffineCamera,
  type PerspectiveCamera,
  projectPoints,
  resizeCamera,
  type ScaledOrthographicCamera,
  viewDepth,
} from "@headform/camera";
import { rotationFromEuler } from "@headform/core-math";
import { describe, expect, test } from "vitest";
import { headPoints, photoCamera } from "./head-points.ts";

// A few float64 operations on numbers of up to a thousand pixels.
const EPS = 1e-10;

const orthographic: ScaledOrthographicCamera = {
  kind: "scaled-orthographic",
  scale: 1000,
  rotation: rotationFromEuler([0.2, 0.5, -0.3], "ZXY"),
  translation: Float64Array.of(320, 240),
};
const frontal: PerspectiveCamera = {
  kind: "perspective",
  focalLength: 800,
  principalPoint: Float64Array.of(320, 240),
  rotation: Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1),
  translation: Float64Array.of(0, 0, -2),
};

describe("projectPoints", () => {
  test("the conventions' formula: x to the right, y up in space and down in the image", () => {
    // f = 800 at distance 2: 400 pixels per unit; half a unit nearer, 533.3.
    const found = projectPoints(frontal, [0, 0, 0, 0.1, 0.2, 0, 0.3, 0, 0.5]);
    const expected = [320, 240, 0, 360, 160, 0, 480, 240, 200];
    found.forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i], 10);
    });
  });

  test("scaled orthographic is the affine camera of its matrix", () => {
    const { scale: s, rotation: r, translation } = orthographic;
    const affine: AffineCamera = {
      kind: "affine",
      matrix: Float64Array.of(
        ...[s * r[0], s * r[1], s * r[2], translation[0]],
        ...[-s * r[3], -s * r[4], -s * r[5], translation[1]],
      ),
    };
    const points = headPoints(50, 2);
    const [a, b] = [projectPoints(affine, points), projectPoints(orthographic, points)];
    a.forEach((value, i) => {
      expect(Math.abs(value - b[i])).toBeLessThan(EPS);
    });
    const [da, db] = [viewDepth(affine, points), viewDepth(orthographic, points)];
    da.forEach((value, i) => {
      expect(Math.abs(value - db[i])).toBeLessThan(EPS);
    });
  });

  test("from far away perspective becomes scaled orthographic, depth included", () => {
    const far: PerspectiveCamera = {
      ...frontal,
      rotation: orthographic.rotation,
      focalLength: 1e9,
      translation: Float64Array.of(0, 0, -1e6),
    };
    const points = headPoints(50, 2);
    const [a, b] = [projectPoints(far, points), projectPoints(orthographic, points)];
    a.forEach((value, i) => {
      // Depth over distance, 1e-7, of up to 120 pixels.
      expect(Math.abs(value - b[i])).toBeLessThan(2e-5);
    });
  });

  test("behind the camera there is no pixel; NaN stays NaN", () => {
    const found = projectPoints(frontal, [0, 0, 2, 0, 0, 3, Number.NaN, 0, 0]);
    expect([found[0], found[3], found[6]]).toEqual([Number.NaN, Number.NaN, Number.NaN]);
    expect(found[5]).toBe(1200);
  });

  test("no points, float32 points, reused memory", () => {
    expect(projectPoints(frontal, [])).toHaveLength(0);
    const out = new Float64Array(3);
    expect(projectPoints(frontal, new Float32Array(3), out)).toBe(out);
    expect([...out]).toEqual([320, 240, 0]);
  });

  test("errors", () => {
    expect(() => projectPoints(frontal, [1, 2])).toThrow(RangeError);
    expect(() => projectPoints(frontal, [1, 2, 3], new Float64Array(6))).toThrow(/3 and 6/);
  });
});

describe("viewDepth", () => {
  test("larger is nearer", () => {
    for (const camera of [frontal, { ...orthographic, rotation: frontal.rotation }]) {
      const [far, near] = viewDepth(camera, [0, 0, -0.5, 0, 0, 0.5]);
      expect(near).toBeGreaterThan(far);
    }
    expect([...viewDepth(frontal, [0, 0, 0, 0, 0, 2])]).toEqual([400, Number.NEGATIVE_INFINITY]);
  });

  test("linear across the image of a flat triangle", () => {
    const camera = photoCamera(30, 10, 5, 0.5);
    const corners = [0.05, 0.02, 0.05, -0.05, 0.03, 0.01, 0, -0.08, 0.04];
    const middle = [0, 1, 2].map(
      (c) => 0.5 * corners[c] + 0.2 * corners[3 + c] + 0.3 * corners[6 + c],
    );
    const [pa, pb, pc, pm] = [0, 1, 2, 3].map((k) => {
      return projectPoints(camera, [...corners, ...middle].slice(3 * k, 3 * k + 3));
    });
    // Barycentric coordinates of the projected point in the projected triangle.
    const area = (p: Float64Array, q: Float64Array, r: Float64Array): number =>
      (q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0]);
    const whole = area(pa, pb, pc);
    const depths = viewDepth(camera, [...corners, ...middle]);
    const mixed =
      (area(pm, pb, pc) * depths[0] + area(pa, pm, pc) * depths[1] + area(pa, pb, pm) * depths[2]) /
      whole;
    expect(mixed).toBeCloseTo(depths[3], 8);
  });

  test("errors", () => {
    expect(() => viewDepth(frontal, [1])).toThrow(RangeError);
    expect(() => viewDepth(frontal, [1, Number.NaN, 2])).toThrow(/index 1/);
  });
});

describe("resizeCamera", () => {
  test("projects to the resized image's pixels, whatever the camera", () => {
    const affine: AffineCamera = {
      kind: "affine",
      matrix: Float64Array.of(900, 10, 30, 300, 20, -950, 40, 200),
    };
    const points = headPoints(20, 4);
    for (const camera of [affine, orthographic, photoCamera(20, 5, 0, 0.6)]) {
      const before = projectPoints(camera, points);
      const after = projectPoints(resizeCamera(camera, 0.25, [10, -20]), points);
      for (let i = 0; i < before.length; i += 3) {
        expect(Math.abs(after[i] - (0.25 * before[i] + 10))).toBeLessThan(EPS);
        expect(Math.abs(after[i + 1] - (0.25 * before[i + 1] - 20))).toBeLessThan(EPS);
        expect(Math.abs(after[i + 2] - 0.25 * before[i + 2])).toBeLessThan(EPS);
      }
    }
  });

  test("errors", () => {
    expect(() => resizeCamera(frontal, 0)).toThrow(/factor > 0, got 0/);
    expect(() => resizeCamera(frontal, 1, [1])).toThrow(/offset of length 2, got 1/);
  });
});
