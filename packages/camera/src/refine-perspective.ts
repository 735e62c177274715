import {
  composeRotations,
  levenbergMarquardt,
  nearestRotation,
  type RobustLoss,
  rotationFromAxisAngle,
} from "@headform/core-math";
import type { PerspectiveCamera } from "./camera.ts";
import { checkCorrespondences, checkPositive } from "./check-correspondences.ts";
import {
  normalizeView,
  type PerspectiveView,
  viewJacobian,
  viewResiduals,
} from "./perspective-view.ts";

export interface RefinePerspectiveOptions {
  /** [N] ≥ 0; equal by default. A correspondence of weight 0 is left out. */
  readonly weights?: ArrayLike<number>;
  /** Loss of the distance between a projection and its pixel. */
  readonly loss?: RobustLoss;
  /** Distance, pixels, where the loss bends. */
  readonly lossScale?: number;
  /** Keep the focal length of the camera given. */
  readonly fixFocalLength?: boolean;
  readonly focalLengthPrior?: FocalLengthPrior;
  /** Least distance of the camera from the points' centroid, model units. */
  readonly minimumDistance?: number;
  readonly maxIterations?: number;
}

/** What is known of the focal length beforehand: ln f ~ N(ln value, sigmaLog²). */
export interface FocalLengthPrior {
  /** Pixels. */
  readonly value: number;
  /** Standard deviation of ln f: 0.7 is "within a factor of two". */
  readonly sigmaLog: number;
  /** Standard deviation of a pixel coordinate, pixels; 1 by default. */
  readonly noise?: number;
  /** Number of independent correspondences among the N, which are dense and related; N by default. */
  readonly effectiveCount?: number;
}

export interface RefinePerspectiveResult {
  readonly camera: PerspectiveCamera;
  /** ½ Σ of the loss, pixels². */
  readonly cost: number;
  readonly iterations: number;
  readonly status: "converged" | "stalled" | "max-iterations";
}

/** Defaults of {@link refinePerspective}; the least distance is in RMS radii of the points. */
export const REFINE_PERSPECTIVE_DEFAULTS: {
  readonly loss: RobustLoss;
  readonly lossScale: number;
  readonly maxIterations: number;
  readonly minimumDistance: number;
} = { loss: "squared", lossScale: 1, maxIterations: 50, minimumDistance: 2.5 };

/** Largest distance, RMS radii: 1e4 is an affine camera to one part in ten thousand. */
const MAXIMUM_DISTANCE = 1e4;

/**
 * Refines focal length, rotation and translation by Levenberg–Marquardt over the reprojection
 * error; the principal point stays.
 *
 * Focal length and distance f, d trade off almost freely on a shallow object, so the unknowns are
 * s = f/d and w = 1/d, which do not, with points in units of their own size about their centroid:
 * u = cx + (s·x + a)/(1 − w·z), v = cy − (s·y + b)/(1 − w·z), (x, y, z) = R·(X − X̄). At w = 0
 * this is the affine camera itself. The camera stays out of the points: d ≥ `minimumDistance`,
 * and never nearer than 1.1 times the farthest point's distance from the centroid.
 *
 * @param camera where to start, for instance from {@link estimatePerspective}
 * @param points [N×3] model units, N ≥ 4
 * @param pixels [N×2] pixels
 * @throws RangeError when lengths disagree, N < 4, a number is not finite, an option is not > 0 or
 *   the camera does not have the points in front of it
 * @see Crispell and Bazik, Pix2Face, 2017, §3.4
 */
export function refinePerspective(
  camera: PerspectiveCamera,
  points: ArrayLike<number>,
  pixels: ArrayLike<number>,
  options: RefinePerspectiveOptions = {},
): RefinePerspectiveResult {
  const where = "refinePerspective";
  checkCorrespondences(where, 4, points, pixels, options.weights);
  checkPositive(where, "focalLength", camera.focalLength);
  const { loss, lossScale, maxIterations } = { ...REFINE_PERSPECTIVE_DEFAULTS, ...options };
  const { focalLengthPrior: prior, fixFocalLength = false } = options;
  if (prior) {
    checkPositive(where, "focalLengthPrior.value", prior.value);
    checkPositive(where, "focalLengthPrior.sigmaLog", prior.sigmaLog);
    checkPositive(where, "focalLengthPrior.noise", prior.noise ?? 1);
    checkPositive(where, "focalLengthPrior.effectiveCount", prior.effectiveCount ?? 1);
  }
  const view = normalizeView(points, pixels, options.weights);
  checkPositive(where, "size of the points", view.size);
  const nearest =
    options.minimumDistance === undefined
      ? REFINE_PERSPECTIVE_DEFAULTS.minimumDistance
      : options.minimumDistance / view.size;
  checkPositive(where, "minimumDistance", nearest);
  const largestW = 1 / Math.max(nearest, 1.1 * view.radius);

  // 1. The camera about the points' centroid, in units of their size.
  const t = centroidInCamera(camera, view.centroid);
  const distance = -t[2] / view.size;
  if (!(distance > 0)) {
    throw new RangeError(`${where}: expected the points in front of the camera, got z = ${t[2]}`);
  }
  const w = Math.min(1 / distance, largestW);
  const s = camera.focalLength / distance;
  const [a, b] = [(s * t[0]) / view.size, (s * t[1]) / view.size];
  const model: PerspectiveView = {
    ...view,
    rotation: nearestRotation(camera.rotation),
    principalPoint: camera.principalPoint,
    ...(prior && !fixFocalLength ? { prior: priorRow(prior, view.count) } : {}),
    ...(fixFocalLength ? { focalLength: camera.focalLength } : {}),
  };
  const rows = 2 * view.count + (model.prior ? 1 : 0);

  // 2. Unknowns: rotation increment, ln s, a, b, w; with a fixed focal length s = f·w follows.
  const free = fixFocalLength ? [0, 1, 2, 4, 5, 6] : [0, 1, 2, 3, 4, 5, 6];
  const full = (x: Float64Array): Float64Array => {
    const theta = new Float64Array(7);
    free.forEach((to, from) => {
      theta[to] = x[from];
    });
    if (fixFocalLength) theta[3] = Math.log(camera.focalLength * theta[6]);
    return theta;
  };
  const start = [0, 0, 0, Math.log(s), a, b, w];
  const wide = new Float64Array(7 * rows);
  const solved = levenbergMarquardt({
    initial: free.map((i) => start[i]),
    lower: free.map((i) => (i === 6 ? 1 / MAXIMUM_DISTANCE : Number.NEGATIVE_INFINITY)),
    upper: free.map((i) => (i === 6 ? largestW : Number.POSITIVE_INFINITY)),
    residualCount: rows,
    robustCount: 2 * view.count,
    blockSize: 2,
    loss,
    lossScale,
    maxIterations,
    residuals: (x, out) => viewResiduals(out, full(x), model),
    jacobian: (x, out) => {
      const theta = full(x);
      viewJacobian(wide, theta, model);
      for (let row = 0; row < rows; row++) {
        for (let i = 0; i < free.length; i++) out[free.length * row + i] = wide[7 * row + free[i]];
        // ln s = ln f + ln w moves with w.
        if (fixFocalLength) out[6 * row + 5] += wide[7 * row + 3] / theta[6];
      }
    },
  });

  // 3. Back to a camera of the model's frame and unit.
  const { cost, iterations, status } = solved;
  return { camera: cameraOf(full(solved.solution), model), cost, iterations, status };
}

function priorRow(prior: FocalLengthPrior, count: number): NonNullable<PerspectiveView["prior"]> {
  const { value, sigmaLog, noise = 1, effectiveCount = count } = prior;
  // Data of N related rows weigh as much as `effectiveCount` independent ones.
  const weight = (noise * Math.sqrt(count / effectiveCount)) / sigmaLog;
  return { logFocalLength: Math.log(value), weight };
}

/** R·X̄ + t: the centroid in the camera frame, model units. */
function centroidInCamera(camera: PerspectiveCamera, centroid: Float64Array): Float64Array {
  const { rotation: r, translation: t } = camera;
  return t.map(
    (value, i) =>
      value + r[3 * i] * centroid[0] + r[3 * i + 1] * centroid[1] + r[3 * i + 2] * centroid[2],
  );
}

function cameraOf(theta: Float64Array, model: PerspectiveView): PerspectiveCamera {
  const { size, centroid } = model;
  const [s, a, b, w] = [Math.exp(theta[3]), theta[4], theta[5], theta[6]];
  const rotation = composeRotations(rotationFromAxisAngle(theta.subarray(0, 3)), model.rotation);
  const translation = Float64Array.of((size * a) / s, (size * b) / s, -size / w);
  const zero = { rotation, translation: new Float64Array(3) } as PerspectiveCamera;
  centroidInCamera(zero, centroid).forEach((value, i) => {
    translation[i] -= value;
  });
  return {
    kind: "perspective",
    focalLength: model.focalLength ?? s / w,
    principalPoint: model.principalPoint.slice(),
    rotation,
    translation,
  };
}
