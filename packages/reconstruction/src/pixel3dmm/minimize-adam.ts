import {
  type SurfaceEnergy,
  type SurfaceProblem,
  type SurfaceState,
  surfaceEnergy,
  surfaceGradient,
} from "@headform/morphable-model";
import { moveState, type SurfaceMinimum } from "./minimize-surface.ts";

export interface MinimizeAdamOptions {
  readonly steps: number;
  /** Learning rates, by what they are for. */
  readonly rates: AdamRates;
  /** Told the energy after each step. */
  readonly onStep?: (energy: SurfaceEnergy, state: SurfaceState) => void;
}

/** Lengths in the model's unit, angles in radians, the center as a fraction of the maps' half side. */
export interface AdamRates {
  readonly identity: number;
  readonly expression: number;
  readonly joints: number;
  readonly eyelids: number;
  readonly rotation: number;
  readonly translation: number;
  readonly logFocalLength: number;
  readonly center: number;
}

/** β₁, β₂, ε of the paper and of every framework. */
const [BETA1, BETA2, EPSILON] = [0.9, 0.999, 1e-8];

/**
 * The published way, for reference: Adam on head, jaw and camera, everything rendered anew in each
 * step.
 *
 * @see Kingma and Ba, Adam: a method for stochastic optimization, 2015; Pixel3DMM, section 5.1
 */
export function minimizeAdam(
  problem: SurfaceProblem,
  initial: SurfaceState,
  { steps, rates, onStep }: MinimizeAdamOptions,
): SurfaceMinimum {
  const { unknowns, observation } = problem;
  const { columns, shapeCount, expressionCount, joints } = unknowns;
  const half = Math.max(observation.width, observation.height) / 2;
  const size = columns + 9;
  const rate = new Float64Array(size);
  rate.fill(rates.identity, 0, shapeCount);
  rate.fill(rates.expression, shapeCount, shapeCount + expressionCount);
  rate.fill(rates.joints, shapeCount + expressionCount);
  rate.fill(rates.eyelids, shapeCount + expressionCount + 3 * joints.length);
  rate.fill(rates.rotation, columns, columns + 3);
  rate.fill(rates.translation, columns + 3, columns + 5);
  rate[columns + 5] = rates.logFocalLength;
  rate[columns + 6] = rates.translation;
  rate.fill(rates.center * half, columns + 7);
  const first = new Float64Array(size);
  const second = new Float64Array(size);
  let state = initial;
  let energy = surfaceEnergy(problem, state);
  for (let step = 1; step <= steps; step++) {
    const { gradient } = surfaceGradient(problem, state, energy);
    // Focal length and depth instead of scale and distance.
    const distance = -state.camera.translation[2];
    const byScale = gradient[columns + 5];
    gradient[columns + 6] = (gradient[columns + 6] - byScale) / distance;
    const move = new Float64Array(size);
    for (let k = 0; k < size; k++) {
      first[k] = BETA1 * first[k] + (1 - BETA1) * gradient[k];
      second[k] = BETA2 * second[k] + (1 - BETA2) * gradient[k] ** 2;
      const m = first[k] / (1 - BETA1 ** step);
      const v = second[k] / (1 - BETA2 ** step);
      move[k] = (-rate[k] * m) / (Math.sqrt(v) + EPSILON);
    }
    const [focal, depth] = [move[columns + 5], move[columns + 6]];
    const stretch = Math.log(1 + depth / distance);
    move[columns + 5] = focal - stretch;
    move[columns + 6] = stretch;
    for (let k = 0; k < columns; k++) {
      move[k] =
        Math.max(unknowns.lower[k], Math.min(unknowns.upper[k], state.x[k] + move[k])) - state.x[k];
    }
    state = moveState(state, move);
    energy = surfaceEnergy(problem, state);
    onStep?.(energy, state);
  }
  return { state, energy, iterations: steps, status: "max-iterations" };
}
