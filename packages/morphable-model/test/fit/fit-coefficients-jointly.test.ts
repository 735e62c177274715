import { createRandom, solveLeastSquares } from "@headform/core-math";
import {
  type Constraints,
  evaluate,
  fitCoefficients,
  fitCoefficientsJointly,
  type PcaModel,
} from "@headform/morphable-model";
import { describe, expect, test } from "vitest";
import { syntheticHead } from "../synthetic-head.ts";

const model = syntheticHead(2);
const random = createRandom(11);

/** Offsets of some vertices of a head, with noise. */
function observe(shape: number[], expression: number[], count: number, noise: number): Constraints {
  const positions = evaluate(model, { shape, expression });
  const vertices = Uint32Array.from({ length: count }, () => random.integer(model.mean.length / 3));
  return {
    vertices,
    pixels: new Float64Array(2 * count),
    offsets: Float64Array.from(
      { length: 3 * count },
      (_, i) =>
        positions[3 * vertices[Math.floor(i / 3)] + (i % 3)] -
        model.mean[3 * vertices[Math.floor(i / 3)] + (i % 3)] +
        noise * random.normal(),
    ),
    weights: Float64Array.from({ length: count }, () => 0.5 + random.uniform()),
  };
}

const shape = [1, -0.5, 0.3, 0.8, -1.2, 0.1];
const expressions = [
  [0.5, 0.1, 0, 0.2],
  [0, 0.7, 0.4, 0],
  [0.2, 0.2, 0.9, 0.6],
];

describe("fitCoefficientsJointly", () => {
  test("finds one shape and three expressions", () => {
    const images = expressions.map((expression) => observe(shape, expression, 60, 0));
    const found = fitCoefficientsJointly(model, images, { regularization: 1e-9 });
    // float32 bases of millimeters: offsets are known to 1e-8 m, coefficients to 1e-5.
    shape.forEach((value, k) => {
      expect(found.shape[k]).toBeCloseTo(value, 4);
    });
    expressions.forEach((list, n) => {
      list.forEach((value, k) => {
        expect(found.expressions[n][k]).toBeCloseTo(value, 4);
      });
      expect(found.residuals[n]).toBeLessThan(1e-7);
    });
    expect(found.method).toBe("cholesky");
  });

  test("is equation 4 for one image", () => {
    const image = observe(shape, expressions[0], 50, 1e-4);
    const alone = fitCoefficients(model, image);
    const found = fitCoefficientsJointly(model, [image]);
    // Two Cholesky factorizations of the same matrix, in another order.
    for (let k = 0; k < 6; k++) expect(found.shape[k]).toBeCloseTo(alone.shape[k], 9);
    for (let k = 0; k < 4; k++) expect(found.expressions[0][k]).toBeCloseTo(alone.expression[k], 9);
    expect(found.residuals[0]).toBeCloseTo(alone.residual, 12);
  });

  test("agrees with equation 5 written out and solved as one matrix", () => {
    const images = expressions.map((e, n) => observe(shape, e, 40 + 7 * n, 3e-4));
    const lambda = 1e-3;
    const size = model.mean.length;
    const cols = 6 + 3 * 4;
    const rows: number[][] = [];
    const rhs: number[] = [];
    images.forEach(({ vertices, offsets, weights }, n) => {
      for (let i = 0; i < offsets.length; i++) {
        const at = 3 * vertices[Math.floor(i / 3)] + (i % 3);
        const w = Math.sqrt(weights[Math.floor(i / 3)]);
        const row = new Array<number>(cols).fill(0);
        for (let k = 0; k < 6; k++) row[k] = w * model.shapeBasis[k * size + at];
        for (let k = 0; k < 4; k++) row[6 + 4 * n + k] = w * model.expressionBasis[k * size + at];
        rows.push(row);
        rhs.push(w * offsets[i]);
      }
    });
    const sigma = [...model.shapeStandardDeviations];
    for (let n = 0; n < 3; n++) sigma.push(...model.expressionStandardDeviations);
    const { solution } = solveLeastSquares({
      matrix: Float64Array.from(rows.flat()),
      rows: rows.length,
      cols,
      rhs,
      tikhonov: sigma.map((s) => lambda / s),
    });
    const found = fitCoefficientsJointly(model, images, { regularization: lambda });
    const all = [...found.shape, ...found.expressions.flatMap((e) => [...e])];
    // The same normal equations eliminated in another order.
    all.forEach((value, k) => {
      expect(value).toBeCloseTo(solution[k], 10);
    });
  });

  test("takes QR where normal equations would lose their digits, and SVD without a rank", () => {
    // Shape 1 is shape 0 but for a part in 1e5: the condition of AᵀA is about 1e10.
    const close = (gap: number): PcaModel => {
      const shapeBasis = model.shapeBasis.slice();
      const size = model.mean.length;
      for (let i = 0; i < size; i++) {
        shapeBasis[size + i] = shapeBasis[i] + gap * shapeBasis[2 * size + i];
      }
      return { ...model, shapeBasis };
    };
    const image = observe([0.5, 0, 0, 0, 0, 0], expressions[0], 60, 0);
    const qr = fitCoefficientsJointly(close(1e-5), [image, image], { regularization: 0 });
    expect(qr.method).toBe("qr");
    expect(qr.residuals[0]).toBeLessThan(1e-7);
    const svd = fitCoefficientsJointly(close(0), [image], { regularization: 0 });
    expect(svd.method).toBe("svd");
    // The shortest minimizer shares evenly between two equal shapes.
    expect(svd.shape[0]).toBeCloseTo(0.25, 4);
    expect(svd.shape[1]).toBeCloseTo(0.25, 4);
  });

  test("solves for the leading shapes only, and with none", () => {
    const images = [observe([1, 0.5, 0, 0, 0, 0], expressions[0], 50, 0)];
    const two = fitCoefficientsJointly(model, images, { shapeCount: 2, regularization: 1e-9 });
    expect([...two.shape.subarray(2)]).toEqual([0, 0, 0, 0]);
    expect(two.shape[1]).toBeCloseTo(0.5, 4);
    expect([...fitCoefficientsJointly(model, images, { shapeCount: 0 }).shape]).toEqual(
      new Array(6).fill(0),
    );
  });

  test("errors", () => {
    const image = observe(shape, expressions[0], 9, 0);
    expect(() => fitCoefficientsJointly(model, [])).toThrow(/at least 1 image, got 0/);
    expect(() => fitCoefficientsJointly(model, [image])).toThrow(/at least 10 points.*got 9/);
    expect(() => fitCoefficientsJointly(model, [image], { regularization: -1 })).toThrow(
      RangeError,
    );
    expect(() => fitCoefficientsJointly(model, [image], { shapeCount: 7 })).toThrow(
      /shapeCount in 0…6, got 7/,
    );
    expect(() =>
      fitCoefficientsJointly(model, [{ ...image, weights: new Float64Array(3) }]),
    ).toThrow(RangeError);
  });
});
