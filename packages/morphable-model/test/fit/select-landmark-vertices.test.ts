import { type PerspectiveCamera, projectPoints } from "@headform/camera";
import { createRandom, rotationFromAxisAngle } from "@headform/core-math";
import { evaluate, selectLandmarkVertices } from "@headform/morphable-model";
import { describe, expect, test } from "vitest";
import { syntheticHead } from "../synthetic-head.ts";

const model = syntheticHead(2);

function frame(seed: number, vertices: number[], noise: number) {
  const random = createRandom(seed);
  const positions = evaluate(model, {
    shape: Array.from({ length: 6 }, () => random.normal()),
    expression: Array.from({ length: 4 }, () => random.uniform()),
  });
  const camera: PerspectiveCamera = {
    kind: "perspective",
    focalLength: 1000,
    principalPoint: Float64Array.of(320, 240),
    rotation: rotationFromAxisAngle([0.3 * random.normal(), 0.3 * random.normal(), 0.1]),
    translation: Float64Array.of(0, 0, -1),
  };
  const screen = projectPoints(camera, positions);
  const landmarks = vertices.flatMap((v) =>
    [0, 1].map((axis) => screen[3 * v + axis] + noise * random.normal()),
  );
  return { positions, camera, landmarks };
}

describe("selectLandmarkVertices", () => {
  const truth = [3, 40, 97, 120];

  test("finds the vertices landmarks were made from, with noise below the mesh's spacing", () => {
    // Vertices are 25 pixels apart; errors of 2 pixels average out over 12 views.
    const frames = Array.from({ length: 12 }, (_, i) => frame(i, truth, 2));
    const { vertices, errors } = selectLandmarkVertices(frames);
    expect([...vertices]).toEqual(truth);
    // The mean length of a two-dimensional Gaussian is σ·√(π/2) = 2.5 pixels.
    for (const error of errors) expect(Math.abs(error - 2.5)).toBeLessThan(1);
    const halved = selectLandmarkVertices(frames.map((f) => ({ ...f, size: 2 })));
    halved.errors.forEach((error, l) => {
      expect(error).toBeCloseTo(errors[l] / 2, 12);
    });
  });

  test("chooses among candidates, and leaves out landmarks no frame has", () => {
    const one = frame(1, truth, 0);
    one.landmarks[2] = Number.NaN;
    const { vertices, errors } = selectLandmarkVertices([one], [3, 97]);
    expect([vertices[0], vertices[1], vertices[2]]).toEqual([3, -1, 97]);
    expect(errors[0]).toBe(0);
    expect(errors[1]).toBeNaN();
  });

  test("errors", () => {
    const one = frame(1, truth, 0);
    expect(() => selectLandmarkVertices([])).toThrow(/at least 1 frame, got 0/);
    expect(() => selectLandmarkVertices([one], [162])).toThrow(/candidates below 162, got 162/);
    expect(() => selectLandmarkVertices([one, frame(2, [1], 0)])).toThrow(/4 landmarks in each/);
    expect(() => selectLandmarkVertices([{ ...one, size: 0 }])).toThrow(/size above 0, got 0/);
  });
});
