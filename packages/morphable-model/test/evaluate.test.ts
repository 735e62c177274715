import { applyMorphTargets } from "@headform/mesh";
import { evaluate, evaluateLandmarks, toMesh } from "@headform/morphable-model";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { syntheticHead } from "./synthetic-head.ts";

const model = syntheticHead(1);
const size = model.mean.length;
const SEED = 20261120;

describe("evaluate", () => {
  test("without coefficients is the mean", () => {
    expect(evaluate(model)).toEqual(model.mean);
  });

  test("one coefficient moves by its mode", () => {
    const moved = evaluate(model, { shape: [0, 2], expression: [0, 0, 0, 0.5] });
    for (let i = 0; i < size; i++) {
      const expected =
        model.mean[i] + 2 * model.shapeBasis[size + i] + 0.5 * model.expressionBasis[3 * size + i];
      // Two roundings of float32 near 0.1.
      expect(Math.abs(moved[i] - expected)).toBeLessThan(2e-8);
    }
  });

  test(`is linear in the coefficients (seed ${SEED})`, () => {
    const list = fc.array(fc.double({ min: -3, max: 3, noNaN: true }), {
      minLength: 6,
      maxLength: 6,
    });
    fc.assert(
      fc.property(list, list, (a, b) => {
        const sum = evaluate(model, { shape: a.map((x, k) => x + b[k]) });
        const [first, second] = [evaluate(model, { shape: a }), evaluate(model, { shape: b })];
        const error = sum.map((x, i) => Math.abs(x - first[i] - second[i] + model.mean[i]));
        // Six float32 additions each, of numbers up to 0.3.
        expect(Math.max(...error)).toBeLessThan(3e-7);
      }),
      { seed: SEED, numRuns: 50 },
    );
  });

  test("writes into out and refuses what does not fit", () => {
    const out = new Float32Array(size);
    expect(evaluate(model, { shape: [1] }, out)).toBe(out);
    expect(() => evaluate(model, {}, new Float32Array(3))).toThrow(RangeError);
    expect(() => evaluate(model, { shape: new Float32Array(7) })).toThrow("at most 6 shape");
    expect(() => evaluate(model, { expression: [Number.NaN] })).toThrow("finite expression");
  });
});

describe("evaluateLandmarks", () => {
  test("are barycentric points of their triangles", () => {
    const landmarks = evaluateLandmarks(model.mean, model);
    const corner = (triangle: number, c: number, axis: number) =>
      model.mean[3 * model.indices[3 * triangle + c] + axis];
    for (let axis = 0; axis < 3; axis++) {
      expect(landmarks[axis]).toBe(corner(0, 0, axis));
      // Exact weights of powers of two.
      expect(landmarks[3 + axis]).toBeCloseTo(
        (corner(5, 0, axis) + corner(5, 1, axis)) / 4 + corner(5, 2, axis) / 2,
        12,
      );
    }
  });

  test("refuse positions of another mesh", () => {
    expect(() => evaluateLandmarks(new Float32Array(9), model)).toThrow(RangeError);
  });
});

describe("toMesh", () => {
  test("rests the identity and poses it by its morph targets", () => {
    const coefficients = { shape: [1, -1], expression: [0.25, 0, 1] };
    const mesh = toMesh(model, coefficients);
    expect(mesh.unit).toBe("m");
    expect(mesh.morphTargets?.map((t) => [t.name, t.weight])).toEqual([
      ["a", 0.25],
      ["b", 0],
      ["c", 1],
      ["d", 0],
    ]);
    const posed = applyMorphTargets(mesh).positions;
    const expected = evaluate(model, coefficients);
    for (let i = 0; i < size; i++) expect(Math.abs(posed[i] - expected[i])).toBeLessThan(3e-8);
  });
});
