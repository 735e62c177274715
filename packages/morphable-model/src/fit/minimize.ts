import { solveBounded } from "../solve-bounded.ts";

/** A quadratic model of the cost about a state: `cost − gᵀδ + ½δᵀHδ`, δ within its bounds. */
export interface QuadraticModel {
  readonly cost: number;
  /** [n×n] */
  readonly hessian: Float64Array;
  /** [n] downhill */
  readonly gradient: Float64Array;
  /** [n] bounds of the step. */
  readonly lower: Float64Array;
  readonly upper: Float64Array;
}

/** Where {@link minimize} ended. */
export interface Minimum<State> {
  readonly state: State;
  readonly cost: number;
  readonly iterations: number;
  readonly status: "converged" | "stalled" | "max-iterations";
}

/** Relative decrease of the cost below which a minimum is reached. */
const TOLERANCE = 1e-10;
/** Damping, relative to the diagonal, beyond which no step is worth trying. */
const LARGEST_DAMPING = 1e6;

/**
 * Damped Gauss–Newton over states that are no plain vectors (a rotation is moved, not added to):
 * undamped steps while the cost falls, Levenberg–Marquardt where it does not.
 *
 * @see Madsen, Nielsen, Tingleff, Methods for non-linear least squares problems, 2004, §3.2
 */
export function minimize<State>(
  initial: State,
  problem: {
    readonly model: (state: State) => QuadraticModel;
    /** The model's cost alone, where that is cheaper. */
    readonly cost?: (state: State) => number;
    readonly move: (state: State, step: Float64Array) => State;
  },
  maxIterations: number,
): Minimum<State> {
  let state = initial;
  let model = problem.model(state);
  /** A trial's cost, and its model as soon as that is wanted. */
  const look = (trial: State): { cost: number; model: () => QuadraticModel } => {
    if (problem.cost) return { cost: problem.cost(trial), model: () => problem.model(trial) };
    const known = problem.model(trial);
    return { cost: known.cost, model: () => known };
  };
  let damping = 0;
  for (let iteration = 1; iteration <= maxIterations; iteration++) {
    const { hessian, gradient, lower, upper, cost } = model;
    const n = gradient.length;
    const damped = hessian.slice();
    // A direction nothing resists must not stop the solver.
    for (let i = 0; i < n; i++) damped[i * (n + 1)] *= 1 + 1e-12 + damping;
    const step = solveBounded(damped, gradient, lower, upper);
    const gain = step ? predictedGain(model, step) : 0;
    if (step && !(gain > TOLERANCE * cost)) {
      return { state, cost, iterations: iteration - 1, status: "converged" };
    }
    const trial = step && problem.move(state, step);
    const next = trial && look(trial);
    if (trial && next && next.cost < cost) {
      state = trial;
      damping = damping > 1e-6 ? damping / 10 : 0;
      if (cost - next.cost <= TOLERANCE * cost && damping === 0) {
        return { state, cost: next.cost, iterations: iteration, status: "converged" };
      }
      if (iteration === maxIterations) {
        return { state, cost: next.cost, iterations: iteration, status: "max-iterations" };
      }
      model = next.model();
      continue;
    }
    damping = Math.max(1e-4, 10 * damping);
    if (damping > LARGEST_DAMPING) {
      return { state, cost, iterations: iteration, status: "stalled" };
    }
  }
  return { state, cost: model.cost, iterations: maxIterations, status: "max-iterations" };
}

function predictedGain({ hessian, gradient }: QuadraticModel, step: Float64Array): number {
  const n = step.length;
  let gain = 0;
  for (let i = 0; i < n; i++) {
    let along = 0;
    for (let j = 0; j < n; j++) along += hessian[i * n + j] * step[j];
    gain += step[i] * (gradient[i] - along / 2);
  }
  return gain;
}
