import { type PerspectiveCamera, projectPoints } from "@headform/camera";
import { createRandom, rotationFromAxisAngle } from "@headform/core-math";
import {
  type Correspondence,
  evaluate,
  fitCorrespondence,
  type PcaModel,
  readHead,
  toMesh,
} from "@headform/morphable-model";
import { loadHead } from "@headform/open-head/node";
import { type Face, transferFace } from "@headform/reconstruction";
import { beforeAll, expect, test } from "vitest";

let head: PcaModel;
/** To the open head in millimeters: another model of the same people. */
let map: Correspondence;
beforeAll(async () => {
  head = readHead((await loadHead()).head);
  const scaled = (values: Float32Array): Float32Array => values.map((value) => 1000 * value);
  map = fitCorrespondence(head, {
    ...head,
    name: "other",
    unit: "mm",
    mean: scaled(head.mean),
    shapeBasis: scaled(head.shapeBasis),
    expressionBasis: scaled(head.expressionBasis),
  });
});

function someFace(): Face {
  const random = createRandom(5);
  const shape = Float64Array.from(head.shapeStandardDeviations, () => random.normal());
  const expression = Float64Array.from(head.expressionNames, () => 0);
  expression[head.expressionNames.indexOf("jawOpen")] = 0.5;
  const camera: PerspectiveCamera = {
    kind: "perspective",
    focalLength: 900,
    principalPoint: Float64Array.of(200, 150),
    rotation: rotationFromAxisAngle([0.1, 0.5, -0.05]),
    translation: Float64Array.of(0.02, -0.03, -0.8),
  };
  const texture = { width: 1, height: 1, channels: 3 as const, data: Uint8Array.of(200, 150, 120) };
  const mesh = toMesh(head, { shape, expression }, { texture });
  return { shape, expression, camera, mesh } as unknown as Face;
}

test("another model shows the same head at the same place in the photo", () => {
  const face = someFace();
  const result = transferFace(face, map);
  expect(result.mesh.unit).toBe("mm");
  const before = projectPoints(face.camera, evaluate(head, face));
  const after = projectPoints(result.camera, result.posedPositions);
  let sum = 0;
  let count = 0;
  for (let v = 0; v < map.weights.length; v++) {
    if (map.weights[v]! < 0.5) continue;
    sum += Math.hypot(before[3 * v]! - after[3 * v]!, before[3 * v + 1]! - after[3 * v + 1]!);
    count++;
  }
  // 1 px is 0.9 mm here. The map is fitted by closest points, which may slide along the surface,
  // and the coefficients are regularized.
  expect(sum / count).toBeLessThan(1);
  const jaw = result.expression[head.expressionNames.indexOf("jawOpen")]!;
  expect(jaw).toBeGreaterThan(0.35);
  expect(jaw).toBeLessThan(0.65);
});

test("colors come along", () => {
  const { mesh } = transferFace(someFace(), map);
  expect(Array.from(mesh.colors!.subarray(0, 3))).toEqual([200, 150, 120]);
});
