import * as root from "@headform/core-math";
import * as nearest from "@headform/core-math/nearest";
import * as rotation from "@headform/core-math/rotation";
import * as vec3 from "@headform/core-math/vec3";
import { expect, test } from "vitest";

const ROTATION = [
  "axisAngleFromRotation",
  "composeRotations",
  "eulerFromRotation",
  "invertRotation",
  "nearestRotation",
  "quaternionFromRotation",
  "rotation6dFromRotation",
  "rotationFrom6d",
  "rotationFromAxisAngle",
  "rotationFromEuler",
  "rotationFromQuaternion",
  "yawPitchRollFromRotation",
];
const NEAREST = ["createNearestIndex", "findNearest"];

test("exports", () => {
  expect(Object.keys(rotation).sort()).toEqual(ROTATION);
  expect(Object.keys(nearest).sort()).toEqual(NEAREST);
  expect(Object.keys(vec3).sort()).toEqual([
    "add",
    "cross",
    "distance",
    "dot",
    "length",
    "normalize",
    "scale",
    "subtract",
    "transform",
  ]);
  expect(Object.keys(root).sort()).toEqual(
    [
      ...ROTATION,
      ...NEAREST,
      "WASM_PAGE",
      "compileKernel",
      "createGramKernel",
      "instantiateKernel",
      "GRAM_KERNEL_DEFAULTS",
      "gramMatrix",
      "LEVENBERG_MARQUARDT_DEFAULTS",
      "choleskyFactor",
      "choleskySolve",
      "createRandom",
      "levenbergMarquardt",
      "solveLeastSquares",
      "symmetricRankK",
    ].sort(),
  );
});
