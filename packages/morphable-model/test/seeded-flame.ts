import type { SkinnedModel } from "@headform/morphable-model";

export const VERTICES = 5023;
const TRIANGLES = 9976;
const JOINTS = 5;
const SHAPES = 300;
const EXPRESSIONS = 100;

/** Numbers of [0, 1): mulberry32, as in fixtures/make_skinned.py. */
export function uniform(seed: number, count: number): Float64Array {
  const out = new Float64Array(count);
  let state = seed >>> 0;
  for (let i = 0; i < count; i++) {
    state = (state + 0x6d2b79f5) >>> 0;
    let z = Math.imul(state ^ (state >>> 15), state | 1);
    z ^= z + Math.imul(z ^ (z >>> 7), z | 61);
    out[i] = ((z ^ (z >>> 14)) >>> 0) / 4294967296;
  }
  return out;
}

/**
 * A seeded model of FLAME's exact shapes and nothing of its looks: the same numbers as
 * fixtures/make_skinned.py makes.
 */
export function seededFlame(): SkinnedModel {
  const box = [0.2, 0.3, 0.2];
  const jointRegressor = new Float32Array(JOINTS * VERTICES);
  const chosen = uniform(5, JOINTS * 32);
  for (let i = 0; i < chosen.length; i++) {
    jointRegressor[Math.floor(i / 32) * VERTICES + Math.floor(chosen[i] * VERTICES)] = 1 / 32;
  }
  const skinningWeights = new Float32Array(VERTICES * JOINTS);
  const raw = uniform(6, skinningWeights.length).map((u) => (u < 0.3 ? 0 : u));
  for (let v = 0; v < VERTICES; v++) {
    const row = raw.subarray(JOINTS * v, JOINTS * (v + 1));
    row[0] += 0.01;
    const total = row.reduce((sum, weight) => sum + weight);
    skinningWeights.set(
      row.map((weight) => weight / total),
      JOINTS * v,
    );
  }
  const points = 51 + 79 * 17;
  const triangles = Uint32Array.from(uniform(7, points), (u) => Math.floor(u * TRIANGLES));
  const corners = uniform(8, points * 3).map((u) => u + 0.01);
  const barycentrics = Float32Array.from(corners, (corner, i) => {
    const first = i - (i % 3);
    return corner / (corners[first] + corners[first + 1] + corners[first + 2]);
  });
  return {
    kind: "skinned",
    name: "seeded",
    version: "1",
    licence: "MIT",
    unit: "m",
    template: Float32Array.from(uniform(1, VERTICES * 3), (u, i) => (u - 0.5) * box[i % 3]),
    indices: Uint32Array.from({ length: TRIANGLES * 3 }, (_, i) => {
      const triangle = Math.floor(i / 3);
      return ([1, 7, 13][i % 3] * triangle + (i % 3)) % VERTICES;
    }),
    shapeBasis: basis(2, SHAPES, 0.01),
    shapeStandardDeviations: new Float32Array(SHAPES).fill(1),
    expressionBasis: basis(3, EXPRESSIONS, 0.01),
    expressionStandardDeviations: new Float32Array(EXPRESSIONS).fill(1),
    expressionNames: Array.from({ length: EXPRESSIONS }, (_, k) => `expression${k}`),
    poseBasis: basis(4, 9 * (JOINTS - 1), 0.02),
    jointRegressor,
    skinningWeights,
    parents: Int32Array.of(-1, 0, 1, 1, 1),
    jointNames: ["root", "neck", "jaw", "leftEye", "rightEye"],
    landmarks: {
      static: { triangles: triangles.slice(0, 51), barycentrics: barycentrics.slice(0, 153) },
      dynamicContour: {
        triangles: triangles.slice(51),
        barycentrics: barycentrics.slice(153),
        sign: "smplx",
      },
    },
  };
}

/** Coefficients of the script's cases 0, 1 and 2: at rest, posed, and posed beyond any neck. */
export function seededCoefficients(which: 0 | 1 | 2): {
  shape: Float64Array;
  expression: Float64Array;
  pose: Float64Array;
} {
  const all = uniform(100 + which, SHAPES + EXPRESSIONS).map((u) => (u - 0.5) * 4);
  return {
    shape: all.slice(0, SHAPES),
    expression: all.slice(SHAPES),
    pose: uniform(200 + which, 3 * JOINTS).map((u) => (u - 0.5) * [0, 1, 5][which]),
  };
}

function basis(seed: number, count: number, size: number): Float32Array {
  const row = 3 * VERTICES;
  return Float32Array.from(
    uniform(seed, count * row),
    (u, i) => (u - 0.5) * (size / (1 + Math.floor(i / row) / 20)),
  );
}
