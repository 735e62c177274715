import { symmetricRankK } from "@headform/core-math";
import { type Constraints, checkConstraints, gatherRows, priorDeviations } from "./constraints.ts";
import { MorphableModelError } from "./morphable-model-error.ts";
import type { PcaModel } from "./pca-model.ts";
import { solveBounded } from "./solve-bounded.ts";

/** Options of {@link fitCoefficients}. */
export interface FitCoefficientsOptions {
  /**
   * Displacement that weighs as much as one prior standard deviation of a coefficient, in the
   * model's unit. 0.025 mm, the released code's, unless told.
   */
  readonly regularization?: number;
  /** Number of leading shape coefficients solved for; all unless told. */
  readonly shapeCount?: number;
  /** Range the expression coefficients are kept in; unbounded, the paper's form, unless told. */
  readonly expressionRange?: readonly [number, number];
}

/** Coefficients solved for, and the remaining misfit. */
export interface FittedCoefficients {
  /** [Ks] shape coefficients, 0 beyond `shapeCount`. */
  readonly shape: Float64Array;
  /** [Ke] expression coefficients. */
  readonly expression: Float64Array;
  /** Weighted root mean square of `|A s + B e − offset|`, in the model's unit. */
  readonly residual: number;
}

/**
 * Shape and expression from the offsets of localized points, in one linear system:
 * `min Σ wᵢ|Aᵢs + Bᵢe − oᵢ|² + λ²(Σ (sₖ/σₖ)² + Σ (eₖ/σₖ)²)`.
 *
 * @param model the morphable model
 * @param constraints localized points, N ≥ 10
 * @param options regularization λ, number of shapes, bounds
 * @throws RangeError for lengths or vertices that do not fit the model, or a bad option
 * @throws MorphableModelError "too-few-constraints" below 10 points; "degenerate" when the system
 * has no unique solution, which any λ > 0 prevents
 * @see Pix2Face, section 3.4, equation 4
 */
export function fitCoefficients(
  model: PcaModel,
  constraints: Constraints,
  options: FitCoefficientsOptions = {},
): FittedCoefficients {
  const unitScale = model.unit === "mm" ? 1000 : 1;
  const lambda = options.regularization ?? 2.5e-5 * unitScale;
  const shapeTotal = model.shapeStandardDeviations.length;
  const shapeCount = options.shapeCount ?? shapeTotal;
  const count = checkConstraints("fitCoefficients", model, constraints);
  if (!(lambda >= 0)) {
    throw new RangeError(`fitCoefficients: expected regularization ≥ 0, got ${lambda}`);
  }
  if (!(shapeCount >= 0 && shapeCount <= shapeTotal)) {
    throw new RangeError(
      `fitCoefficients: expected shapeCount in 0…${shapeTotal}, got ${shapeCount}`,
    );
  }
  if (count < 10) {
    throw new MorphableModelError(
      "too-few-constraints",
      `fitCoefficients: expected at least 10 points, got ${count}`,
    );
  }
  // 1. Rows of equation 4, each scaled by the root of its weight.
  const { basis, columns } = gatherRows(model, constraints, shapeCount);
  const gradient = new Float64Array(columns);
  for (let row = 0; row < 3 * count; row++) {
    const weight = Math.sqrt(constraints.weights[Math.floor(row / 3)]);
    const offset = weight * constraints.offsets[row];
    for (let k = 0, at = row * columns; k < columns; k++, at++) {
      basis[at] *= weight;
      gradient[k] += basis[at] * offset;
    }
  }
  // 2. Normal equations with Tikhonov's term.
  const hessian = symmetricRankK(basis, 3 * count, columns);
  const deviations = priorDeviations(model, shapeCount);
  for (let k = 0; k < columns; k++) hessian[k * columns + k] += (lambda / deviations[k]) ** 2;
  // 3. Solve, bounded if asked.
  const [low, high] = options.expressionRange ?? [-Infinity, Infinity];
  const lower = new Float64Array(columns).fill(-Infinity);
  const upper = new Float64Array(columns).fill(Infinity);
  lower.fill(low, shapeCount);
  upper.fill(high, shapeCount);
  const solution = solveBounded(hessian, gradient, lower, upper);
  if (!solution) {
    throw new MorphableModelError(
      "degenerate",
      "fitCoefficients: the points do not determine the coefficients; raise the regularization",
    );
  }
  // 4. What is left of the offsets.
  let squared = 0;
  let total = 0;
  for (let i = 0; i < count; i++) {
    const weight = Math.sqrt(constraints.weights[i]);
    for (let axis = 0; axis < 3; axis++) {
      const row = 3 * i + axis;
      let value = -weight * constraints.offsets[row];
      for (let k = 0; k < columns; k++) value += basis[row * columns + k] * solution[k];
      squared += value * value;
    }
    total += constraints.weights[i];
  }
  const shape = new Float64Array(shapeTotal);
  shape.set(solution.subarray(0, shapeCount));
  return {
    shape,
    expression: solution.slice(shapeCount),
    residual: total > 0 ? Math.sqrt(squared / total) : 0,
  };
}
