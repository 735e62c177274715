import { composeRotations, rotationFromAxisAngle, symmetricRankK } from "@headform/core-math";
import { applySimilarity, type Similarity } from "@headform/mesh";
import { evaluate } from "../evaluate.ts";
import { evaluateSurfacePoints } from "../evaluate-surface-points.ts";
import type { SkinnedCoefficients, SurfacePoints } from "../skinned-model.ts";
import { type FittedPose, type HeadUnknowns, headOf, unknownsOf } from "./head-unknowns.ts";
import { linearizePoints } from "./linearize-points.ts";
import { type Minimum, minimize, type QuadraticModel } from "./minimize.ts";

/** Points of a head that should lie at given places. */
export interface PointTargets {
  readonly at: SurfacePoints;
  /** [N×3] */
  readonly targets: Float64Array;
  /** [N] 1/σ² of each target. */
  readonly precisions: Float64Array;
  /** [N×3] unit directions across which a point may slide at a weight of `sliding`. */
  readonly normals?: Float64Array;
  readonly sliding?: number;
}

/** A head and where it stands: x ↦ s·R·X + t. */
export interface PlacedHead {
  readonly x: Float64Array;
  readonly similarity: Similarity;
}

/** How freely the head may be placed: not at all, turned and shifted, or scaled too. */
export type Placing = "none" | "rigid" | "similarity";

/**
 * Moves a head's unknowns and its placing so that its points come to their targets:
 * `min ½ Σ |yᵢ − (s·R·xᵢ(c) + t)|²/σᵢ² + ½ Σ (cₖ/σₖ)²`.
 */
export function fitPoints(
  unknowns: HeadUnknowns,
  data: PointTargets,
  start: PlacedHead,
  placing: Placing,
  maxIterations: number,
  base: SkinnedCoefficients = {},
): Minimum<PlacedHead> {
  const initial = { ...start, x: unknownsOf(unknowns, headOf(unknowns, start.x, base)) };
  const { columns } = unknowns;
  return minimize(
    initial,
    {
      model: (state) => quadratic(unknowns, data, state, placing, base),
      // A third of the model's time.
      cost: (state) => costOf(unknowns, data, state, base),
      move: ({ x, similarity }, step) => ({
        x: x.map((value, k) => value + step[k]),
        similarity: moveSimilarity(similarity, step.subarray(columns)),
      }),
    },
    maxIterations,
  );
}

/** The coefficients of a placed head. */
export function placedHead(
  unknowns: HeadUnknowns,
  state: PlacedHead,
  base?: SkinnedCoefficients,
): FittedPose {
  return headOf(unknowns, state.x, base);
}

function quadratic(
  unknowns: HeadUnknowns,
  { at, targets, precisions, normals, sliding = 0 }: PointTargets,
  { x, similarity }: PlacedHead,
  placing: Placing,
  base: SkinnedCoefficients,
): QuadraticModel {
  const { columns } = unknowns;
  const extra = placing === "none" ? 0 : placing === "rigid" ? 6 : 7;
  const size = columns + extra;
  const count = at.triangles.length;
  const { points, jacobian } = linearizePoints(unknowns, headOf(unknowns, x, base), at);
  const placed = applySimilarity(similarity, points);
  const { rotation: R, scale, translation } = similarity;
  const rows = new Float64Array(3 * count * size);
  const residuals = new Float64Array(3 * count);
  let cost = 0;
  for (let i = 0; i < count; i++) {
    const weight = Math.sqrt(precisions[i]);
    const first = 3 * i * size;
    // 1. Three rows of the point: s·R·J, then ω × s·R·x, t, log s.
    for (let k = 0; k < columns; k++) {
      const jx = jacobian[3 * i * columns + k];
      const jy = jacobian[(3 * i + 1) * columns + k];
      const jz = jacobian[(3 * i + 2) * columns + k];
      for (let j = 0; j < 3; j++) {
        rows[first + j * size + k] =
          weight * scale * (R[3 * j] * jx + R[3 * j + 1] * jy + R[3 * j + 2] * jz);
      }
    }
    for (let j = 0; j < 3; j++) {
      residuals[3 * i + j] = weight * (targets[3 * i + j] - placed[3 * i + j]);
    }
    if (extra > 0) {
      const arm = [0, 1, 2].map((j) => weight * (placed[3 * i + j] - translation[j]));
      for (let j = 0; j < 3; j++) {
        const row = first + j * size + columns;
        rows[row + ((j + 1) % 3)] = arm[(j + 2) % 3];
        rows[row + ((j + 2) % 3)] = -arm[(j + 1) % 3];
        rows[row + 3 + j] = weight;
        if (extra === 7) rows[row + 6] = arm[j];
      }
    }
    // 2. Across the normal only a fraction of a displacement counts.
    if (normals) slide(rows, residuals, i, size, normals, sliding);
    for (let j = 0; j < 3; j++) cost += residuals[3 * i + j] ** 2 / 2;
  }
  // 3. Normal equations, priors, bounds of the step.
  const hessian = symmetricRankK(rows, 3 * count, size);
  const gradient = new Float64Array(size);
  for (let row = 0; row < 3 * count; row++) {
    const r = residuals[row];
    for (let k = 0; k < size; k++) gradient[k] += rows[row * size + k] * r;
  }
  const lower = new Float64Array(size).fill(-Infinity);
  const upper = new Float64Array(size).fill(Infinity);
  for (let k = 0; k < columns; k++) {
    const precision = unknowns.deviations[k] ** -2;
    hessian[k * (size + 1)] += precision;
    gradient[k] -= precision * x[k];
    cost += (precision * x[k] ** 2) / 2;
    lower[k] = unknowns.lower[k] - x[k];
    upper[k] = unknowns.upper[k] - x[k];
  }
  return { cost, hessian, gradient, lower, upper };
}

/** The cost that `quadratic` finds, without derivatives. */
function costOf(
  unknowns: HeadUnknowns,
  { at, targets, precisions, normals, sliding = 0 }: PointTargets,
  { x, similarity }: PlacedHead,
  base: SkinnedCoefficients,
): number {
  const positions = evaluate(unknowns.model, headOf(unknowns, x, base));
  const points = evaluateSurfacePoints(positions, unknowns.model.indices, at);
  const placed = applySimilarity(similarity, points);
  const residuals = targets.map(
    (target, i) => Math.sqrt(precisions[Math.floor(i / 3)]) * (target - placed[i]),
  );
  if (normals) {
    for (let i = 0; i < precisions.length; i++)
      change(residuals, 3 * i, 1, normals, 3 * i, sliding);
  }
  let cost = 0;
  for (const residual of residuals) cost += residual ** 2 / 2;
  for (let k = 0; k < x.length; k++) cost += (x[k] / unknowns.deviations[k]) ** 2 / 2;
  return cost;
}

/** Rows of point i become (nnᵀ + τ(I − nnᵀ))·rows. */
function slide(
  rows: Float64Array,
  residuals: Float64Array,
  i: number,
  size: number,
  normals: Float64Array,
  sliding: number,
): void {
  for (let k = 0; k < size; k++) change(rows, 3 * i * size + k, size, normals, 3 * i, sliding);
  change(residuals, 3 * i, 1, normals, 3 * i, sliding);
}

/** The same of one column: three numbers that lie `stride` apart. */
function change(
  list: Float64Array,
  at: number,
  stride: number,
  normals: Float64Array,
  normal: number,
  sliding: number,
): void {
  const [nx, ny, nz] = [normals[normal], normals[normal + 1], normals[normal + 2]];
  const along =
    (1 - sliding) * (nx * list[at] + ny * list[at + stride] + nz * list[at + 2 * stride]);
  list[at] = sliding * list[at] + nx * along;
  list[at + stride] = sliding * list[at + stride] + ny * along;
  list[at + 2 * stride] = sliding * list[at + 2 * stride] + nz * along;
}

function moveSimilarity(similarity: Similarity, step: Float64Array): Similarity {
  if (step.length === 0) return similarity;
  const { scale, rotation, translation } = similarity;
  return {
    scale: step.length === 7 ? scale * Math.exp(step[6]) : scale,
    rotation: composeRotations(rotationFromAxisAngle(step.subarray(0, 3)), rotation),
    translation: translation.map((value, j) => value + step[3 + j]),
  };
}
