import { checkPoints } from "./check-points.ts";

/**
 * Normalized mean error of a face's surface in 3D, `(1/N)·Σ |x_k − y_k| / d` with `d` the distance of
 * the true outer eye corners in 3D; multiply by 100 for percent. Nothing is aligned.
 *
 * Where prediction and truth have the same vertices, y are those; otherwise y comes from
 * `establishCorrespondence`.
 *
 * @param predicted [N×3] y
 * @param truth [N×3] x, vertices of the face region, in the frame and unit of `predicted`
 * @param interocular d, in the same unit: points 36 and 45 of the 68
 * @throws RangeError when lengths disagree, a number is not finite, or `d` is not above 0
 * @see VRN, section 4, equation of the error metric
 */
export function denseNormalizedMeanError(
  predicted: ArrayLike<number>,
  truth: ArrayLike<number>,
  interocular: number,
): number {
  const count = checkPoints("denseNormalizedMeanError", "truth", truth);
  checkPoints("denseNormalizedMeanError", "predicted", predicted);
  if (predicted.length !== truth.length) {
    throw new RangeError(
      `denseNormalizedMeanError: expected ${count} predicted points, got ${predicted.length / 3}`,
    );
  }
  if (!(interocular > 0 && interocular < Number.POSITIVE_INFINITY)) {
    throw new RangeError(
      `denseNormalizedMeanError: expected an interocular distance above 0, got ${interocular}`,
    );
  }
  let sum = 0;
  for (let i = 0; i < truth.length; i += 3) {
    sum += Math.hypot(
      predicted[i] - truth[i],
      predicted[i + 1] - truth[i + 1],
      predicted[i + 2] - truth[i + 2],
    );
  }
  return sum / count / interocular;
}
