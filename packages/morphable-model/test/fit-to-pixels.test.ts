import { type PerspectiveCamera, projectPoints } from "@headform/camera";
import { composeRotations, createRandom, rotationFromAxisAngle } from "@headform/core-math";
import {
  type Constraints,
  evaluate,
  fitToPixels,
  landmarkVisibility,
  projectLandmarks,
} from "@headform/morphable-model";
import { describe, expect, test } from "vitest";
import { syntheticHead } from "./synthetic-head.ts";

const model = syntheticHead();
const random = createRandom(5);
const shape = Float64Array.from({ length: 6 }, () => random.normal());
const expression = Float64Array.of(0.2, 0, 0.8, 0.5);
const positions = evaluate(model, { shape, expression });
const camera: PerspectiveCamera = {
  kind: "perspective",
  focalLength: 900,
  principalPoint: Float64Array.of(320, 240),
  rotation: rotationFromAxisAngle([0.2, -0.5, 0.1]),
  translation: Float64Array.of(0.05, -0.02, -0.8),
};
/** A start some degrees and centimetres away. */
const start: PerspectiveCamera = {
  ...camera,
  focalLength: 1100,
  rotation: composeRotations(rotationFromAxisAngle([0.03, 0.05, -0.04]), camera.rotation),
  translation: Float64Array.of(0.055, -0.018, -0.9),
};

function everyVertex(noise = 0): Constraints {
  const count = positions.length / 3;
  const seen = projectPoints(camera, positions);
  return {
    vertices: Uint32Array.from({ length: count }, (_, v) => v),
    pixels: Float64Array.from(
      { length: 2 * count },
      (_, i) => seen[3 * (i >> 1) + (i & 1)] + noise * random.normal(),
    ),
    offsets: Float64Array.from(positions, (x, i) => x - model.mean[i]),
    weights: new Float64Array(count).fill(1),
  };
}

function largestError(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let largest = 0;
  for (let i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs(a[i] - b[i]));
  return largest;
}

describe("fitToPixels", () => {
  test("finds camera and head that made the pixels", () => {
    const fit = fitToPixels(model, everyVertex(), { camera: start }, { maxIterations: 20 });
    expect(fit.status).toBe("converged");
    const found = evaluate(model, fit);
    // Without noise the priors weigh 1e-6 of the data; 0.01 mm and 0.01° leave room for float32.
    expect(largestError(found, positions)).toBeLessThan(1e-5);
    expect(largestError(fit.camera.rotation, camera.rotation)).toBeLessThan(1e-4);
    expect(fit.camera.focalLength).toBeCloseTo(900, 0);
    expect(fit.camera.translation[2]).toBeCloseTo(-0.8, 3);
  });

  test("works from pixels alone", () => {
    const fit = fitToPixels(
      model,
      everyVertex(),
      { camera: start },
      { offsetWeight: 0, maxIterations: 30 },
    );
    const reprojected = projectPoints(fit.camera, evaluate(model, fit));
    // A hundredth of a pixel: depth is told by perspective alone, so the head itself is less sure.
    expect(largestError(reprojected, projectPoints(camera, positions))).toBeLessThan(0.5);
    const flat = (p: Float64Array) => p.filter((_, i) => i % 3 < 2);
    expect(largestError(flat(reprojected), flat(projectPoints(camera, positions)))).toBeLessThan(
      0.01,
    );
  });

  test("shrugs off a fifth of wild pixels", () => {
    const constraints = everyVertex(0.3);
    for (let i = 0; i < constraints.weights.length; i += 5) {
      constraints.pixels[2 * i] += 60 * random.normal();
      constraints.pixels[2 * i + 1] += 60 * random.normal();
    }
    const fit = fitToPixels(model, constraints, { camera: start }, { maxIterations: 20 });
    // Noise of 0.3 px is 0.27 mm at the head; 642 points average it out.
    expect(largestError(evaluate(model, fit), positions)).toBeLessThan(5e-4);
    expect(fit.noise).toBeGreaterThan(2e-4);
    expect(fit.noise).toBeLessThan(6e-4);
  });

  test("keeps expressions in their range, a tenth beyond at most", () => {
    const constraints = everyVertex();
    const beyond = evaluate(model, { shape, expression: [-1, 2, 0, 0] });
    const seen = projectPoints(camera, beyond);
    for (let i = 0; i < constraints.pixels.length; i++) {
      constraints.pixels[i] = seen[3 * (i >> 1) + (i & 1)];
    }
    for (const e of fitToPixels(model, constraints, { camera: start }).expression) {
      expect(e).toBeGreaterThanOrEqual(-0.1);
      expect(e).toBeLessThanOrEqual(1.1);
    }
  });

  test("says when it has run out of iterations", () => {
    const fit = fitToPixels(model, everyVertex(), { camera: start }, { maxIterations: 1 });
    expect(fit.status).toBe("max-iterations");
    expect(fit.iterations).toBe(1);
  });

  test("refuses too few points and torn lists", () => {
    const good = everyVertex();
    const mostlyNothing = { ...good, weights: good.weights.map((_, i) => (i < 9 ? 1 : 0)) };
    expect(() => fitToPixels(model, mostlyNothing, { camera })).toThrow(
      expect.objectContaining({ tag: "morphable-model", code: "too-few-constraints" }),
    );
    const torn = { ...good, pixels: good.pixels.subarray(2) };
    expect(() => fitToPixels(model, torn, { camera })).toThrow(RangeError);
  });
});

describe("landmarks in the image", () => {
  test("project with the camera, and hide behind the head", () => {
    const front: PerspectiveCamera = { ...camera, rotation: rotationFromAxisAngle([0, 0, 0]) };
    const landmarks = projectLandmarks(model, positions, front);
    expect(landmarks.length).toBe(9);
    const seen = landmarkVisibility(model, positions, front);
    // Without folds, what is seen of this head is what lies on its near side.
    const back: PerspectiveCamera = {
      ...camera,
      rotation: rotationFromAxisAngle([0, Math.PI, 0]),
    };
    const seenFromBehind = landmarkVisibility(model, positions, back);
    for (let l = 0; l < 3; l++) {
      if (Math.abs(landmarks[3 * l + 2]) < 30) continue; // near the outline: either may be right
      expect(seen[l]).toBe(landmarks[3 * l + 2] > 0 ? 1 : 0);
      expect(seenFromBehind[l]).toBe(1 - seen[l]);
    }
  });
});
