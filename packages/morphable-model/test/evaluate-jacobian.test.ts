import { computeNormals } from "@headform/mesh";
import {
  createSkinnedWorkspace,
  evaluate,
  evaluateJacobian,
  evaluateNormalJacobian,
} from "@headform/morphable-model";
import { describe, expect, test } from "vitest";
import { evaluatePlainly, skinnedHead } from "./skinned-head.ts";

const model = skinnedHead();
const [SHAPES, EXPRESSIONS, JOINTS] = [6, 4, 4];
const COLUMNS = SHAPES + EXPRESSIONS + 3 * JOINTS + 2;

/** Coefficients out of one list, in the order of the columns. */
function split(all: readonly number[]) {
  const poseStart = SHAPES + EXPRESSIONS;
  return {
    shape: all.slice(0, SHAPES),
    expression: all.slice(SHAPES, poseStart),
    pose: all.slice(poseStart, poseStart + 3 * JOINTS),
    eyelids: all.slice(poseStart + 3 * JOINTS),
  };
}

/** Angle-weighted normals in double precision, by formula and not by mesh's code. */
function normalsOf(positions: Float64Array): Float64Array {
  const out = new Float64Array(positions.length);
  const at = (v: number) => [...positions.subarray(3 * v, 3 * v + 3)];
  for (let i = 0; i < model.indices.length; i++) {
    const first = i - (i % 3);
    const [a, b, c] = [0, 1, 2].map((k) => at(model.indices[first + ((i + k) % 3)]));
    const u = b.map((value, axis) => value - a[axis]);
    const w = c.map((value, axis) => value - a[axis]);
    const n = [0, 1, 2].map(
      (k) => u[(k + 1) % 3] * w[(k + 2) % 3] - u[(k + 2) % 3] * w[(k + 1) % 3],
    );
    const cosine = u.reduce((sum, value, k) => sum + value * w[k], 0);
    const angle = Math.acos(cosine / Math.hypot(...u) / Math.hypot(...w));
    for (let k = 0; k < 3; k++) out[3 * model.indices[i] + k] += (angle * n[k]) / Math.hypot(...n);
  }
  return out.map((value, i) => {
    const first = i - (i % 3);
    return value / Math.hypot(out[first], out[first + 1], out[first + 2]);
  });
}

const POSED = Array.from({ length: COLUMNS }, (_, i) => Math.sin(3 * i + 1) * 0.7);
const AT = {
  rest: Array.from({ length: COLUMNS }, () => 0),
  // Where 1 − cos θ and θ − sin θ vanish in rounding.
  "tiny angles": POSED.map((value, i) => (i < 10 ? value : 1e-7 * value)),
  posed: POSED,
  "beyond half a turn": POSED.map((value, i) => (i < 10 ? value : 5 * value)),
};

describe.each(Object.entries(AT))("derivatives, %s", (_, all) => {
  test.each(["vertices", "normals"])("%s move as central differences say", (what) => {
    const { jacobian, columns } =
      what === "vertices"
        ? evaluateJacobian(model, split(all), { eyelids: true })
        : evaluateNormalJacobian(model, split(all), { eyelids: true });
    expect(columns).toBe(COLUMNS);
    const truth = (list: readonly number[]) => {
      const positions = evaluatePlainly(model, split(list));
      return what === "vertices" ? positions : normalsOf(positions);
    };
    // In double precision a step of 1e-5 errs by 1e-10 (third derivatives) and 1e-11 (rounding).
    const step = 1e-5;
    for (let c = 0; c < COLUMNS; c++) {
      const up = truth(all.map((value, i) => (i === c ? value + step : value)));
      const down = truth(all.map((value, i) => (i === c ? value - step : value)));
      let difference = 0;
      let size = 0;
      for (let row = 0; row < up.length; row++) {
        const slope = (up[row] - down[row]) / (2 * step);
        difference = Math.max(difference, Math.abs(jacobian[row * COLUMNS + c] - slope));
        size = Math.max(size, Math.abs(slope));
      }
      // Vertices are kept in float32, 1e-8 m; beyond half a turn the head crumples into slivers,
      // whose normals feel it most.
      expect(difference, `column ${c}`).toBeLessThan((what === "vertices" ? 1e-6 : 1e-4) * size);
    }
  });
});

test("positions and normals are those of evaluate and computeNormals", () => {
  const coefficients = split(POSED);
  const positions = evaluate(model, coefficients);
  const normals = computeNormals({ positions, indices: model.indices });
  const vertices = evaluateJacobian(model, coefficients);
  const turned = evaluateNormalJacobian(model, coefficients);
  // Float32 of positions: 1e-8 m, 1e-6 for the normals of 2 cm edges.
  for (let i = 0; i < positions.length; i++) {
    expect(Math.abs(vertices.positions[i] - positions[i])).toBeLessThan(1e-7);
    expect(Math.abs(turned.normals[i] - normals[i])).toBeLessThan(1e-5);
  }
});

test("subsets are rows and columns of the whole", () => {
  const coefficients = split(POSED);
  const workspace = createSkinnedWorkspace(model);
  const whole = { vertices: evaluateJacobian, normals: evaluateNormalJacobian };
  for (const verb of Object.values(whole)) {
    const all = verb(model, coefficients, { workspace });
    const vertices = [161, 3, 3, 40];
    const part = verb(model, coefficients, {
      vertices,
      shapeCount: 2,
      expressionCount: 3,
      joints: [2, 0],
      workspace,
    });
    expect(part.columns).toBe(11);
    const picked = [0, 1, 6, 7, 8, 16, 17, 18, 10, 11, 12];
    for (let row = 0; row < 12; row++) {
      for (let c = 0; c < 11; c++) {
        const from = (3 * vertices[Math.floor(row / 3)] + (row % 3)) * all.columns + picked[c];
        // Normals add up in the order of the triangles either way: equal to rounding.
        expect(part.jacobian[row * 11 + c]).toBeCloseTo(all.jacobian[from], 12);
      }
    }
  }
  const none = evaluateJacobian(model, coefficients, { vertices: [], joints: [] });
  expect([none.jacobian.length, none.columns]).toEqual([0, 10]);
});

test("errors", () => {
  const refuse = (options: object, message: RegExp) => {
    expect(() => evaluateJacobian(model, {}, options)).toThrow(RangeError);
    expect(() => evaluateJacobian(model, {}, options)).toThrow(message);
  };
  refuse({ vertices: [162] }, /whole vertices below 162, got 162/);
  refuse({ shapeCount: 7 }, /whole shapeCount below 7, got 7/);
  refuse({ expressionCount: 1.5 }, /whole expressionCount below 5, got 1.5/);
  refuse({ joints: [-1] }, /whole joints below 4, got -1/);
  refuse({ workspace: createSkinnedWorkspace(skinnedHead()) }, /workspace of this model/);
  expect(() => evaluateNormalJacobian(model, {}, { vertices: [999] })).toThrow(RangeError);
  expect(() => evaluateJacobian(model, { shape: new Array(7).fill(0) })).toThrow(
    /at most 6 shape coefficients, got 7/,
  );
  const { eyelids: _, ...lidless } = model;
  expect(() => evaluateJacobian(lidless, {}, { eyelids: true })).toThrow(/model with eyelids/);
});
