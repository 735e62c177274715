/** By what distances are divided. */
export type ErrorNormalization = "bounding-box" | "outer-interocular";

export interface NormalizedMeanErrorOptions {
  /** `"bounding-box"` unless told. */
  readonly normalization?: ErrorNormalization;
  /** Numbers per point of `predicted` and of `truth`; only the first two count. 2 unless told. */
  readonly predictedStride?: 2 | 3;
  readonly truthStride?: 2 | 3;
}

/** Outer corners of the eyes among the 68 points. */
const OUTER_CORNERS: readonly [number, number] = [36, 45];

/**
 * Normalized mean error of 2D landmarks, `(1/L)·Σ |pₗ − tₗ| / d`; multiply by 100 for percent.
 *
 * `d` is √(w·h) of the true landmarks' bounding box (AFLW2000-3D), or the distance of the outer
 * eye corners, points 36 and 45 of the 68 (300-W).
 *
 * @param predicted [L×2|3] image coordinates, any unit
 * @param truth [L×2|3] in the same coordinates
 * @throws RangeError when lengths disagree, a number is not finite, or `d` is 0
 * @see Zhu et al. 2016, "Face Alignment Across Large Poses", section 6.1 (bounding box)
 * @see Sagonas et al. 2013, "300 Faces in-the-Wild Challenge" (outer interocular)
 */
export function normalizedMeanError(
  predicted: ArrayLike<number>,
  truth: ArrayLike<number>,
  options: NormalizedMeanErrorOptions = {},
): number {
  const { normalization = "bounding-box", predictedStride = 2, truthStride = 2 } = options;
  const count = truth.length / truthStride;
  if (!Number.isInteger(count) || count < 1 || predicted.length !== count * predictedStride) {
    throw new RangeError(
      `normalizedMeanError: expected L×${predictedStride} and L×${truthStride} numbers, got ${predicted.length} and ${truth.length}`,
    );
  }
  let sum = 0;
  for (let l = 0; l < count; l++) {
    const distance = Math.hypot(
      predicted[predictedStride * l] - truth[truthStride * l],
      predicted[predictedStride * l + 1] - truth[truthStride * l + 1],
    );
    if (!Number.isFinite(distance)) {
      throw new RangeError(`normalizedMeanError: expected finite points, got a bad one at ${l}`);
    }
    sum += distance;
  }
  const size =
    normalization === "bounding-box"
      ? boundingBoxSize(truth, truthStride)
      : outerInterocular(truth, truthStride);
  if (!(size > 0)) {
    throw new RangeError(`normalizedMeanError: expected a normalization above 0, got ${size}`);
  }
  return sum / count / size;
}

/** √(w·h) of the points' bounding box. */
function boundingBoxSize(points: ArrayLike<number>, stride: number): number {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let i = 0; i < points.length; i += stride) {
    left = Math.min(left, points[i]);
    right = Math.max(right, points[i]);
    top = Math.min(top, points[i + 1]);
    bottom = Math.max(bottom, points[i + 1]);
  }
  return Math.sqrt((right - left) * (bottom - top));
}

function outerInterocular(points: ArrayLike<number>, stride: number): number {
  if (points.length !== 68 * stride) {
    throw new RangeError(
      `normalizedMeanError: expected 68 points for outer-interocular, got ${points.length / stride}`,
    );
  }
  const [a, b] = OUTER_CORNERS;
  return Math.hypot(
    points[stride * a] - points[stride * b],
    points[stride * a + 1] - points[stride * b + 1],
  );
}
