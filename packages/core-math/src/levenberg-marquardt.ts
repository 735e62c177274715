import { checkCount, checkFinite, checkLength } from "./check-array.ts";
import { choleskyFactor, choleskySolve } from "./cholesky.ts";
import { type RobustLoss, robustCost, robustWeight } from "./robust-loss.ts";
import { symmetricRankK } from "./symmetric-rank-k.ts";

export interface LevenbergMarquardtProblem {
  /** [P] where to start. */
  readonly initial: ArrayLike<number>;
  /** Number of residuals M. */
  readonly residualCount: number;
  /** Writes the residuals at `x` [P] to `out` [M]. */
  readonly residuals: (x: Float64Array, out: Float64Array) => void;
  /** Writes ∂residual/∂x at `x` [P] to `out` [M×P], row-major; `out` comes filled with zeros. */
  readonly jacobian: (x: Float64Array, out: Float64Array) => void;
  /** Loss of a block of residuals; "squared" by default. */
  readonly loss?: RobustLoss;
  /** Norm of a block, in the unit of the residuals, where the loss bends; 1 by default. */
  readonly lossScale?: number;
  /** Residuals that form one block of the loss, 2 for pixels, say; 1 by default. */
  readonly blockSize?: number;
  /** The first residuals, to which the loss applies; those after it stay squared. All by default. */
  readonly robustCount?: number;
  /** [P] bounds of x; −∞ and +∞ by default. */
  readonly lower?: ArrayLike<number>;
  readonly upper?: ArrayLike<number>;
  readonly maxIterations?: number;
  readonly tolerances?: Partial<LevenbergMarquardtTolerances>;
}

/** The solver has converged when any of these is met. */
export interface LevenbergMarquardtTolerances {
  /** Decrease of the cost by one step, relative to the cost. */
  readonly cost: number;
  /** Largest cosine between the residuals and a column of the Jacobian. */
  readonly gradient: number;
  /** Length of a step relative to that of x, both scaled by the Jacobian's columns. */
  readonly step: number;
}

export interface LevenbergMarquardtResult {
  /** [P] the best x found. */
  readonly solution: Float64Array;
  /** ½ Σ scale²·ρ(|r|²/scale²) there; ½ |r|² for the squared loss. */
  readonly cost: number;
  readonly iterations: number;
  /** "stalled": no step, however short, makes the cost smaller. */
  readonly status: "converged" | "stalled" | "max-iterations";
}

/** Defaults of {@link levenbergMarquardt}. */
export const LEVENBERG_MARQUARDT_DEFAULTS: {
  readonly loss: RobustLoss;
  readonly lossScale: number;
  readonly blockSize: number;
  readonly maxIterations: number;
  readonly tolerances: LevenbergMarquardtTolerances;
} = {
  loss: "squared",
  lossScale: 1,
  blockSize: 1,
  maxIterations: 100,
  tolerances: { cost: 1e-12, gradient: 1e-12, step: 1e-12 },
};

/** Damping, relative to the diagonal of JᵀJ, of the first step, and where the search gives up. */
const FIRST_DAMPING = 1e-3;
const LARGEST_DAMPING = 1e16;

/**
 * Minimizes ½ Σ scale²·ρ(|r(x)|²/scale²) by Levenberg–Marquardt: steps solve
 * (JᵀWJ + μ·diag(JᵀWJ))·δ = −JᵀWr with the loss's weights W = ρ', and are taken only when the cost
 * gets smaller. Within bounds, unknowns that lean against a bound are held and steps are clipped.
 *
 * @param problem residuals [M], Jacobian [M×P], start [P], loss, bounds, tolerances
 * @returns the best x [P], its cost, and how the search ended
 * @throws RangeError when lengths or options are out of range, or a residual is not finite at the
 *   start
 * @see Moré, The Levenberg–Marquardt algorithm: implementation and theory, 1978;
 *   Madsen, Nielsen, Tingleff, Methods for non-linear least squares problems, 2004, §3.2
 */
export function levenbergMarquardt(problem: LevenbergMarquardtProblem): LevenbergMarquardtResult {
  const options = checkProblem(problem);
  const { residuals, residualCount: m, maxIterations, tolerances, lower, upper } = options;
  const n = problem.initial.length;
  let x = Float64Array.from(problem.initial, (v, i) => Math.min(Math.max(v, lower[i]), upper[i]));
  let trial = new Float64Array(n);
  const r = new Float64Array(m);
  const jacobian = new Float64Array(m * n);
  const normal = new Float64Array(n * n);
  const damped = new Float64Array(n * n);
  const gradient = new Float64Array(n);
  const diagonal = new Float64Array(n);
  const step = new Float64Array(n);
  residuals(x, r);
  checkFinite("levenbergMarquardt", "residuals at the start", r);
  let cost = costOf(r, options);
  let damping = FIRST_DAMPING;
  let growth = 2;
  let linearized = false;
  const result = (
    status: LevenbergMarquardtResult["status"],
    iterations: number,
  ): LevenbergMarquardtResult => ({ solution: x, cost, iterations, status });

  for (let iteration = 0; iteration < maxIterations; iteration++) {
    // 1. Weighted normal equations at x, whose residuals r holds already.
    if (!linearized) {
      jacobian.fill(0);
      problem.jacobian(x, jacobian);
      const norm = weigh(r, jacobian, n, options);
      symmetricRankK(jacobian, m, n, normal);
      gradientOf(gradient, jacobian, r, m, n);
      let cosine = 0;
      for (let i = 0; i < n; i++) {
        diagonal[i] = normal[i * n + i];
        const held = leansOnBound(x[i], gradient[i], lower[i], upper[i]);
        if (held) gradient[i] = 0;
        if (held || diagonal[i] === 0) hold(normal, i, n);
        else if (norm > 0) {
          cosine = Math.max(cosine, Math.abs(gradient[i]) / (Math.sqrt(diagonal[i]) * norm));
        }
      }
      if (cosine <= tolerances.gradient) return result("converged", iteration);
      linearized = true;
    }
    // 2. A damped step, clipped to the bounds.
    damped.set(normal);
    for (let i = 0; i < n; i++) damped[i * n + i] *= 1 + damping;
    const factor = choleskyFactor(damped, n, damped);
    let decrease = Number.NaN;
    let stepLength = 0;
    let length = 0;
    let predicted = 0;
    if (factor) {
      choleskySolve(factor, n, gradient, step);
      for (let i = 0; i < n; i++) {
        trial[i] = Math.min(Math.max(x[i] - step[i], lower[i]), upper[i]);
        step[i] = trial[i] - x[i];
        stepLength += diagonal[i] * step[i] * step[i];
        length += diagonal[i] * x[i] * x[i];
      }
      predicted = predictedDecrease(step, gradient, normal);
      residuals(trial, r);
      decrease = cost - costOf(r, options);
    }
    // 3. Take it if the cost gets smaller, and trust the model accordingly (Nielsen's rule).
    if (decrease > 0) {
      [x, trial] = [trial, x];
      const before = cost;
      cost -= decrease;
      const gain = predicted > 0 ? Math.min(decrease / predicted, 1) : 1;
      damping = Math.max(damping * Math.max(1 / 3, 1 - (2 * gain - 1) ** 3), 1e-15);
      growth = 2;
      linearized = false;
      const small = decrease <= tolerances.cost * before;
      if (damping < 1 && (small || stepLength <= tolerances.step ** 2 * length)) {
        return result("converged", iteration + 1);
      }
    } else {
      // Little to gain by the model's own word: x is the minimum as far as numbers can tell. With
      // strong damping that word is worth nothing, and the search has failed.
      const short = stepLength <= tolerances.step ** 2 * length;
      if (factor && (short || predicted <= tolerances.cost * cost)) {
        if (damping < 1) return result("converged", iteration + 1);
        if (short) return result("stalled", iteration + 1);
      }
      damping *= growth;
      growth *= 2;
      if (damping > LARGEST_DAMPING) return result("stalled", iteration + 1);
    }
  }
  return result("max-iterations", maxIterations);
}

interface Options {
  readonly residuals: (x: Float64Array, out: Float64Array) => void;
  readonly residualCount: number;
  readonly loss: RobustLoss;
  readonly lossScale: number;
  readonly blockSize: number;
  readonly robustCount: number;
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  readonly maxIterations: number;
  readonly tolerances: LevenbergMarquardtTolerances;
}

function checkProblem(problem: LevenbergMarquardtProblem): Options {
  const where = "levenbergMarquardt";
  const { initial, residualCount, residuals } = problem;
  const defaults = LEVENBERG_MARQUARDT_DEFAULTS;
  const n = initial.length;
  checkCount(where, "number of unknowns", n, 1);
  checkFinite(where, "initial", initial);
  checkCount(where, "residualCount", residualCount, 1);
  const { loss, lossScale, blockSize, maxIterations } = { ...defaults, ...problem };
  const robustCount = problem.robustCount ?? residualCount;
  checkCount(where, "maxIterations", maxIterations, 0);
  checkCount(where, "blockSize", blockSize, 1);
  checkCount(where, "robustCount", robustCount, 0);
  if (robustCount > residualCount || robustCount % blockSize !== 0) {
    throw new RangeError(
      `${where}: expected robustCount ≤ ${residualCount} and divisible by blockSize ${blockSize}, got ${robustCount}`,
    );
  }
  if (!(lossScale > 0 && lossScale < Number.POSITIVE_INFINITY)) {
    throw new RangeError(`${where}: expected lossScale > 0, got ${lossScale}`);
  }
  const lower = bounds(where, "lower", problem.lower, n, Number.NEGATIVE_INFINITY);
  const upper = bounds(where, "upper", problem.upper, n, Number.POSITIVE_INFINITY);
  for (let i = 0; i < n; i++) {
    if (!(lower[i] <= upper[i])) {
      throw new RangeError(
        `${where}: expected lower ≤ upper, got ${lower[i]} and ${upper[i]} at index ${i}`,
      );
    }
  }
  const tolerances = { ...defaults.tolerances, ...problem.tolerances };
  return {
    residuals,
    residualCount,
    loss,
    lossScale,
    blockSize,
    robustCount,
    lower,
    upper,
    maxIterations,
    tolerances,
  };
}

function bounds(
  where: string,
  name: string,
  given: ArrayLike<number> | undefined,
  n: number,
  value: number,
): Float64Array {
  if (given) checkLength(where, name, given, n);
  return given ? Float64Array.from(given) : new Float64Array(n).fill(value);
}

/** ½ Σ scale²·ρ(|r|²/scale²) over the blocks of the loss, plus ½ |r|² of the rest. */
function costOf(r: Float64Array, options: Options): number {
  const { loss, lossScale, blockSize, robustCount } = options;
  const scale2 = lossScale * lossScale;
  let cost = 0;
  for (let start = 0; start < robustCount; start += blockSize) {
    cost += scale2 * robustCost(loss, squaredNorm(r, start, blockSize) / scale2);
  }
  return (cost + squaredNorm(r, robustCount, r.length - robustCount)) / 2;
}

/** Multiplies residuals and rows by √ρ' of their block; returns the norm of the residuals then. */
function weigh(r: Float64Array, jacobian: Float64Array, n: number, options: Options): number {
  const { loss, lossScale, blockSize, robustCount } = options;
  if (loss !== "squared") {
    for (let start = 0; start < robustCount; start += blockSize) {
      const s = squaredNorm(r, start, blockSize) / (lossScale * lossScale);
      const weight = Math.sqrt(robustWeight(loss, s));
      for (let i = start; i < start + blockSize; i++) r[i] *= weight;
      for (let i = start * n; i < (start + blockSize) * n; i++) jacobian[i] *= weight;
    }
  }
  return Math.sqrt(squaredNorm(r, 0, r.length));
}

function squaredNorm(r: Float64Array, start: number, length: number): number {
  let sum = 0;
  for (let i = start; i < start + length; i++) sum += r[i] * r[i];
  return sum;
}

/** out [P] = Jᵀr. */
function gradientOf(
  out: Float64Array,
  jacobian: Float64Array,
  r: Float64Array,
  m: number,
  n: number,
): void {
  out.fill(0);
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) out[j] += jacobian[i * n + j] * r[i];
  }
}

/** −gᵀδ − ½ δᵀNδ: what the quadratic model expects of a step. */
function predictedDecrease(
  step: Float64Array,
  gradient: Float64Array,
  normal: Float64Array,
): number {
  const n = step.length;
  let sum = 0;
  for (let i = 0; i < n; i++) {
    let curved = 0;
    for (let j = 0; j < n; j++) curved += normal[i * n + j] * step[j];
    sum -= step[i] * (gradient[i] + curved / 2);
  }
  return sum;
}

function leansOnBound(x: number, gradient: number, lower: number, upper: number): boolean {
  return (x <= lower && gradient > 0) || (x >= upper && gradient < 0);
}

/** Takes unknown i out of the normal equations: its step is then zero. */
function hold(normal: Float64Array, i: number, n: number): void {
  for (let j = 0; j < n; j++) {
    normal[i * n + j] = 0;
    normal[j * n + i] = 0;
  }
  normal[i * n + i] = 1;
}
