import { estimatePerspective, refinePerspective } from "@headform/camera";
import { createRandom } from "@headform/core-math";
import { describe, expect, test } from "vitest";
// The Jacobian is not public: it is reached where it lives.
import { normalizeView, viewJacobian, viewResiduals } from "../src/perspective-view.ts";
import { angleBetween, headPoints, photoCamera, pixelsOf } from "./head-points.ts";

const imageSize = [1200, 900] as const;
const points = headPoints(300, 1);

test("the analytic Jacobian is that of central differences", () => {
  const truth = photoCamera(30, 10, -5, 0.5);
  const random = createRandom(3);
  const weights = Float64Array.from({ length: 300 }, random.uniform);
  const view = {
    ...normalizeView(points, pixelsOf(truth, points, 1, 2), weights),
    rotation: truth.rotation,
    principalPoint: truth.principalPoint,
    prior: { logFocalLength: 7, weight: 3 },
  };
  const rows = 601;
  // A turn away from the start, and one of none, where the series take over.
  for (const omega of [
    [0.4, -0.3, 0.5],
    [0, 0, 0],
  ]) {
    const theta = Float64Array.of(...omega, Math.log(120), 150, 90, 0.2);
    const exact = new Float64Array(7 * rows);
    viewJacobian(exact, theta, view);
    for (let k = 0; k < 7; k++) {
      const h = 1e-5 * Math.max(1, Math.abs(theta[k]));
      const [up, down] = [theta.slice(), theta.slice()];
      up[k] += h;
      down[k] -= h;
      const [a, b] = [new Float64Array(rows), new Float64Array(rows)];
      viewResiduals(a, up, view);
      viewResiduals(b, down, view);
      for (let row = 0; row < rows; row++) {
        const difference = (a[row] - b[row]) / (2 * h);
        // h² times third derivatives of up to a few thousand pixels, plus rounding over h.
        expect(Math.abs(exact[7 * row + k] - difference)).toBeLessThan(2e-6);
      }
    }
  }
});

describe("recovers a camera from exact correspondences", () => {
  test.each([0.3, 0.5, 1, 3])("at %f m", (distance) => {
    for (const [yaw, pitch, roll] of [
      [0, 0, 0],
      [45, -20, 30],
      [-80, 15, -10],
    ]) {
      const truth = photoCamera(yaw, pitch, roll, distance);
      const pixels = pixelsOf(truth, points, 0, 1);
      const start = estimatePerspective(points, pixels, { imageSize });
      const { camera, cost, status, iterations } = refinePerspective(start, points, pixels);
      expect(status).toBe("converged");
      expect(iterations).toBeLessThan(20);
      // Squares of pixels: 600 coordinates of rounding.
      expect(cost).toBeLessThan(1e-12);
      expect(angleBetween(camera.rotation, truth.rotation)).toBeLessThan(1e-6);
      expect(camera.focalLength / truth.focalLength).toBeCloseTo(1, 7);
      camera.translation.forEach((value, i) => {
        expect(value).toBeCloseTo(truth.translation[i], 7);
      });
      expect([...camera.principalPoint]).toEqual([600, 450]);
    }
  });
});

describe("options", () => {
  const truth = photoCamera(20, 5, 0, 2);
  const pixels = pixelsOf(truth, points, 2, 9);
  const start = estimatePerspective(points, pixels, { imageSize });

  test("a fixed focal length stays, the rest adapts", () => {
    const given = { ...estimatePerspective(points, pixels, { imageSize, focalLength: 2000 }) };
    const { camera, status } = refinePerspective(given, points, pixels, { fixFocalLength: true });
    expect(status).toBe("converged");
    expect(camera.focalLength).toBe(2000);
    // 1300 pixels per meter at the head, whatever the focal length.
    expect(-camera.translation[2]).toBeCloseTo(2000 / 1300, 1);
    // Noise of 2 pixels on 300 points, and a wrong focal length.
    expect(angleBetween(camera.rotation, truth.rotation)).toBeLessThan(3);
  });

  test("with the true focal length fixed, the true camera", () => {
    const exact = pixelsOf(truth, points, 0, 1);
    const given = estimatePerspective(points, exact, { imageSize, focalLength: 2600 });
    const { camera } = refinePerspective(given, points, exact, { fixFocalLength: true });
    expect(angleBetween(camera.rotation, truth.rotation)).toBeLessThan(1e-6);
  });

  test("a prior decides where the data do not, and only there", () => {
    const few = { effectiveCount: 20, noise: 2 };
    const solve = (value: number, sigmaLog: number): number => {
      const focalLengthPrior = { value, sigmaLog, ...few };
      return refinePerspective(start, points, pixels, { focalLengthPrior }).camera.focalLength;
    };
    const free = refinePerspective(start, points, pixels).camera.focalLength;
    expect(Math.abs(Math.log(solve(1500, 0.01) / 1500))).toBeLessThan(0.05);
    expect(Math.abs(Math.log(solve(1500, 1e3) / free))).toBeLessThan(0.01);
    const between = solve(1500, 0.5);
    expect(between).toBeGreaterThan(Math.min(1500, free));
    expect(between).toBeLessThan(Math.max(1500, free));
  });

  test("the camera stays out of the head", () => {
    // Pixels that ask for a camera inside: the perspective of 0.12 m.
    const near = pixelsOf({ ...photoCamera(0, 0, 0, 0.12) }, points, 0, 1);
    const from = estimatePerspective(points, near, { imageSize });
    const { camera } = refinePerspective(from, points, near, { minimumDistance: 0.3 });
    const centroidZ = points.filter((_, i) => i % 3 === 2).reduce((a, b) => a + b) / 300;
    expect(-(camera.translation[2] + camera.rotation[8] * centroidZ)).toBeGreaterThan(0.29);
  });

  test("pixels without perspective end far away, not in an error", () => {
    const far = pixelsOf(photoCamera(30, 0, 0, 1e7), points, 0, 1);
    const from = estimatePerspective(points, far, { imageSize });
    const { camera, status } = refinePerspective(from, points, far);
    expect(status).not.toBe("stalled");
    expect(angleBetween(camera.rotation, photoCamera(30, 0, 0, 1).rotation)).toBeLessThan(0.01);
  });

  test("weights of zero leave correspondences out", () => {
    const exact = pixelsOf(truth, points, 0, 1);
    const weights = new Float64Array(300).fill(1);
    for (let i = 0; i < 60; i++) {
      exact[2 * i] = 0;
      weights[i] = 0;
    }
    const from = estimatePerspective(points, exact, { imageSize, weights });
    const { camera } = refinePerspective(from, points, exact, { weights });
    expect(angleBetween(camera.rotation, truth.rotation)).toBeLessThan(1e-6);
  });

  test("errors", () => {
    const run =
      (options: Parameters<typeof refinePerspective>[3], camera = start) =>
      () =>
        refinePerspective(camera, points, pixels, options);
    expect(run({ weights: [1] })).toThrow(/weights of length 300/);
    expect(run({ lossScale: 0 })).toThrow(/lossScale > 0/);
    expect(run({ maxIterations: -1 })).toThrow(RangeError);
    expect(run({ minimumDistance: 0 })).toThrow(/minimumDistance > 0/);
    expect(run({ focalLengthPrior: { value: 0, sigmaLog: 1 } })).toThrow(/value > 0/);
    expect(run({ focalLengthPrior: { value: 1, sigmaLog: 0 } })).toThrow(/sigmaLog > 0/);
    expect(run({ focalLengthPrior: { value: 1, sigmaLog: 1, noise: 0 } })).toThrow(/noise > 0/);
    expect(run({ focalLengthPrior: { value: 1, sigmaLog: 1, effectiveCount: 0 } })).toThrow(
      /effectiveCount > 0/,
    );
    expect(run({}, { ...start, focalLength: 0 })).toThrow(/focalLength > 0/);
    expect(run({}, { ...start, translation: Float64Array.of(0, 0, 1) })).toThrow(/in front/);
    expect(() => refinePerspective(start, new Float64Array(12), new Float64Array(8))).toThrow(
      /size of the points > 0/,
    );
  });
});
