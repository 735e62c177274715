import { fitPerspective, projectPoints } from "@headform/camera";
import { createRandom, rotationFromEuler, yawPitchRollFromRotation } from "@headform/core-math";
import { expect, test } from "vitest";

test("the README's example prints what it says", () => {
  const random = createRandom(1);
  const points = Float64Array.from({ length: 3000 }, () => 0.2 * random.uniform() - 0.1);
  const truth = {
    kind: "perspective",
    focalLength: 1000,
    principalPoint: Float64Array.of(600, 450),
    rotation: rotationFromEuler([0.1, 0.5, 0], "ZXY"),
    translation: Float64Array.of(0.05, 0.02, -0.8),
  } as const;
  const pixels = projectPoints(truth, points).filter((_, i) => i % 3 < 2);
  for (let i = 0; i < pixels.length; i += 10) pixels.set([1200 * random.uniform(), 0], i);

  const { camera, inliers, status } = fitPerspective(points, pixels, { imageSize: [1200, 900] });
  const { yaw, pitch } = yawPitchRollFromRotation(camera.rotation);
  const good = inliers.reduce((a, b) => a + b);
  expect([status, yaw.toFixed(4), pitch.toFixed(4), camera.focalLength.toFixed(2), good]).toEqual([
    "converged",
    "0.5000",
    "0.1000",
    "1000.00",
    800,
  ]);
});
