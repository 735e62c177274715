/** By what distances are divided. */
export type ErrorNormalization = "bounding-box" | "outer-interocular" | "bounding-box-diagonal";

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
 * `d` is taken from the true landmarks: √(w·h) of their bounding box (3DDFA, AFLW2000-3D), the
 * distance of the outer eye corners, points 36 and 45 of the 68 (300-W; Pix2Face figure 5), or the
 * diagonal √(w² + h²) of their bounding box (Menpo).
 *
 * @param predicted [L×2|3] image coordinates, any unit
 * @param truth [L×2|3] in the same coordinates
 * @throws RangeError when lengths disagree, a number is not finite, or `d` is 0
 * @see Zhu et al. 2016, "Face Alignment Across Large Poses", section 6.1 (bounding box)
 * @see Sagonas et al. 2013, "300 Faces in-the-Wild Challenge" (outer interocular)
 * @see Deng et al. 2019, "The Menpo Benchmark for Multi-pose 2D and 3D Facial Landmark Localisation
 *   and Tracking" (diagonal)
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
  const size = sizeOf(truth, truthStride, normalization);
  if (!(size > 0)) {
    throw new RangeError(`normalizedMeanError: expected a normalization above 0, got ${size}`);
  }
  return sum / count / size;
}

function sizeOf(
  truth: ArrayLike<number>,
  stride: number,
  normalization: ErrorNormalization,
): number {
  if (normalization === "outer-interocular") return outerInterocular(truth, stride);
  const [width, height] = boundingBox(truth, stride);
  return normalization === "bounding-box" ? Math.sqrt(width * height) : Math.hypot(width, height);
}

function boundingBox(points: ArrayLike<number>, stride: number): [width: number, height: number] {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let i = 0; i < points.length; i += stride) {
    left = Math.min(left, points[i]);
    right = Math.max(right, points[i]);
    top = Math.min(top, points[i + 1]);
    bottom = Math.max(bottom, points[i + 1]);
  }
  return [right - left, bottom - top];
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
