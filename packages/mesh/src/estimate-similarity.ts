import { nearestRotation } from "@headform/core-math/rotation";
import type { Similarity } from "./similarity.ts";

/**
 * The similarity that best carries one set of points onto another:
 * min Σ wᵢ |s·R·xᵢ + t − yᵢ|² over s > 0, rotations R and translations t.
 *
 * Points on one line leave the turn about it open; then one of the best is returned.
 *
 * @param from [N×3] x
 * @param to [N×3] y, in the same order
 * @param weights [N] w, zero or above; default all 1
 * @throws {RangeError} when lengths differ, N < 3, a number is not finite, a weight is below zero,
 *   or all weighted points of either set are the same
 * @see Umeyama, Least-squares estimation of transformation parameters between two point patterns, 1991
 */
export function estimateSimilarity(
  from: ArrayLike<number>,
  to: ArrayLike<number>,
  weights?: ArrayLike<number>,
): Similarity {
  checkPoints(from, to, weights);
  const count = from.length / 3;
  const weightOf = (i: number): number => (weights ? weights[i]! : 1);

  // 1. Centers of gravity.
  let weightSum = 0;
  const fromCenter = new Float64Array(3);
  const toCenter = new Float64Array(3);
  for (let i = 0; i < count; i++) {
    weightSum += weightOf(i);
    for (let j = 0; j < 3; j++) {
      fromCenter[j] += weightOf(i) * from[3 * i + j]!;
      toCenter[j] += weightOf(i) * to[3 * i + j]!;
    }
  }
  for (let j = 0; j < 3; j++) {
    fromCenter[j] /= weightSum;
    toCenter[j] /= weightSum;
  }

  // 2. Variance of x, and covariance Σ w (y − ȳ)(x − x̄)ᵀ.
  let variance = 0;
  const covariance = new Float64Array(9);
  for (let i = 0; i < count; i++) {
    for (let k = 0; k < 3; k++) {
      const x = weightOf(i) * (from[3 * i + k]! - fromCenter[k]!);
      variance += x * (from[3 * i + k]! - fromCenter[k]!);
      for (let j = 0; j < 3; j++) covariance[3 * j + k] += x * (to[3 * i + j]! - toCenter[j]!);
    }
  }

  // 3. The rotation nearest to the covariance, the scale tr(RᵀΣ)/variance, and what is left.
  const rotation = nearestRotation(covariance);
  const trace = covariance.reduce((sum, value, i) => sum + value * rotation[i]!, 0);
  const scale = trace / variance;
  if (!(scale > 0 && Number.isFinite(scale))) {
    throw new RangeError("estimateSimilarity: expected points that are not all the same");
  }
  const translation = new Float64Array(3);
  for (let j = 0; j < 3; j++) {
    translation[j] = toCenter[j]!;
    for (let k = 0; k < 3; k++) translation[j] -= scale * rotation[3 * j + k]! * fromCenter[k]!;
  }
  return { scale, rotation, translation };
}

function checkPoints(
  from: ArrayLike<number>,
  to: ArrayLike<number>,
  weights: ArrayLike<number> | undefined,
): void {
  const count = from.length / 3;
  if (from.length !== to.length || !Number.isInteger(count) || count < 3) {
    throw new RangeError(
      `estimateSimilarity: expected N ≥ 3 points [N×3] in both sets, got ${from.length} and ${to.length} numbers`,
    );
  }
  if (weights && weights.length !== count) {
    throw new RangeError(`estimateSimilarity: expected ${count} weights, got ${weights.length}`);
  }
  for (let i = 0; i < from.length; i++) {
    if (!(Number.isFinite(from[i]) && Number.isFinite(to[i]))) {
      throw new RangeError(
        `estimateSimilarity: expected finite points, got one that is not at ${i}`,
      );
    }
  }
  for (let i = 0; weights && i < count; i++) {
    if (!(weights[i]! >= 0 && Number.isFinite(weights[i]))) {
      throw new RangeError(`estimateSimilarity: expected weights ≥ 0, got ${weights[i]} at ${i}`);
    }
  }
}
