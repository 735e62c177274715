import { applySimilarity, estimateSimilarity, type Similarity } from "@headform/mesh";
import { evaluate } from "../evaluate.ts";
import { evaluateSurfacePoints } from "../evaluate-surface-points.ts";
import type { PcaModel } from "../pca-model.ts";
import type { SkinnedModel } from "../skinned-model.ts";
import { chooseLandmarks, type LandmarkOptions, sizeOf } from "./choose-landmarks.ts";
import { fitPoints, placedHead } from "./fit-points.ts";
import { type FittedPose, type HeadUnknownsOptions, headUnknowns } from "./head-unknowns.ts";

/** Options of {@link fitLandmarks3d}. */
export interface FitLandmarks3dOptions extends LandmarkOptions, HeadUnknownsOptions {
  /**
   * Standard deviation of a landmark's coordinate, in the landmarks' unit; a hundredth of their
   * root mean square distance from their center (0.7 mm on a face) unless told.
   */
  readonly noise?: number;
  /** Scale from the model's unit to the landmarks', kept; estimated unless told. */
  readonly scale?: number;
  readonly maxIterations?: number;
}

/** A head and where it stands among what it was fitted to. */
export interface FittedPlacedHead extends FittedPose {
  /** Carries the model onto the data: x ↦ s·R·x + t. */
  readonly similarity: Similarity;
  /** Root mean square distance that is left, in the data's unit. */
  readonly residual: number;
  /** Half the weighted sum of squares, prior included. */
  readonly cost: number;
  readonly iterations: number;
  readonly status: "converged" | "stalled" | "max-iterations";
}

/** Defaults of {@link fitLandmarks3d}; the noise as a fraction of the landmarks' size. */
export const FIT_LANDMARKS_3D_DEFAULTS: {
  readonly noise: number;
  readonly maxIterations: number;
} = { noise: 0.01, maxIterations: 50 };

/**
 * A head of 3D landmarks: the similarity that carries the model onto them, then placing, shape,
 * expression and jaw together by damped Gauss–Newton:
 * `min ½ Σ wᵢ|yᵢ − (s·R·xᵢ + t)|²/σ² + ½ Σ (cₖ/σₖ)²`.
 *
 * @param model the morphable model
 * @param landmarks [L×3] in the order of `evaluateLandmarks` or of `vertices`; NaN leaves one out.
 *   68 serve a model that has some of them
 * @throws RangeError for another number of landmarks, or an option out of range
 * @throws MorphableModelError "too-few-constraints" below 4 landmarks
 * @see Li et al., Learning a model of facial shape and expression from 4D scans, 2017, section 5
 */
export function fitLandmarks3d(
  model: PcaModel | SkinnedModel,
  landmarks: ArrayLike<number>,
  options: FitLandmarks3dOptions = {},
): FittedPlacedHead {
  const verb = "fitLandmarks3d";
  const defaults = FIT_LANDMARKS_3D_DEFAULTS;
  const maxIterations = options.maxIterations ?? defaults.maxIterations;
  const unknowns = headUnknowns(verb, model, options);
  const { chosen, weights, at } = chooseLandmarks(verb, model, landmarks, 3, options, 4);
  const targets = Float64Array.from(
    { length: 3 * chosen.length },
    (_, i) => landmarks[3 * chosen[Math.floor(i / 3)] + (i % 3)],
  );
  const noise = options.noise ?? defaults.noise * sizeOf(targets, 3);
  checkPositive(verb, "noise", noise);
  if (options.scale !== undefined) checkPositive(verb, "scale", options.scale);
  // 1. Where the mean head stands.
  const mean = evaluateSurfacePoints(evaluate(model), model.indices, at);
  const similarity = startSimilarity(mean, targets, weights, options.scale);
  // 2. Placing and head together.
  const { state, cost, iterations, status } = fitPoints(
    unknowns,
    { at, targets, precisions: Float64Array.from(weights, (w) => w / noise ** 2) },
    { x: new Float64Array(unknowns.columns), similarity },
    options.scale === undefined ? "similarity" : "rigid",
    maxIterations,
  );
  // 3. What is left.
  const head = placedHead(unknowns, state);
  const found = applySimilarity(
    state.similarity,
    evaluateSurfacePoints(evaluate(model, head), model.indices, at),
  );
  let squared = 0;
  for (let i = 0; i < found.length; i++) squared += (found[i] - targets[i]) ** 2;
  const residual = Math.sqrt(squared / chosen.length);
  return { ...head, similarity: state.similarity, residual, cost, iterations, status };
}

/** The similarity of least squares; with a given scale, about the same centers. */
export function startSimilarity(
  from: ArrayLike<number>,
  to: ArrayLike<number>,
  weights?: ArrayLike<number>,
  scale?: number,
): Similarity {
  const free = estimateSimilarity(from, to, weights);
  if (scale === undefined) return free;
  const { rotation: R } = free;
  const count = from.length / 3;
  let total = 0;
  const center = new Float64Array(3);
  for (let i = 0; i < count; i++) {
    const weight = weights ? weights[i] : 1;
    total += weight;
    for (let axis = 0; axis < 3; axis++) center[axis] += weight * from[3 * i + axis];
  }
  const translation = free.translation.map((value, j) => {
    const turned = R[3 * j] * center[0] + R[3 * j + 1] * center[1] + R[3 * j + 2] * center[2];
    return value + ((free.scale - scale) * turned) / total;
  });
  return { scale, rotation: R, translation };
}

export function checkPositive(verb: string, name: string, value: number): void {
  if (!(value > 0 && value < Infinity)) {
    throw new RangeError(`${verb}: expected ${name} above 0, got ${value}`);
  }
}
