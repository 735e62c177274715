import { applySimilarity, estimateSimilarity, type Similarity } from "@headform/mesh";
import { checkPoints } from "./check-points.ts";
import type { Surface } from "./surface.ts";

/** A predicted face with landmarks that correspond to those of the truth. */
export interface PredictedFace extends Surface {
  /** [L×3] L ≥ 3, in the frame and unit of the positions. */
  readonly landmarks: ArrayLike<number>;
}

/** A true face: the points of a scan. */
export interface ScannedFace {
  /** [N×3] */
  readonly positions: ArrayLike<number>;
  /** [L×3] in the order of the prediction's. */
  readonly landmarks: ArrayLike<number>;
}

/**
 * Carries the prediction's landmarks onto the scan's: least squares over rotation, translation and,
 * where asked for, scale.
 *
 * @throws RangeError when the sets differ in size, L < 3, or a number is not finite
 */
export function alignLandmarks(
  where: string,
  predicted: ArrayLike<number>,
  truth: ArrayLike<number>,
  scale: boolean,
): Similarity {
  const count = checkPoints(where, "landmarks of the truth", truth, 3);
  checkPoints(where, "landmarks of the prediction", predicted, 3);
  if (predicted.length !== truth.length) {
    throw new RangeError(
      `${where}: expected ${count} landmarks of the prediction, got ${predicted.length / 3}`,
    );
  }
  const best = estimateSimilarity(predicted, truth);
  if (scale) return best;
  // The best rotation is the same for every scale, and the centers fall together.
  const rigid = { scale: 1, rotation: best.rotation, translation: new Float64Array(3) };
  const turned = applySimilarity(rigid, predicted);
  for (let i = 0; i < turned.length; i++)
    rigid.translation[i % 3] += (truth[i] - turned[i]) / count;
  return rigid;
}
