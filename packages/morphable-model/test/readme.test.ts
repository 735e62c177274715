import {
  createSkinnedWorkspace,
  evaluate,
  evaluateJacobian,
  fitCoefficients,
  type PcaModel,
  type SkinnedModel,
} from "@headform/morphable-model";
import { expect, test } from "vitest";

test("README: a model of two modes", () => {
  // A strip of 12 vertices that can widen (shape) and bend (expression).
  const mean = new Float32Array(36);
  const widen = new Float32Array(36);
  const bend = new Float32Array(36);
  for (let v = 0; v < 12; v++) {
    mean.set([v % 6, v < 6 ? 0 : 1, 0], 3 * v);
    widen[3 * v] = (v % 6) / 10;
    bend[3 * v + 2] = ((v % 6) / 5) ** 2;
  }
  const model: PcaModel = {
    kind: "pca",
    name: "strip",
    version: "1",
    licence: "MIT",
    unit: "none",
    mean,
    indices: Uint32Array.of(0, 1, 7, 0, 7, 6),
    shapeBasis: widen,
    shapeStandardDeviations: Float32Array.of(1),
    expressionBasis: bend,
    expressionStandardDeviations: Float32Array.of(0.5),
    expressionNames: ["bend"],
    landmarkTriangles: Uint32Array.of(0),
    landmarkBarycentrics: Float32Array.of(1, 0, 0),
  };

  const bent = evaluate(model, { shape: [2], expression: [0.5] });
  const fitted = fitCoefficients(model, {
    vertices: Uint32Array.from({ length: 12 }, (_, v) => v),
    pixels: new Float64Array(24),
    offsets: Float64Array.from(bent, (x, i) => x - mean[i]),
    weights: new Float64Array(12).fill(1),
  });
  expect(fitted.shape[0].toFixed(3)).toBe("2.000");
  expect(fitted.expression[0].toFixed(3)).toBe("0.500");
});

test("README: an arm with an elbow", () => {
  const arm: SkinnedModel = {
    kind: "skinned",
    name: "arm",
    version: "1",
    licence: "MIT",
    unit: "none",
    template: Float32Array.of(0, 0, 0, 1, 0, 0, 2, 0, 0),
    indices: Uint32Array.of(0, 1, 2),
    shapeBasis: Float32Array.of(0, 0, 0, 0, 0, 0, 1, 0, 0),
    shapeStandardDeviations: Float32Array.of(1),
    expressionBasis: new Float32Array(0),
    expressionStandardDeviations: new Float32Array(0),
    expressionNames: [],
    poseBasis: new Float32Array(9 * 9),
    jointRegressor: Float32Array.of(1, 0, 0, 0, 1, 0),
    skinningWeights: Float32Array.of(1, 0, 1, 0, 0, 1),
    parents: Int32Array.of(-1, 0),
    jointNames: ["shoulder", "elbow"],
  };
  const workspace = createSkinnedWorkspace(arm);
  const hand = new Float32Array(9);
  evaluate(arm, { shape: [0.5], pose: [0, 0, 0, 0, 0, Math.PI / 2] }, hand, workspace);
  expect([...hand.subarray(6)].map((x) => x.toFixed(2)).join(" ")).toBe("1.00 1.50 0.00");

  const { jacobian, columns } = evaluateJacobian(
    arm,
    { shape: [0.5] },
    { vertices: [2], joints: [1], workspace },
  );
  expect([columns, jacobian[columns + 3].toFixed(2)]).toEqual([4, "1.50"]);
});
