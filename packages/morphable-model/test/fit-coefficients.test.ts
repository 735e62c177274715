import { createRandom } from "@headform/core-math";
import {
  type Constraints,
  createSurfaceIndex,
  evaluate,
  fitCoefficients,
  localizePixels,
  localizeVertices,
} from "@headform/morphable-model";
import { describe, expect, test } from "vitest";
import { mapsOf, syntheticHead } from "./synthetic-head.ts";

const model = syntheticHead();
const random = createRandom(3);
const shape = Float64Array.from({ length: 6 }, () => random.normal());
const expression = Float64Array.of(0.3, 0.9, 0, 0.6);

/** One constraint per vertex, exact. */
function everyVertex(): Constraints {
  const count = model.mean.length / 3;
  const posed = evaluate(model, { shape, expression });
  return {
    vertices: Uint32Array.from({ length: count }, (_, v) => v),
    pixels: new Float64Array(2 * count),
    offsets: Float64Array.from(posed, (x, i) => x - model.mean[i]),
    weights: new Float64Array(count).fill(1),
  };
}

describe("fitCoefficients", () => {
  test("finds the coefficients that made the offsets", () => {
    const fitted = fitCoefficients(model, everyVertex(), { regularization: 1e-9 });
    // Offsets are float32: 1e-8 m against modes of some 3e-3 m.
    for (let k = 0; k < 6; k++) expect(fitted.shape[k]).toBeCloseTo(shape[k], 4);
    for (let k = 0; k < 4; k++) expect(fitted.expression[k]).toBeCloseTo(expression[k], 4);
    expect(fitted.residual).toBeLessThan(1e-7);
  });

  test("is the stationary point of equation 4 with its Tikhonov term", () => {
    const constraints = everyVertex();
    for (let i = 0; i < constraints.offsets.length; i++) {
      constraints.offsets[i] += 0.002 * random.normal();
    }
    const lambda = 0.01;
    const fitted = fitCoefficients(model, constraints, { regularization: lambda });
    const objective = (s: ArrayLike<number>, e: ArrayLike<number>) => {
      let sum = 0;
      for (let i = 0; i < model.mean.length; i++) {
        let value = -constraints.offsets[i];
        for (let k = 0; k < 6; k++) value += s[k] * model.shapeBasis[k * model.mean.length + i];
        for (let k = 0; k < 4; k++)
          value += e[k] * model.expressionBasis[k * model.mean.length + i];
        sum += value * value;
      }
      for (let k = 0; k < 6; k++) sum += (lambda * s[k]) ** 2;
      for (let k = 0; k < 4; k++) sum += (lambda * (e[k] / 0.5)) ** 2;
      return sum;
    };
    const h = 1e-3;
    const at = objective(fitted.shape, fitted.expression);
    for (let k = 0; k < 6; k++) {
      const up = fitted.shape.slice();
      const down = fitted.shape.slice();
      up[k] += h;
      down[k] -= h;
      const slope = (objective(up, fitted.expression) - objective(down, fitted.expression)) / 2 / h;
      // A quadratic: central differences are exact up to rounding of the sum.
      expect(Math.abs(slope)).toBeLessThan(1e-9 * Math.max(1, at));
    }
  });

  test("keeps bounded expressions in range, at the constrained minimum", () => {
    const constraints = everyVertex();
    const bounded = fitCoefficients(model, constraints, { expressionRange: [0, 0.5] });
    for (const e of bounded.expression) {
      expect(e).toBeGreaterThanOrEqual(0);
      expect(e).toBeLessThanOrEqual(0.5);
    }
    expect(bounded.expression[1]).toBe(0.5);
    expect(bounded.residual).toBeGreaterThan(fitCoefficients(model, constraints).residual);
  });

  test("localized vertices and localized pixels carry the same head", () => {
    const posed = evaluate(model, { shape, expression });
    const count = 1500;
    const triangles = new Uint32Array(count);
    const barycentrics = new Float64Array(3 * count);
    for (let i = 0; i < count; i++) {
      triangles[i] = random.integer(model.indices.length / 3);
      const a = random.uniform();
      const b = random.uniform();
      barycentrics.set(a + b < 1 ? [a, b, 1 - a - b] : [1 - a, 1 - b, a + b - 1], 3 * i);
    }
    const maps = mapsOf(model, posed, { triangles, barycentrics });

    const onPixels = localizePixels(createSurfaceIndex(model), maps, { maximum: count });
    expect(onPixels.weights.length).toBe(count);
    const exact = fitCoefficients(model, onPixels, { regularization: 1e-9 });
    // The point of the surface is found exactly, so only float32 is left.
    for (let k = 0; k < 6; k++) expect(exact.shape[k]).toBeCloseTo(shape[k], 3);

    const onVertices = localizeVertices(model, maps, { radius: 0.006 });
    const rounded = fitCoefficients(model, onVertices);
    // A pixel up to 6 mm from its vertex, on waves of 4 cm: a few percent of a mode.
    for (let k = 0; k < 6; k++) expect(Math.abs(rounded.shape[k] - shape[k])).toBeLessThan(0.15);
  });

  test("refuses what does not fit the model, and too little", () => {
    const good = everyVertex();
    const cut = { ...good, offsets: good.offsets.subarray(3) };
    expect(() => fitCoefficients(model, cut)).toThrow(RangeError);
    const beyond = { ...good, vertices: good.vertices.map((v) => v + 1) };
    expect(() => fitCoefficients(model, beyond)).toThrow("expected vertices below");
    expect(() => fitCoefficients(model, good, { regularization: -1 })).toThrow(RangeError);
    expect(() => fitCoefficients(model, good, { shapeCount: 7 })).toThrow(RangeError);
    const nine = {
      vertices: good.vertices.subarray(0, 9),
      pixels: good.pixels.subarray(0, 18),
      offsets: good.offsets.subarray(0, 27),
      weights: good.weights.subarray(0, 9),
    };
    expect(() => fitCoefficients(model, nine)).toThrow(
      expect.objectContaining({ tag: "morphable-model", code: "too-few-constraints" }),
    );
    const same = { ...good, vertices: good.vertices.map(() => 4) };
    expect(() => fitCoefficients(model, same, { regularization: 0 })).toThrow(
      expect.objectContaining({ code: "degenerate" }),
    );
  });
});
