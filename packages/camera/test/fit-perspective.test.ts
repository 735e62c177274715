import { CameraError, fitPerspective } from "@headform/camera";
import { describe, expect, test } from "vitest";
import { stratifiedSubset } from "../src/stratified-subset.ts";
import { angleBetween, headPoints, photoCamera, pixelsOf, spoil } from "./head-points.ts";

const imageSize = [1200, 900] as const;
const points = headPoints(6000, 1);
const POSES = [
  [0, 0, 0],
  [40, 10, -20],
  [-75, -20, 15],
];

describe("exact correspondences", () => {
  for (const share of [0, 0.2, 0.4]) {
    test.each([0.3, 1, 3])(`${100 * share} % gross outliers, %f m`, (distance) => {
      for (const [yaw, pitch, roll] of POSES) {
        const truth = photoCamera(yaw, pitch, roll, distance);
        const pixels = pixelsOf(truth, points, 0, 2);
        const spoiled = spoil(pixels, share, 3);
        const { camera, inliers, status } = fitPerspective(points, pixels, { imageSize });
        expect(status).toBe("converged");
        // Rounding alone is 1e-11; the bound asked for is 0.1.
        expect(angleBetween(camera.rotation, truth.rotation)).toBeLessThan(1e-6);
        expect(camera.focalLength / truth.focalLength).toBeCloseTo(1, 8);
        expect(inliers.every((inlier, i) => inlier === 1 - spoiled[i])).toBe(true);
      }
    });
  }

  test("outliers in the points as well as in the pixels", () => {
    const truth = photoCamera(25, 10, 5, 0.6);
    const pixels = pixelsOf(truth, points, 0, 2);
    const moved = points.slice();
    for (let i = 0; i < 6000; i += 5)
      for (let c = 0; c < 3; c++) moved[3 * i + c] += 0.3 * (c - 1.5);
    const { camera } = fitPerspective(moved, pixels, { imageSize });
    expect(angleBetween(camera.rotation, truth.rotation)).toBeLessThan(1e-6);
  });
});

describe("noise", () => {
  // Largest rotation error in degrees over the three poses, 20 % outliers, 2000 of 6000
  // correspondences, head of 300 pixels: 1 pixel of noise 0.12, 3 pixels 0.3. Ln f, at 1 m, is
  // then off by 0.02 and 0.03.
  test.each([
    [1, 0.3, 0.1],
    [3, 0.8, 0.2],
  ])("of %f pixels, with outliers", (noise, degrees, logFocalLength) => {
    for (const [yaw, pitch, roll] of POSES) {
      const truth = photoCamera(yaw, pitch, roll, 1);
      const pixels = pixelsOf(truth, points, noise, 4);
      const spoiled = spoil(pixels, 0.2, 5);
      const found = fitPerspective(points, pixels, { imageSize });
      expect(angleBetween(found.camera.rotation, truth.rotation)).toBeLessThan(degrees);
      const off = Math.abs(Math.log(found.camera.focalLength / truth.focalLength));
      expect(off).toBeLessThan(logFocalLength);
      // The median of some 2000 distances, a fifth of them cut away: a few percent.
      expect(found.noise / noise).toBeGreaterThan(0.9);
      expect(found.noise / noise).toBeLessThan(1.15);
      // Four standard deviations leave out 3 in 10 000; outliers fall within by chance.
      const wrong = found.inliers.filter((inlier, i) => inlier === spoiled[i]).length;
      expect(wrong).toBeLessThan(30);
    }
  });
});

describe("options", () => {
  const truth = photoCamera(30, 5, -5, 0.8);
  const pixels = pixelsOf(truth, points, 1, 4);

  test("same input, same output; another seed, nearly the same", () => {
    const solve = (seed: number) => fitPerspective(points, pixels, { imageSize, seed });
    expect(solve(1)).toEqual(solve(1));
    expect(angleBetween(solve(1).camera.rotation, solve(2).camera.rotation)).toBeLessThan(0.3);
  });

  test("a known focal length is kept", () => {
    const { camera } = fitPerspective(points, pixels, { imageSize, focalLength: 1040 });
    expect(camera.focalLength).toBe(1040);
    expect(angleBetween(camera.rotation, truth.rotation)).toBeLessThan(0.2);
  });

  test("a prior on the focal length, of data that count for little", () => {
    const focalLengthPrior = { value: 700, sigmaLog: 0.02, effectiveCount: 10 };
    const { camera } = fitPerspective(points, pixels, { imageSize, focalLengthPrior });
    expect(Math.abs(Math.log(camera.focalLength / 700))).toBeLessThan(0.1);
  });

  test("a least distance is kept", () => {
    const { camera } = fitPerspective(points, pixels, { imageSize, minimumDistance: 2 });
    // From the centroid, which is some centimeters from the origin.
    expect(-camera.translation[2]).toBeGreaterThan(1.9);
  });

  test("weights of zero leave correspondences out", () => {
    const spoiled = pixels.slice();
    const weights = new Float64Array(6000).fill(1);
    for (let i = 0; i < 4000; i++) {
      spoiled.set([100, 100], 2 * i);
      weights[i] = 0;
    }
    const { camera } = fitPerspective(points, spoiled, { imageSize, weights });
    expect(angleBetween(camera.rotation, truth.rotation)).toBeLessThan(0.3);
  });

  test("six correspondences are enough when they are exact", () => {
    const six = headPoints(6, 12);
    const { camera } = fitPerspective(six, pixelsOf(truth, six, 0, 1), { imageSize });
    expect(angleBetween(camera.rotation, truth.rotation)).toBeLessThan(1e-6);
  });

  test("errors", () => {
    expect(() =>
      fitPerspective(points.subarray(0, 15), pixels.subarray(0, 10), { imageSize }),
    ).toThrow(/N ≥ 6 points, got 5/);
    expect(() => fitPerspective(points, pixels, { imageSize, subset: 5 })).toThrow(/subset ≥ 6/);
    expect(() => fitPerspective(points, pixels, { imageSize: [0, 0] })).toThrow(/imageSize > 0/);
    expect(() => fitPerspective(points, pixels, { imageSize, focalLength: 0 })).toThrow(RangeError);
    const flat = points.map((value, i) => (i % 3 === 2 ? 0 : value));
    expect(() => fitPerspective(flat, pixels, { imageSize })).toThrow(CameraError);
    const line = pixels.map((value, i) => (i % 2 === 0 ? value : 5));
    expect(() => fitPerspective(points, line, { imageSize })).toThrow(CameraError);
  });
});

describe("stratifiedSubset", () => {
  test("every part of the image and of depth gets its share, of outliers too", () => {
    const count = 20_000;
    const pixels = new Float64Array(2 * count);
    const depth = new Float64Array(count);
    const random = headPoints(count, 6);
    for (let i = 0; i < count; i++) {
      pixels.set([random[3 * i], random[3 * i + 1]], 2 * i);
      depth[i] = random[3 * i + 2];
    }
    const chosen = stratifiedSubset(pixels, depth, 1000, 1);
    expect(new Set(chosen).size).toBe(1000);
    const share = (test: (i: number) => boolean): number => {
      let [all, some] = [0, 0];
      for (let i = 0; i < count; i++) if (test(i)) all++;
      for (const i of chosen) if (test(i)) some++;
      return some / all;
    };
    // A random choice of 1000 would vary by 5 to 9 % in these regions; this one by less than 4.
    expect(share((i) => pixels[2 * i] < 0) * 20).toBeCloseTo(1, 1);
    expect(share((i) => pixels[2 * i + 1] > 0.06) * 20).toBeCloseTo(1, 1);
    expect(share((i) => depth[i] > 0.04) * 20).toBeCloseTo(1, 1);
  });

  test("all of them when there are not more; none of none", () => {
    expect([...stratifiedSubset([0, 0, 1, 1], [0, 0], 5, 1)]).toEqual([0, 1]);
    expect(stratifiedSubset([], [], 5, 1)).toHaveLength(0);
  });
});
