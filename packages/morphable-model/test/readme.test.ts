import { evaluate, fitCoefficients, type PcaModel } from "@headform/morphable-model";
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
