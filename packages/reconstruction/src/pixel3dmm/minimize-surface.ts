import type { PerspectiveCamera } from "@headform/camera";
import { composeRotations, rotationFromAxisAngle } from "@headform/core-math";
import {
  type SurfaceEnergy,
  type SurfaceProblem,
  type SurfaceState,
  surfaceEnergy,
  surfaceGradient,
  surfaceKernel,
  surfaceNormalMatrix,
  type UsualResiduals,
  usualResiduals,
} from "@headform/morphable-model";
import { solveWithin } from "./solve-within.ts";

export interface SurfaceMinimum {
  readonly state: SurfaceState;
  readonly energy: SurfaceEnergy;
  readonly iterations: number;
  readonly status: "converged" | "stalled" | "max-iterations";
}

export interface MinimizeSurfaceOptions {
  readonly maxIterations: number;
  /** Relative decrease of the energy below which a minimum is reached. */
  readonly tolerance: number;
  /** Vertices that stand for all in the normal equations. */
  readonly representatives: number;
  /** Steps taken with one matrix, while they do what it says. */
  readonly reuse: number;
  /** Sizes of residuals to begin with; measured unless told. */
  readonly usual?: UsualResiduals;
  /** Told the energy after each step. */
  readonly onStep?: (energy: SurfaceEnergy, state: SurfaceState) => void;
}

/** Part of a step below which another direction is tried. */
const SHORTEST = 0.1;
/** Share of the predicted decrease below which the matrix is made anew. */
const TRUSTED = 0.5;

/**
 * Levenberg–Marquardt over head and camera. Absolute values are reweighted in each matrix, visibility
 * is that of the step's start; the gradient is exact, a matrix serves a few steps.
 *
 * @see Madsen, Nielsen, Tingleff, Methods for non-linear least squares problems, 2004, §3.2
 */
export function minimizeSurface(
  problem: SurfaceProblem,
  initial: SurfaceState,
  options: MinimizeSurfaceOptions,
): SurfaceMinimum {
  const { maxIterations, tolerance, representatives, reuse, onStep } = options;
  const kernel = surfaceKernel(problem, representatives);
  let state = initial;
  let energy = surfaceEnergy(
    problem,
    state,
    options.usual ?? usualResiduals(problem, surfaceEnergy(problem, state)),
  );
  let slope = surfaceGradient(problem, state, energy);
  let matrix = surfaceNormalMatrix(problem, energy, slope.motion, kernel);
  let age = 0;
  let damping = 0;
  let refused = 0;
  const renew = (): void => {
    matrix = surfaceNormalMatrix(problem, energy, slope.motion, kernel);
    age = 0;
  };
  for (let iteration = 1; iteration <= maxIterations; iteration++) {
    const step = stepOf(problem, state, matrix, slope.gradient, damping);
    const predicted = step ? gain(matrix, slope.gradient, step) : 0;
    if (step && !(predicted > tolerance * energy.energy)) {
      return { state, energy, iterations: iteration - 1, status: "converged" };
    }
    // 1. The step, or a part of it.
    const usual = usualResiduals(problem, energy);
    let length = 1;
    let next: SurfaceEnergy | undefined;
    let trial: SurfaceState | undefined;
    for (; step && length >= SHORTEST; length /= 3) {
      trial = moveState(
        state,
        step.map((value) => length * value),
      );
      next = surfaceEnergy(problem, trial, usual);
      if (next.energy < energy.energy) break;
    }
    if (!next || !trial || !(next.energy < energy.energy)) {
      if (age > 0) {
        renew();
        continue;
      }
      damping = Math.max(1e-2, 10 * damping);
      if (++refused < 3) continue;
      return { state, energy, iterations: iteration, status: "stalled" };
    }
    // 2. On from there; with the same matrix where it foretold well.
    const actual = energy.energy - next.energy;
    const done = actual < tolerance * energy.energy && length === 1;
    state = trial;
    energy = next;
    onStep?.(energy, state);
    if (done) return { state, energy, iterations: iteration, status: "converged" };
    slope = surfaceGradient(problem, state, energy);
    damping = length === 1 && damping > 1e-3 ? damping / 10 : length < 1 ? damping : 0;
    refused = 0;
    age++;
    if (age >= reuse || length < 1 || actual < TRUSTED * predicted) renew();
  }
  return { state, energy, iterations: maxIterations, status: "max-iterations" };
}

/** The state after a step [C + 9]. */
export function moveState({ x, camera }: SurfaceState, step: Float64Array): SurfaceState {
  const n = x.length;
  return { x: x.map((value, k) => value + step[k]), camera: moveCamera(camera, step.subarray(n)) };
}

function moveCamera(camera: PerspectiveCamera, step: Float64Array): PerspectiveCamera {
  const [tx, ty, tz] = camera.translation;
  const [cx, cy] = camera.principalPoint;
  const stretch = Math.exp(step[6]);
  return {
    kind: "perspective",
    focalLength: camera.focalLength * stretch * Math.exp(step[5]),
    principalPoint: Float64Array.of(cx + step[7], cy + step[8]),
    rotation: composeRotations(rotationFromAxisAngle(step.subarray(0, 3)), camera.rotation),
    translation: Float64Array.of(tx + step[3], ty + step[4], tz * stretch),
  };
}

function stepOf(
  { unknowns }: SurfaceProblem,
  { x }: SurfaceState,
  matrix: Float64Array,
  gradient: Float64Array,
  damping: number,
): Float64Array | undefined {
  const n = gradient.length;
  const damped = matrix.slice();
  // Products of single precision: a direction that nothing resists must not stop the solver.
  for (let i = 0; i < n; i++) damped[i * (n + 1)] *= 1 + 1e-6 + damping;
  const lower = new Float64Array(n).fill(-Infinity);
  const upper = new Float64Array(n).fill(Infinity);
  for (let k = 0; k < x.length; k++) {
    lower[k] = unknowns.lower[k] - x[k];
    upper[k] = unknowns.upper[k] - x[k];
  }
  return solveWithin(
    damped,
    gradient.map((value) => -value),
    lower,
    upper,
  );
}

/** Decrease that the matrix predicts, −gᵀδ − ½δᵀHδ. */
function gain(matrix: Float64Array, gradient: Float64Array, step: Float64Array): number {
  const n = step.length;
  let sum = 0;
  for (let i = 0; i < n; i++) {
    let along = 0;
    for (let j = 0; j < n; j++) along += matrix[i * n + j] * step[j];
    sum -= step[i] * (gradient[i] + along / 2);
  }
  return sum;
}
