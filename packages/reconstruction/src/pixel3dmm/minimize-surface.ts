import type { PerspectiveCamera } from "@headform/camera";
import { composeRotations, rotationFromAxisAngle } from "@headform/core-math";
import {
  createSurfaceNormals,
  type SurfaceEnergy,
  type SurfaceNormals,
  type SurfaceProblem,
  type SurfaceState,
  surfaceEnergy,
  surfaceGradient,
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
  /** Sizes of residuals to begin with. */
  readonly usual: UsualResiduals;
  /** Told the energy after each step. */
  readonly onStep?: (energy: SurfaceEnergy, state: SurfaceState) => void;
}

/** Part of a step below which another direction is tried. */
const SHORTEST = 0.1;
/** Share of the predicted decrease below which the matrix is made anew. */
const TRUSTED = 0.5;
/** Shortest part of a step that is tried first. */
const SLOWEST = 0.3;

/**
 * Levenberg–Marquardt over head and camera. Absolute values are reweighted in each matrix, visibility
 * is that of the step's start; the gradient is exact, a matrix serves a few steps. How long a step is
 * tried first follows from how the energy bent along the last.
 *
 * @see Madsen, Nielsen, Tingleff, Methods for non-linear least squares problems, 2004, §3.2
 */
export function minimizeSurface(
  problem: SurfaceProblem,
  initial: SurfaceState,
  options: MinimizeSurfaceOptions,
): SurfaceMinimum {
  const { maxIterations, tolerance, representatives, reuse, onStep } = options;
  let state = initial;
  let energy = surfaceEnergy(problem, state, options.usual);
  let slope = surfaceGradient(problem, state, energy);
  const normals = createSurfaceNormals(problem, energy, slope.motion, representatives);
  let matrix = surfaceNormalMatrix(problem, energy, slope.motion, normals);
  let age = 0;
  let damping = 0;
  let pace = 1;
  let refused = 0;
  const renew = (): void => {
    matrix = surfaceNormalMatrix(problem, energy, slope.motion, normals);
    age = 0;
  };
  for (let iteration = 1; iteration <= maxIterations; iteration++) {
    const step = stepOf(problem, state, normals, matrix, slope.gradient, damping);
    const predicted = step ? gain(normals, matrix, slope.gradient, step) : 0;
    if (step && !(predicted > tolerance * energy.energy)) {
      return { state, energy, iterations: iteration - 1, status: "converged" };
    }
    // 1. The step, or the part of it where a parabola through what was seen is lowest.
    const usual = usualResiduals(problem, energy);
    const downhill = step ? dot(slope.gradient, step) : 0;
    let length = pace;
    let next: SurfaceEnergy | undefined;
    let trial: SurfaceState | undefined;
    while (step && length >= SHORTEST) {
      const part = length;
      trial = moveState(
        state,
        step.map((value) => part * value),
      );
      next = surfaceEnergy(problem, trial, usual);
      if (next.energy < energy.energy) break;
      const lowest = lowestOf(downhill, length, next.energy - energy.energy);
      length = Math.max(0.2 * length, Math.min(0.7 * length, lowest));
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
    const whole = length === pace;
    pace = Math.max(SLOWEST, Math.min(1, lowestOf(downhill, length, -actual)));
    const done = actual < tolerance * energy.energy && whole;
    state = trial;
    energy = next;
    onStep?.(energy, state);
    if (done) return { state, energy, iterations: iteration, status: "converged" };
    slope = surfaceGradient(problem, state, energy);
    damping = whole && damping > 1e-3 ? damping / 10 : whole ? 0 : damping;
    refused = 0;
    age++;
    if (age >= reuse || !whole || actual < TRUSTED * predicted) renew();
  }
  return { state, energy, iterations: maxIterations, status: "max-iterations" };
}

/** Where a parabola of slope `downhill` at 0 that rises by `rise` up to `length` is lowest. */
function lowestOf(downhill: number, length: number, rise: number): number {
  const bend = (rise - downhill * length) / length ** 2;
  return bend > 0 ? -downhill / (2 * bend) : Infinity;
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

/** Newton's step [C + 9] within the bounds: the matrix' unknowns together, each other for itself. */
function stepOf(
  { unknowns }: SurfaceProblem,
  { x }: SurfaceState,
  { columns, curvatures }: SurfaceNormals,
  matrix: Float64Array,
  gradient: Float64Array,
  damping: number,
): Float64Array | undefined {
  const n = columns.length;
  const least = (k: number): number => (k < x.length ? unknowns.lower[k] - x[k] : -Infinity);
  const most = (k: number): number => (k < x.length ? unknowns.upper[k] - x[k] : Infinity);
  const damped = matrix.slice();
  // Products of single precision: a direction that nothing resists must not stop the solver.
  for (let i = 0; i < n; i++) damped[i * (n + 1)] *= 1 + 1e-6 + damping;
  const together = solveWithin(
    damped,
    Float64Array.from(columns, (k) => -gradient[k]),
    Float64Array.from(columns, least),
    Float64Array.from(columns, most),
  );
  if (!together) return undefined;
  const step = gradient.map((value, k) => {
    if (k >= curvatures.length) return 0;
    const alone = -value / (curvatures[k] * (1 + damping));
    return Math.max(least(k), Math.min(most(k), alone));
  });
  columns.forEach((k, i) => {
    step[k] = together[i];
  });
  return step;
}

/** Decrease that the quadratic model predicts, −gᵀδ − ½δᵀHδ. */
function gain(
  { columns, curvatures }: SurfaceNormals,
  matrix: Float64Array,
  gradient: Float64Array,
  step: Float64Array,
): number {
  const n = columns.length;
  const among = new Uint8Array(step.length);
  let bend = 0;
  for (let i = 0; i < n; i++) {
    among[columns[i]] = 1;
    let along = 0;
    for (let j = 0; j < n; j++) along += matrix[i * n + j] * step[columns[j]];
    bend += step[columns[i]] * along;
  }
  for (let k = 0; k < curvatures.length; k++) {
    if (among[k] === 0) bend += curvatures[k] * step[k] ** 2;
  }
  return -dot(gradient, step) - bend / 2;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
