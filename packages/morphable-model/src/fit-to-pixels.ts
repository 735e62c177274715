import { type PerspectiveCamera, projectPoints } from "@headform/camera";
import {
  type ConstraintRows,
  type Constraints,
  checkConstraints,
  gatherRows,
  priorDeviations,
} from "./constraints.ts";
import { CAMERA_UNKNOWNS, linearizeProjection, moveCamera } from "./linearize-projection.ts";
import { MorphableModelError } from "./morphable-model-error.ts";
import { normalEquations } from "./normal-equations.ts";
import type { Coefficients, PcaModel } from "./pca-model.ts";
import { solveBounded } from "./solve-bounded.ts";

/** Options of {@link fitToPixels}; lengths in metres, whatever the model's unit. */
export interface FitToPixelsOptions {
  /** Number of leading shape coefficients solved for. */
  readonly shapeCount?: number;
  readonly maxIterations?: number;
  /** How many independent measurements the points count for: neighboring pixels err together. */
  readonly effectiveCount?: number;
  /** Weight of the offsets beside the pixels; 0 ignores them. */
  readonly offsetWeight?: number;
  /** Least noise assumed of pixels and offsets. */
  readonly minimumNoise?: number;
  /** Prior of the distance between camera and head, and the standard deviation of its logarithm. */
  readonly distance?: { readonly value: number; readonly sigmaLog: number };
}

/** Defaults of {@link fitToPixels}. */
export const FIT_TO_PIXELS_DEFAULTS: Required<FitToPixelsOptions> = {
  shapeCount: 60,
  maxIterations: 8,
  effectiveCount: 400,
  offsetWeight: 0.3,
  minimumNoise: 1e-7,
  distance: { value: 1.2, sigmaLog: 0.4 },
};

/** Camera and coefficients refined together. */
export interface FittedHead {
  readonly camera: PerspectiveCamera;
  /** [Ks] */
  readonly shape: Float64Array;
  /** [Ke] */
  readonly expression: Float64Array;
  /** Robust standard deviation of the reprojection, in the model's unit at the head's distance. */
  readonly noise: number;
  /** Half the weighted sum of squares, prior included, at the last iteration. */
  readonly cost: number;
  readonly iterations: number;
  readonly status: "converged" | "stalled" | "max-iterations";
}

/**
 * Refines a perspective camera and the coefficients of a head so that the localized points project
 * onto their pixels and keep to their offsets:
 * `min κ Σ wᵢ(|uᵢ − π(x̄ᵢ + Bᵢc)|²/(s²σᵤ²) + β|oᵢ − Bᵢc|²/σₒ²) + Σ (cₖ/σₖ)² + prior(distance)`.
 *
 * Gauss–Newton over camera and coefficients at once; the noise σᵤ, σₒ and the robust weights are
 * estimated anew in each iteration, expressions stay in the model's range widened by a tenth.
 * The focal length is barely observable on a face: its only hold is the perspective of the points
 * and the distance prior.
 *
 * @param model the morphable model
 * @param constraints localized points, N ≥ 10, pixels in the camera's image
 * @param initial camera and coefficients to start from
 * @throws RangeError for lengths or vertices that do not fit the model
 * @throws MorphableModelError "too-few-constraints" below 10 points of positive weight
 * @see Pix2Face, section 3.4: this is its refinement by reprojection, not equation 4 itself
 */
export function fitToPixels(
  model: PcaModel,
  constraints: Constraints,
  initial: Coefficients & { readonly camera: PerspectiveCamera },
  options: FitToPixelsOptions = {},
): FittedHead {
  const settings = { ...FIT_TO_PIXELS_DEFAULTS, ...options };
  const unit = model.unit === "mm" ? 1000 : 1;
  const shapeTotal = model.shapeStandardDeviations.length;
  const shapeCount = Math.min(settings.shapeCount, shapeTotal);
  const count = checkConstraints("fitToPixels", model, constraints);
  let totalWeight = 0;
  let positive = 0;
  for (const weight of constraints.weights) {
    totalWeight += weight;
    if (weight > 0) positive++;
  }
  if (positive < 10) {
    throw new MorphableModelError(
      "too-few-constraints",
      `fitToPixels: expected at least 10 points, got ${positive}`,
    );
  }
  const rows = gatherRows(model, constraints, shapeCount);
  const deviations = priorDeviations(model, shapeCount);
  const { lower, upper } = bounds(model, shapeCount, rows.columns);
  const independence = Math.min(1, settings.effectiveCount / totalWeight);
  const floor = settings.minimumNoise * unit;
  const distancePrior = {
    log: Math.log(settings.distance.value * unit),
    precision: 1 / settings.distance.sigmaLog ** 2,
  };

  let camera = initial.camera;
  const coefficients = startCoefficients(initial, shapeCount, rows.columns);
  const points = new Float64Array(3 * count);
  let noise = 0;
  let cost = 0;
  let iterations = 0;
  let status: FittedHead["status"] = "max-iterations";
  while (iterations < settings.maxIterations) {
    iterations++;
    // 1. Where the points are and project; residuals in the model's unit.
    evaluateRows(points, rows, coefficients);
    const system = linearizeProjection(camera, points, constraints, count);
    // 2. Noise and robust weights.
    noise = Math.max(floor, robustDeviation(system.squared, constraints.weights, 2));
    const offsetSquared = offsetResiduals(rows, points, constraints);
    const offsetNoise = Math.max(floor, robustDeviation(offsetSquared, constraints.weights, 3));
    const pixelPrecision = new Float64Array(count);
    const offsetPrecision = new Float64Array(count);
    for (let i = 0; i < count; i++) {
      const base = independence * constraints.weights[i];
      pixelPrecision[i] = (base / noise ** 2) * robustWeight(system.squared[i], noise);
      offsetPrecision[i] =
        ((settings.offsetWeight * base) / offsetNoise ** 2) *
        robustWeight(offsetSquared[i], offsetNoise);
    }
    // 3. Normal equations of coefficients and camera step.
    const { hessian, gradient } = normalEquations(
      rows,
      constraints.offsets,
      coefficients,
      system,
      pixelPrecision,
      offsetPrecision,
    );
    const size = rows.columns + CAMERA_UNKNOWNS;
    for (let k = 0; k < rows.columns; k++) hessian[k * size + k] += deviations[k] ** -2;
    const distance = size - 1;
    const logDistance = Math.log(-camera.translation[2]);
    hessian[distance * size + distance] += distancePrior.precision;
    gradient[distance] += distancePrior.precision * (distancePrior.log - logDistance);
    // 4. Step.
    const solution = solveBounded(hessian, gradient, lower, upper);
    if (!solution) {
      status = "stalled";
      break;
    }
    const previous = projectPoints(camera, points);
    coefficients.set(solution.subarray(0, rows.columns));
    camera = moveCamera(camera, solution.subarray(rows.columns));
    evaluateRows(points, rows, coefficients);
    cost = objective(system.squared, offsetSquared, pixelPrecision, offsetPrecision);
    for (let k = 0; k < rows.columns; k++) cost += 0.5 * (coefficients[k] / deviations[k]) ** 2;
    // 5. Done when the points move by less than a tenth of the noise, or 1e-9 of the distance.
    const moved = meanMove(previous, projectPoints(camera, points)) / system.scale;
    if (moved < Math.max(noise / 10, 1e-9 * -camera.translation[2])) {
      status = "converged";
      break;
    }
  }
  const shape = new Float64Array(shapeTotal);
  shape.set(coefficients.subarray(0, shapeCount));
  return {
    camera,
    shape,
    expression: coefficients.slice(shapeCount),
    noise,
    cost,
    iterations,
    status,
  };
}

/** Residuals beyond this many standard deviations lose most of their weight (Geman–McClure). */
const ROBUST = 2.5;

function robustWeight(squared: number, noise: number): number {
  return 1 / (1 + squared / (ROBUST * noise) ** 2) ** 2;
}

function bounds(
  model: PcaModel,
  shapeCount: number,
  columns: number,
): { lower: Float64Array; upper: Float64Array } {
  const lower = new Float64Array(columns + CAMERA_UNKNOWNS).fill(-Infinity);
  const upper = new Float64Array(columns + CAMERA_UNKNOWNS).fill(Infinity);
  if (model.expressionRange) {
    const [low, high] = model.expressionRange;
    const slack = (high - low) / 10;
    lower.fill(low - slack, shapeCount, columns);
    upper.fill(high + slack, shapeCount, columns);
  }
  return { lower, upper };
}

function startCoefficients(
  initial: Coefficients,
  shapeCount: number,
  columns: number,
): Float64Array {
  const out = new Float64Array(columns);
  for (let k = 0; k < shapeCount; k++) out[k] = initial.shape?.[k] ?? 0;
  for (let k = shapeCount; k < columns; k++) out[k] = initial.expression?.[k - shapeCount] ?? 0;
  return out;
}

/** points = mean + basis·coefficients */
function evaluateRows(out: Float64Array, rows: ConstraintRows, coefficients: Float64Array): void {
  const { basis, columns } = rows;
  for (let row = 0; row < out.length; row++) {
    let value = rows.mean[row];
    const start = row * columns;
    for (let k = 0; k < columns; k++) value += basis[start + k] * coefficients[k];
    out[row] = value;
  }
}

/** [N] squared distance between each point and where its offset puts it. */
function offsetResiduals(
  rows: ConstraintRows,
  points: Float64Array,
  constraints: Constraints,
): Float64Array {
  const out = new Float64Array(rows.count);
  for (let i = 0; i < points.length; i++) {
    out[Math.floor(i / 3)] += (rows.mean[i] + constraints.offsets[i] - points[i]) ** 2;
  }
  return out;
}

/** Standard deviation per axis from the median of squared lengths of `dimension` Gaussians. */
function robustDeviation(squared: Float64Array, weights: Float64Array, dimension: 2 | 3): number {
  const sorted = squared.filter((_, i) => weights[i] > 0).sort();
  // Medians of the chi-squared distributions with 2 and 3 degrees of freedom.
  return Math.sqrt(sorted[sorted.length >> 1] / (dimension === 2 ? 1.386 : 2.366));
}

function objective(
  squared: Float64Array,
  offsetSquared: Float64Array,
  pixelPrecision: Float64Array,
  offsetPrecision: Float64Array,
): number {
  let sum = 0;
  for (let i = 0; i < squared.length; i++) {
    sum += pixelPrecision[i] * squared[i] + offsetPrecision[i] * offsetSquared[i];
  }
  return sum / 2;
}

/** Root mean square movement in the image between two projections, pixels. */
function meanMove(before: Float64Array, after: Float64Array): number {
  let squared = 0;
  for (let i = 0; i < before.length; i += 3) {
    squared += (after[i] - before[i]) ** 2 + (after[i + 1] - before[i + 1]) ** 2;
  }
  return Math.sqrt((3 * squared) / before.length);
}
