import type { PerspectiveCamera } from "@headform/camera";
import { composeRotations, createRandom, rotationFromAxisAngle } from "@headform/core-math";
import {
  createSurfaceNormals,
  createSurfaceScene,
  evaluate,
  headOf,
  headUnknowns,
  type PcaModel,
  type SkinnedModel,
  type SurfaceProblem,
  type SurfaceState,
  type SurfaceTerms,
  surfaceEnergy,
  surfaceGradient,
  surfaceNormalMatrix,
} from "@headform/morphable-model";
import { interpolate, rasterizeMesh } from "@headform/raster";
import { describe, expect, test } from "vitest";
import { skinnedHead } from "../skinned-head.ts";
import { syntheticHead } from "../synthetic-head.ts";

const SIZE = 96;
const OFF = { weight: 0, power: 1, cut: 10 } as const;
const NOTHING: SurfaceTerms = {
  vertices: OFF,
  normals: OFF,
  uv: OFF,
  silhouette: 0,
  points: 0,
};

/** A head with texture coordinates, seen slightly turned, and maps of another head than it. */
function problemOn(base: PcaModel | SkinnedModel, terms: SurfaceTerms) {
  const random = createRandom(4);
  const rest = base.kind === "skinned" ? base.template : base.mean;
  const uvs = Float32Array.from({ length: (2 * rest.length) / 3 }, (_, i) => {
    return 0.5 + 2 * rest[3 * (i >> 1) + (i & 1)];
  });
  const model = { ...base, uvs };
  const joints = model.kind === "skinned" ? [1, 2] : [];
  const unknowns = headUnknowns("test", model, { joints });
  const x = Float64Array.from({ length: unknowns.columns }, (_, k) => {
    // Joints that every vertex follows a little crease the surface when they turn much.
    return (k < 10 || k >= 16 ? 1 : 0.1) * (0.2 + 0.3 * random.uniform());
  });
  const camera: PerspectiveCamera = {
    kind: "perspective",
    focalLength: 5.2 * SIZE,
    principalPoint: Float64Array.of(SIZE / 2 + 2, SIZE / 2 - 1),
    rotation: rotationFromAxisAngle([0.1, 0.25, -0.1]),
    translation: Float64Array.of(0.003, -0.002, -1.2),
  };
  // 1. Maps of a head near by.
  const other = x.map((value, k) => value + (k < 10 ? 0.1 : 0.01) * random.normal());
  const positions = evaluate(model, headOf(unknowns, other));
  const { indices } = model;
  const extent = { width: SIZE, height: SIZE, cull: "back" } as const;
  const seen = rasterizeMesh({ positions, indices }, camera, extent);
  const own = rasterizeMesh(
    { positions: evaluate(model, headOf(unknowns, x)), indices },
    camera,
    extent,
  );
  // 2. Pixels well within both outlines: coverage has no derivative.
  const inside = (p: number, reach: number): boolean => {
    for (let dy = -reach; dy <= reach; dy++) {
      for (let dx = -reach; dx <= reach; dx++) {
        if (!(own.triangles[p + dy * SIZE + dx] >= 0)) return false;
      }
    }
    return seen.triangles[p] >= 0;
  };
  const weights = Float32Array.from(own.triangles, (_, p) => (inside(p, 3) ? 1 : 0));
  const normals = interpolate(
    seen,
    positions.map((value) => value / 0.1),
    indices,
    3,
  ).data;
  const count = rest.length / 3;
  const shown = Uint32Array.from({ length: count }, (_, v) => v).filter(
    (v) => rest[3 * v + 2] > 0.02,
  );
  const problem: SurfaceProblem = {
    unknowns,
    observation: {
      width: SIZE,
      height: SIZE,
      vertices: {
        indices: shown,
        pixels: Float64Array.from({ length: 2 * shown.length }, () => SIZE * random.uniform()),
      },
      normals: { values: normals, weights },
      uv: { values: interpolate(seen, uvs, indices, 2).data, weights },
      background: Float32Array.from({ length: SIZE * SIZE }, (_, p) => {
        return 0.3 * (p % SIZE) + 0.2 * Math.floor(p / SIZE);
      }),
      points: {
        at: {
          triangles: Uint32Array.of(3, 40, 77),
          barycentrics: Float32Array.of(0.2, 0.3, 0.5, 1, 0, 0, 0.5, 0.25, 0.25),
        },
        pixels: Float64Array.of(30, 40, 50, 60, 70, 20),
        weights: Float64Array.of(1, 2, 0.5),
      },
    },
    terms,
    precisions: new Float64Array(unknowns.columns + 9),
    centers: new Float64Array(unknowns.columns + 9),
    free: [1, 1, 1, 1, 1, 1, 1, 1, 1],
    softening: 0.05,
    scene: createSurfaceScene(model),
  };
  return { problem, state: { x, camera } };
}

/** The state moved by `step` along unknown k, as the solver moves it. */
function moved({ x, camera }: SurfaceState, k: number, step: number): SurfaceState {
  const n = x.length;
  if (k < n) return { x: x.map((value, i) => (i === k ? value + step : value)), camera };
  const d = new Float64Array(9);
  d[k - n] = step;
  const [tx, ty, tz] = camera.translation;
  return {
    x,
    camera: {
      kind: "perspective",
      focalLength: camera.focalLength * Math.exp(d[5] + d[6]),
      principalPoint: Float64Array.of(
        camera.principalPoint[0] + d[7],
        camera.principalPoint[1] + d[8],
      ),
      rotation: composeRotations(rotationFromAxisAngle(d.subarray(0, 3)), camera.rotation),
      translation: Float64Array.of(tx + d[3], ty + d[4], tz * Math.exp(d[6])),
    },
  };
}

/** Steps that move the picture by about as much, whatever the unknown. */
function stepOf(columns: number, k: number, pixels: number): number {
  if (k >= columns) {
    return pixels * [0.02, 0.02, 0.02, 0.0025, 0.0025, 0.03, 0.2, 1, 1][k - columns];
  }
  // Ten blendshapes, then joints.
  return pixels * (k < 10 || k >= 16 ? 0.5 : 0.02);
}

const heads = [
  ["pca", syntheticHead(2)],
  ["skinned", skinnedHead()],
] as const;

describe.each(heads)("gradient of the energy, %s head", (_, head) => {
  const part = (terms: Partial<SurfaceTerms>) => ({ ...NOTHING, ...terms });
  // Vertices and points are smooth but for the float32 of positions, 1e-8 m of 0.1, over steps of
  // 0.05 pixels or 5e-5 m; the silhouette's edges change with the view. Pixels take the corners
  // rounded to 1/1024, a fiftieth of the step, which averages out over a thousand of them.
  test.each([
    ["vertices", part({ vertices: { weight: 3, power: 1, cut: 10 } }), 0.05, 4e-3],
    ["vertices, squared", part({ vertices: { weight: 3, power: 2, cut: 10 } }), 0.05, 1e-3],
    ["points", part({ points: 5 }), 0.05, 1e-3],
    ["normals", part({ normals: { weight: 2, power: 2, cut: 10 } }), 0.2, 0.02],
    ["uv", part({ uv: { weight: 2, power: 2, cut: 10 } }), 0.2, 0.02],
    ["silhouette", part({ silhouette: 4 }), 0.02, 0.2],
  ] as const)("%s", (_name, terms, pixels, tolerance) => {
    const { problem, state } = problemOn(head, terms);
    const energy = surfaceEnergy(problem, state);
    expect(energy.energy).toBeGreaterThan(0);
    const { gradient } = surfaceGradient(problem, state, energy);
    const { columns } = problem.unknowns;
    // Each unknown in steps that move the picture alike.
    const scaled = gradient.map((value, k) => value * stepOf(columns, k, 1));
    const size = Math.sqrt(scaled.reduce((sum, value) => sum + value * value, 0));
    for (let k = 0; k < gradient.length; k++) {
      const step = stepOf(columns, k, pixels);
      const ahead = surfaceEnergy(problem, moved(state, k, step)).energy;
      const behind = surfaceEnergy(problem, moved(state, k, -step)).energy;
      const difference = ((ahead - behind) / (2 * step)) * stepOf(columns, k, 1);
      expect(Math.abs(difference - scaled[k]), `unknown ${k}`).toBeLessThan(tolerance * size);
    }
  });
});

test("the matrix of squared points is that of the energy's curvature, whatever stands for what", () => {
  const { problem, state } = problemOn(skinnedHead(), { ...NOTHING, points: 5 });
  const energy = surfaceEnergy(problem, state);
  const { gradient, motion } = surfaceGradient(problem, state, energy);
  const size = gradient.length;
  const normals = createSurfaceNormals(problem, energy, motion, 200);
  expect([...normals.columns]).toEqual([...gradient.keys()]);
  const all = surfaceNormalMatrix(problem, energy, motion, normals);
  // Points between corners are lumped to them, which bounds the curvature from above; along shifts of
  // the whole picture, where all corners move alike, it is exact up to single precision.
  const { columns } = problem.unknowns;
  for (const k of [columns + 7, columns + 8]) {
    const step = 0.5;
    const ahead = surfaceEnergy(problem, moved(state, k, step)).energy;
    const behind = surfaceEnergy(problem, moved(state, k, -step)).energy;
    const second = (ahead - 2 * energy.energy + behind) / (step * step);
    expect(all[k * (size + 1)] / second).toBeCloseTo(1, 4);
  }
});

test("unknowns whose prior outweighs what the data say of them have no part in the matrix", () => {
  const { problem, state } = problemOn(skinnedHead(), { ...NOTHING, points: 5 });
  const { shapeCount, expressionCount, columns } = problem.unknowns;
  problem.precisions.fill(1e9, 2, shapeCount);
  problem.precisions.fill(1e9, shapeCount + expressionCount - 1, shapeCount + expressionCount);
  const energy = surfaceEnergy(problem, state);
  const { motion } = surfaceGradient(problem, state, energy);
  const normals = createSurfaceNormals(problem, energy, motion, 200);
  const expected = [...Array(columns + 9).keys()].filter(
    (k) => k < 2 || (k >= shapeCount && k !== shapeCount + expressionCount - 1),
  );
  expect([...normals.columns]).toEqual(expected);
  for (const k of [2, shapeCount - 1]) expect(normals.curvatures[k] / 2e9).toBeCloseTo(1, 3);
  // The others' entries are those of the whole matrix.
  const part = surfaceNormalMatrix(problem, energy, motion, normals);
  problem.precisions.fill(0);
  const whole = surfaceNormalMatrix(
    problem,
    energy,
    motion,
    createSurfaceNormals(problem, energy, motion, 200),
  );
  expected.forEach((a, i) => {
    expected.forEach((b, j) => {
      // Equal sums of single precision.
      expect(part[i * expected.length + j]).toBe(whole[a * (columns + 9) + b]);
    });
  });
});

test("where the uv name another place of the surface, its normal pulls at nothing", () => {
  const uv = { weight: 2, power: 1, cut: 0.05 } as const;
  const normals = { weight: 2, power: 1, cut: 0.33 } as const;
  const { problem, state } = problemOn(syntheticHead(2), { ...NOTHING, uv, normals });
  const { weights, values } = problem.observation.uv!;
  values.fill(7);
  const { parts, pulls } = surfaceEnergy(problem, state);
  const share = weights.reduce((sum, weight) => sum + weight, 0) / weights.length;
  // Every pixel that counts is cut, in both terms.
  expect(parts.uv).toBeCloseTo(2 * 0.05 * share, 9);
  expect(parts.normals).toBeCloseTo(2 * 0.33 * share, 9);
  for (const list of [pulls.byPixel, pulls.byNormal, pulls.normalSlopes]) {
    expect(list.every((value) => value === 0)).toBe(true);
  }
});
