import {
  estimatePerspective,
  type PerspectiveCamera,
  projectPoints,
  refinePerspective,
} from "@headform/camera";
import { symmetricRankK } from "@headform/core-math";
import { evaluate } from "../evaluate.ts";
import { evaluateSurfacePoints } from "../evaluate-surface-points.ts";
import { CAMERA_UNKNOWNS, linearizeProjection, moveCamera } from "../linearize-projection.ts";
import type { PcaModel } from "../pca-model.ts";
import type { SkinnedModel, SurfacePoints } from "../skinned-model.ts";
import {
  type ChosenLandmarks,
  chooseLandmarks,
  type LandmarkOptions,
  sizeOf,
} from "./choose-landmarks.ts";
import { contourEdges, slideOntoContour } from "./contour-edges.ts";
import { checkPositive } from "./fit-landmarks-3d.ts";
import {
  type FittedPose,
  type HeadUnknowns,
  type HeadUnknownsOptions,
  headOf,
  headUnknowns,
} from "./head-unknowns.ts";
import { landmarkPoints, selectPoints } from "./landmark-points.ts";
import { linearizePoints } from "./linearize-points.ts";
import { minimize, type QuadraticModel } from "./minimize.ts";

/** Options of {@link fitLandmarks2d}. */
export interface FitLandmarks2dOptions extends LandmarkOptions, HeadUnknownsOptions {
  /** [2] width and height, pixels; the principal point is at the center. */
  readonly imageSize: readonly [number, number];
  /**
   * Landmarks that mark the face's outline and slide over the cheek as the head turns; the first 17
   * of 68 unless told, none with `vertices`. A dynamic contour of the model goes before.
   */
  readonly contour?: readonly number[];
  /**
   * Standard deviation of a landmark's coordinate, pixels; a hundredth of the landmarks' root mean
   * square distance from their center unless told.
   */
  readonly noise?: number;
  /** Known focal length, pixels: it is kept. */
  readonly focalLength?: number;
}

/** A head and its camera, fitted to landmarks of one image. */
export interface FittedImageHead extends FittedPose {
  readonly camera: PerspectiveCamera;
  /** Where on the model each landmark was in the end; triangle 0 with zeros for one left out. */
  readonly landmarkPoints: SurfacePoints;
  /** Root mean square distance of the landmarks from their projections, pixels. */
  readonly residual: number;
  /** Half the weighted sum of squares, priors included. */
  readonly cost: number;
  /** Steps of camera and coefficients, over all contour correspondences. */
  readonly iterations: number;
  readonly status: "converged" | "stalled" | "max-iterations";
}

/** Defaults of {@link fitLandmarks2d}; lengths as fractions of the landmarks' size. */
export const FIT_LANDMARKS_2D_DEFAULTS: {
  readonly noise: number;
  readonly distance: number;
  readonly distanceSigmaLog: number;
  readonly rounds: number;
  readonly contourRadius: number;
} = { noise: 0.01, distance: 20, distanceSigmaLog: 0.4, rounds: 12, contourRadius: 1 };

/** Steps between two searches for the contour. */
const STEPS = 6;
/** Fractions of the noise's inverse that count across the outline and, of that, along it. */
const OUTLINE = { weight: 0.5, along: 0.1 } as const;
/** Steps where the contour is settled. */
const LAST_STEPS = 50;

/**
 * Camera and head of 2D landmarks alone: the camera of the mean head first; then, in turns, where on
 * the model the face's outline is seen under that camera, and camera, shape, expression and jaw
 * together by damped Gauss–Newton:
 * `min ½ Σ wᵢ|uᵢ − π(xᵢ(c))|²/σ² + ½ Σ (cₖ/σₖ)² + prior(distance)`.
 *
 * The outline is the dynamic contour of a model that has one, else the outermost occluding edge of
 * the mesh across the jaw line; how far along that edge a landmark sits hardly counts. Depth and distance are told by the priors more than by 68
 * points: the distance is kept near 20 times the landmarks' size (1.4 m), within a factor of 1.5.
 *
 * @param model the morphable model
 * @param landmarks [L×2] pixels, in the order of `evaluateLandmarks` or of `vertices`; NaN leaves one
 *   out. 68 serve a model that has some of them
 * @throws RangeError for another number of landmarks, or an option out of range
 * @throws MorphableModelError "too-few-constraints" below 6 landmarks
 * @throws CameraError when the landmarks lie on a line
 * @see Huber et al., A multiresolution 3D morphable face model and fitting framework, 2016; Bas et
 *   al., Fitting a 3D morphable model to edges, 2017
 */
export function fitLandmarks2d(
  model: PcaModel | SkinnedModel,
  landmarks: ArrayLike<number>,
  options: FitLandmarks2dOptions,
): FittedImageHead {
  const verb = "fitLandmarks2d";
  const defaults = FIT_LANDMARKS_2D_DEFAULTS;
  const unknowns = headUnknowns(verb, model, options);
  const chosen = chooseLandmarks(verb, model, landmarks, 2, options, 6);
  const pixels = Float64Array.from(
    { length: 2 * chosen.chosen.length },
    (_, i) => landmarks[2 * chosen.chosen[i >> 1] + (i & 1)],
  );
  const noise = options.noise ?? defaults.noise * sizeOf(pixels, 2);
  checkPositive(verb, "noise", noise);
  const sliding = slidingPlaces(chosen, landmarks.length / 2, options);

  // 1. The camera of the mean head, from a plausible distance, by what does not slide.
  const mean = evaluateSurfacePoints(evaluate(model), model.indices, chosen.at);
  const size = sizeOf(mean, 3);
  const { focalLength } = options;
  const slides = new Set(sliding);
  const steady = chosen.weights.map((w, place) => (slides.has(place) ? 0 : w));
  const weights = steady.filter((w) => w > 0).length >= 6 ? steady : chosen.weights;
  const weak = estimatePerspective(mean, pixels, {
    imageSize: options.imageSize,
    weights,
    ...(focalLength !== undefined && { focalLength }),
  });
  const start = nearCamera(weak, mean, pixels, weights, defaults.distance * size, focalLength);

  // 2. Contour, then a few steps of everything, until the points stay where they are.
  const edges = sliding.length > 0 && !hasContour(model) ? contourEdges(model) : undefined;
  const radius = defaults.contourRadius * size;
  const problem: Omit<Problem, "outline"> = {
    unknowns,
    pixels,
    weights: chosen.weights,
    noise,
    distance: defaults.distance * size,
    distancePrecision: focalLength === undefined ? defaults.distanceSigmaLog ** -2 : 0,
    fixedFocalLength: focalLength !== undefined,
  };
  let state: State = { x: new Float64Array(unknowns.columns), camera: start };
  const moves = edges !== undefined || (hasContour(model) && chosen.own !== undefined);
  let at = chosen.at;
  let iterations = 0;
  let cost = 0;
  let status: FittedImageHead["status"] = "max-iterations";
  for (let round = 0; round < defaults.rounds; round++) {
    const head = headOf(unknowns, state.x);
    let outline: Outline = new Map();
    if (hasContour(model) && chosen.own) {
      at = selectPoints(landmarkPoints(model, head.pose, state.camera.rotation), chosen.own);
    } else if (edges) {
      at = { triangles: chosen.at.triangles.slice(), barycentrics: chosen.at.barycentrics.slice() };
      const positions = evaluate(model, head);
      outline = slideOntoContour(
        at,
        sliding,
        positions,
        model.indices,
        state.camera,
        edges,
        radius,
      );
    }
    // A landmark may hop between two edges for ever: in the last round it stays where it is.
    const last = round === defaults.rounds - 1 || !moves;
    const before = projected(unknowns, state, at);
    const found = minimize(state, stepsOf({ ...problem, outline }, at), last ? LAST_STEPS : STEPS);
    state = found.state;
    cost = found.cost;
    iterations += found.iterations;
    status = found.status;
    const after = projected(unknowns, state, at);
    const moved = before.reduce((most, value, i) => Math.max(most, Math.abs(value - after[i])), 0);
    if (last || moved <= noise / 100) {
      if (moved <= noise / 100) status = "converged";
      break;
    }
  }

  // 3. What is left, and where the landmarks were.
  const after = projected(unknowns, state, at);
  let squared = 0;
  for (let i = 0; i < pixels.length; i++) squared += (pixels[i] - after[i]) ** 2;
  const points = {
    triangles: new Uint32Array(landmarks.length / 2),
    barycentrics: new Float32Array((3 * landmarks.length) / 2),
  };
  chosen.chosen.forEach((l, i) => {
    points.triangles[l] = at.triangles[i];
    points.barycentrics.set(at.barycentrics.subarray(3 * i, 3 * i + 3), 3 * l);
  });
  return {
    ...headOf(unknowns, state.x),
    camera: state.camera,
    landmarkPoints: points,
    residual: Math.sqrt(squared / chosen.chosen.length),
    cost,
    iterations,
    status,
  };
}

interface State {
  readonly x: Float64Array;
  readonly camera: PerspectiveCamera;
}

/** Places on the outline, with its unit normal in the image, y up. */
type Outline = ReadonlyMap<number, readonly [number, number]>;

interface Problem {
  readonly unknowns: HeadUnknowns;
  readonly pixels: Float64Array;
  readonly weights: readonly number[];
  readonly noise: number;
  readonly distance: number;
  readonly distancePrecision: number;
  readonly fixedFocalLength: boolean;
  readonly outline: Outline;
}

function hasContour(model: PcaModel | SkinnedModel): boolean {
  return model.kind === "skinned" && model.landmarks?.dynamicContour !== undefined;
}

/** Places among the chosen landmarks that slide. */
function slidingPlaces(
  { chosen }: ChosenLandmarks,
  count: number,
  { contour, vertices }: FitLandmarks2dOptions,
): number[] {
  for (const l of contour ?? []) {
    if (!(Number.isInteger(l) && l >= 0 && l < count)) {
      throw new RangeError(`fitLandmarks2d: expected contour below ${count}, got ${l}`);
    }
  }
  const jaw = !vertices && count === 68 ? 17 : 0;
  const slides = (l: number): boolean => (contour ? contour.includes(l) : l < jaw);
  return chosen.flatMap((l, place) => (slides(l) ? [place] : []));
}

/** The camera brought to a distance and refined there: pose and scale follow. */
function nearCamera(
  weak: PerspectiveCamera,
  points: Float64Array,
  pixels: Float64Array,
  weights: readonly number[],
  distance: number,
  focalLength: number | undefined,
): PerspectiveCamera {
  const [tx, ty, tz] = weak.translation;
  const camera =
    focalLength === undefined
      ? {
          ...weak,
          focalLength: (weak.focalLength * distance) / -tz,
          translation: Float64Array.of(tx, ty, -distance),
        }
      : weak;
  return refinePerspective(camera, points, pixels, { weights, fixFocalLength: true }).camera;
}

function projected(
  { model, ...rest }: HeadUnknowns,
  { x, camera }: State,
  at: SurfacePoints,
): Float64Array {
  const positions = evaluate(model, headOf({ model, ...rest }, x));
  const screen = projectPoints(camera, evaluateSurfacePoints(positions, model.indices, at));
  return Float64Array.from(
    { length: 2 * at.triangles.length },
    (_, i) => screen[3 * (i >> 1) + (i & 1)],
  );
}

function stepsOf(problem: Problem, at: SurfacePoints): Parameters<typeof minimize<State>>[1] {
  const { columns } = problem.unknowns;
  return {
    model: (state) => quadratic(problem, at, state),
    move: ({ x, camera }, step) => {
      const turn = step.slice(columns);
      // At a fixed focal length the scale follows the distance.
      if (problem.fixedFocalLength) turn[5] = -turn[6];
      return { x: x.map((value, k) => value + step[k]), camera: moveCamera(camera, turn) };
    },
  };
}

function quadratic(problem: Problem, at: SurfacePoints, { x, camera }: State): QuadraticModel {
  const { unknowns, pixels, weights, noise } = problem;
  const { columns } = unknowns;
  const size = columns + CAMERA_UNKNOWNS;
  const count = weights.length;
  const { points, jacobian } = linearizePoints(unknowns, headOf(unknowns, x), at);
  const view = linearizeProjection(camera, points, { pixels }, count);
  // 1. Two rows per landmark, in standard deviations.
  const rows = new Float64Array(2 * count * size);
  const residuals = new Float64Array(2 * count);
  let cost = 0;
  for (let i = 0; i < count; i++) {
    const weight = (Math.sqrt(weights[i]) * view.scale) / noise;
    for (let j = 0; j < 2; j++) {
      const row = (2 * i + j) * size;
      const by = 6 * i + 3 * j;
      for (let k = 0; k < columns; k++) {
        let sum = 0;
        for (let axis = 0; axis < 3; axis++) {
          sum += view.byPoint[by + axis] * jacobian[(3 * i + axis) * columns + k];
        }
        rows[row + k] = weight * sum;
      }
      for (let a = 0; a < CAMERA_UNKNOWNS; a++) {
        rows[row + columns + a] = weight * view.byCamera[(2 * i + j) * CAMERA_UNKNOWNS + a];
      }
      if (problem.fixedFocalLength) {
        rows[row + columns + 6] -= rows[row + columns + 5];
        rows[row + columns + 5] = 0;
      }
      residuals[2 * i + j] = weight * view.residuals[2 * i + j];
    }
    // Where along the outline a landmark was put is anybody's choice: across it counts.
    const normal = problem.outline.get(i);
    if (normal) acrossOutline(rows, residuals, i, size, normal);
    cost += (residuals[2 * i] ** 2 + residuals[2 * i + 1] ** 2) / 2;
  }
  // 2. Normal equations, priors of coefficients and distance, bounds of the step.
  const hessian = symmetricRankK(rows, 2 * count, size);
  const gradient = new Float64Array(size);
  for (let row = 0; row < 2 * count; row++) {
    for (let k = 0; k < size; k++) gradient[k] += rows[row * size + k] * residuals[row];
  }
  const lower = new Float64Array(size).fill(-Infinity);
  const upper = new Float64Array(size).fill(Infinity);
  for (let k = 0; k < columns; k++) {
    const precision = unknowns.deviations[k] ** -2;
    hessian[k * (size + 1)] += precision;
    gradient[k] -= precision * x[k];
    cost += (precision * x[k] ** 2) / 2;
    lower[k] = unknowns.lower[k] - x[k];
    upper[k] = unknowns.upper[k] - x[k];
  }
  if (problem.fixedFocalLength) hessian[(columns + 5) * (size + 1)] = 1;
  const last = size - 1;
  const far = Math.log(problem.distance / -camera.translation[2]);
  hessian[last * (size + 1)] += problem.distancePrecision;
  gradient[last] += problem.distancePrecision * far;
  cost += (problem.distancePrecision * far ** 2) / 2;
  return { cost, hessian, gradient, lower, upper };
}

/** Rows of landmark i become ω(nnᵀ + τ(I − nnᵀ))·rows. */
function acrossOutline(
  rows: Float64Array,
  residuals: Float64Array,
  i: number,
  size: number,
  [nx, ny]: readonly [number, number],
): void {
  const change = (list: Float64Array, at: number, stride: number): void => {
    const along = (1 - OUTLINE.along) * (nx * list[at] + ny * list[at + stride]);
    list[at] = OUTLINE.weight * (OUTLINE.along * list[at] + nx * along);
    list[at + stride] = OUTLINE.weight * (OUTLINE.along * list[at + stride] + ny * along);
  };
  for (let k = 0; k < size; k++) change(rows, 2 * i * size + k, size);
  change(residuals, 2 * i, 1);
}
