import type { PerspectiveCamera } from "./camera.ts";
import { CameraError } from "./camera-error.ts";
import { checkCorrespondences, checkPositive } from "./check-correspondences.ts";
import { perspectiveFromScaledOrthographic } from "./estimate-perspective.ts";
import { scaledOrthographicFromAffine } from "./estimate-scaled-orthographic.ts";
import { projectPoints } from "./project-points.ts";
import {
  type FocalLengthPrior,
  type RefinePerspectiveResult,
  refinePerspective,
} from "./refine-perspective.ts";
import { medianOf, robustAffine, sigmaOfMedian } from "./robust-affine.ts";
import { stratifiedSubset } from "./stratified-subset.ts";
import { viewDepth } from "./view-depth.ts";

export interface FitPerspectiveOptions {
  /** [2] width and height, pixels; the principal point is at the center. */
  readonly imageSize: readonly [number, number];
  /** [N] ≥ 0; equal by default. */
  readonly weights?: ArrayLike<number>;
  /** Number of correspondences used; they are spread over the image and over depth. */
  readonly subset?: number;
  /** Of the random choices. */
  readonly seed?: number;
  /** Known focal length, pixels: it is kept. */
  readonly focalLength?: number;
  /** What is known of the focal length; its `noise` is measured where it is not given. */
  readonly focalLengthPrior?: FocalLengthPrior;
  /** Least distance of the camera from the points' centroid, model units. */
  readonly minimumDistance?: number;
}

export interface FitPerspectiveResult extends RefinePerspectiveResult {
  /** [N] 1 where the projection is within four standard deviations of the pixel, else 0. */
  readonly inliers: Uint8Array;
  /** Standard deviation of a pixel coordinate among the inliers, pixels. */
  readonly noise: number;
}

/** Defaults of {@link fitPerspective}. */
export const FIT_PERSPECTIVE_DEFAULTS: { readonly subset: number; readonly seed: number } = {
  subset: 2000,
  seed: 1,
};

/** Refinements from Cauchy's loss, which reaches far, to Tukey's, which forgets outliers. */
const LOSSES = ["cauchy", "tukey", "tukey"] as const;
/** Where the loss bends and where an outlier begins, in standard deviations of a coordinate. */
const BEND = { cauchy: 2.4, tukey: 4.685 } as const;
const OUTLIER = 4;
/** Noise is never taken to be below this fraction of the image: float32 pixels have no more. */
const LEAST_NOISE = 1e-7;
/** Correspondences of the first, rough affine camera, which tells the depth to spread over. */
const ROUGH = 500;

/**
 * Perspective camera of dense correspondences with outliers: a robust affine camera, taken as a
 * perspective one far away, then Levenberg–Marquardt with a robust loss over focal length,
 * rotation and translation, on a stratified subset.
 *
 * Up to about 40 % gross outliers do not matter. The focal length itself is hardly determined by a
 * face seen from afar; a `focalLengthPrior` keeps it reasonable without disturbing the rest.
 *
 * @param points [N×3] model units, N ≥ 6, not in one plane
 * @param pixels [N×2] pixels
 * @throws RangeError when lengths disagree, N < 6, a number is not finite or an option is not > 0
 * @throws CameraError "degenerate-points" for points in a plane, "degenerate-pixels" for pixels on
 *   a line
 * @see Crispell and Bazik, Pix2Face, 2017, §3.4
 */
export function fitPerspective(
  points: ArrayLike<number>,
  pixels: ArrayLike<number>,
  options: FitPerspectiveOptions,
): FitPerspectiveResult {
  const where = "fitPerspective";
  checkCorrespondences(where, 6, points, pixels, options.weights);
  const { subset, seed } = { ...FIT_PERSPECTIVE_DEFAULTS, ...options };
  if (!(subset >= 6)) throw new RangeError(`${where}: expected subset ≥ 6, got ${subset}`);
  const [width, height] = options.imageSize;
  checkPositive(where, "imageSize", Math.min(width, height));
  if (options.focalLength !== undefined) checkPositive(where, "focalLength", options.focalLength);
  const leastNoise = LEAST_NOISE * Math.max(width, height);

  // 1. The correspondences that count, then a rough robust affine camera for their depth.
  const all = select(points, pixels, options.weights, usedIndices(points, options.weights));
  const total = all.weights.length;
  const spread = stratifiedSubset(all.pixels, new Float64Array(total), ROUGH, seed);
  const few = select(all.points, all.pixels, all.weights, spread);
  const rough = solid(robustAffine(few.points, few.pixels, few.weights, seed));

  // 2. A subset spread over the image and over that depth, and its affine camera.
  const chosen = stratifiedSubset(all.pixels, viewDepth(rough, all.points), subset, seed);
  const data = select(all.points, all.pixels, all.weights, chosen);
  const affine = solid(robustAffine(data.points, data.pixels, data.weights, seed));
  let camera: PerspectiveCamera = perspectiveFromScaledOrthographic(
    scaledOrthographicFromAffine(affine),
    data.points,
    options,
  );

  // 3. Refine; after each round measure the noise anew and leave out what is far off.
  let noise = leastNoise;
  let iterations = 0;
  let last: RefinePerspectiveResult | undefined;
  for (const loss of LOSSES) {
    const distances = distancesTo(camera, data.points, data.pixels);
    noise = Math.max(noiseOf(distances), leastNoise);
    const lossScale = BEND[loss] * noise;
    const weights = data.weights.map((w, i) => (distances[i] <= 4 * lossScale ? w : 0));
    last = refinePerspective(camera, data.points, data.pixels, {
      weights,
      loss,
      lossScale,
      fixFocalLength: options.focalLength !== undefined,
      ...(options.focalLengthPrior
        ? { focalLengthPrior: { noise, ...options.focalLengthPrior } }
        : {}),
      ...(options.minimumDistance === undefined
        ? {}
        : { minimumDistance: options.minimumDistance }),
    });
    camera = last.camera;
    iterations += last.iterations;
  }

  // 4. Judge all correspondences, not only the subset.
  noise = Math.max(noiseOf(distancesTo(camera, data.points, data.pixels)), leastNoise);
  const distances = distancesTo(camera, points, pixels);
  const inliers = Uint8Array.from(distances, (d) => (d <= OUTLIER * noise ? 1 : 0));
  const { cost, status } = last as RefinePerspectiveResult;
  return { camera, inliers, noise, cost, iterations, status };
}

interface Correspondences {
  readonly points: Float64Array;
  readonly pixels: Float64Array;
  readonly weights: Float64Array;
}

function usedIndices(
  points: ArrayLike<number>,
  weights: ArrayLike<number> | undefined,
): Uint32Array {
  const all = Uint32Array.from({ length: points.length / 3 }, (_, i) => i);
  return weights ? all.filter((i) => weights[i] > 0) : all;
}

function select(
  points: ArrayLike<number>,
  pixels: ArrayLike<number>,
  weights: ArrayLike<number> | undefined,
  indices: Uint32Array,
): Correspondences {
  const count = indices.length;
  return {
    points: Float64Array.from(
      { length: 3 * count },
      (_, i) => points[3 * indices[(i / 3) | 0] + (i % 3)],
    ),
    pixels: Float64Array.from(
      { length: 2 * count },
      (_, i) => pixels[2 * indices[i >> 1] + (i & 1)],
    ),
    weights: Float64Array.from(indices, (i) => (weights ? weights[i] : 1)),
  };
}

function solid<T>(camera: T | undefined): T {
  if (camera) return camera;
  throw new CameraError(
    "degenerate-points",
    "fitPerspective: the points lie in one plane, which leaves their depth undetermined",
  );
}

/** Standard deviation of a coordinate: by the median of all, then of those it makes inliers. */
function noiseOf(distances: Float64Array): number {
  const first = sigmaOfMedian(medianOf(distances.slice()));
  return sigmaOfMedian(medianOf(distances.filter((d) => d <= OUTLIER * first)));
}

/** [N] distance between projections and pixels; Infinity behind the camera. */
function distancesTo(
  camera: PerspectiveCamera,
  points: ArrayLike<number>,
  pixels: ArrayLike<number>,
): Float64Array {
  const projected = projectPoints(camera, points);
  return Float64Array.from({ length: points.length / 3 }, (_, i) => {
    const d = Math.hypot(
      projected[3 * i] - pixels[2 * i],
      projected[3 * i + 1] - pixels[2 * i + 1],
    );
    return Number.isNaN(d) ? Number.POSITIVE_INFINITY : d;
  });
}
