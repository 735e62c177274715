import {
  estimatePerspective,
  isCameraError,
  type PerspectiveCamera,
  refinePerspective,
} from "@headform/camera";
import {
  createSurfaceScene,
  evaluate,
  type FittedPose,
  type HeadUnknowns,
  headOf,
  headUnknowns,
  type PcaModel,
  type SkinnedModel,
  SURFACE_CAMERA_UNKNOWNS,
  type SurfaceEnergy,
  type SurfaceObservation,
  type SurfacePart,
  type SurfacePoints,
  type SurfaceProblem,
  type SurfaceScene,
  type SurfaceState,
  surfaceEnergy,
  unknownsOf,
  usualResiduals,
} from "@headform/morphable-model";
import type { SurfaceMaps } from "@headform/networks/pixel3dmm";
import { ReconstructionError } from "../reconstruction-error.ts";
import { checkSurfaceMaps } from "./check-surface-maps.ts";
import { distanceToForeground } from "./distance-to-foreground.ts";
import { findVertices, type TextureVertices, textureVertices } from "./find-vertices.ts";
import { minimizeAdam } from "./minimize-adam.ts";
import { type MinimizeSurfaceOptions, minimizeSurface } from "./minimize-surface.ts";
import { PIXEL3DMM_DEFAULTS, type Pixel3dmmPreset } from "./presets.ts";
import { reliablePixels, uvPerPixel } from "./reliable-pixels.ts";

/** A head model prepared for fits to maps. Belongs to one thread. */
export interface SurfaceFitter {
  readonly model: PcaModel | SkinnedModel;
  readonly scene: SurfaceScene;
  readonly texture: TextureVertices;
  /** Root mean square distance of the vertices from their center, unit of the model. */
  readonly size: number;
}

export interface FitSurfaceMapsOptions {
  /** Energy and settings; headform's own unless told. */
  readonly preset?: Pixel3dmmPreset;
  /** [≤Ks] identity that the prior pulls towards; the mean head unless told. */
  readonly identity?: ArrayLike<number>;
  /** Points of the model that are seen at known pixels of the maps: landmarks, irises. */
  readonly points?: {
    readonly at: SurfacePoints;
    /** [L×2] map pixels. */
    readonly pixels: Float64Array;
    /** [L] 1 unless told. */
    readonly weights?: Float64Array;
  };
  /** [2] where the photo's center lies, map pixels; the maps' own unless told. */
  readonly principalPoint?: ArrayLike<number>;
  /** Gauss–Newton unless told; Adam is the published way, for reference. */
  readonly solver?: "gauss-newton" | "adam";
  /** Told the energy after each step. */
  readonly onStep?: (energy: SurfaceEnergy, state: SurfaceState) => void;
}

/** A head and its camera, fitted to maps. */
export interface SurfaceFit extends FittedPose {
  /** Maps the model frame to the maps' pixels. */
  readonly camera: PerspectiveCamera;
  readonly energy: number;
  readonly parts: Readonly<Record<SurfacePart, number>>;
  /** Vertices that were found in the maps. */
  readonly vertices: number;
  /** Median distance of the vertices seen from where they were found, map pixels. */
  readonly noise: number;
  readonly iterations: number;
  readonly status: "converged" | "stalled" | "max-iterations";
}

/** Least number of vertices found that a head is fitted to. */
const MINIMUM_VERTICES = 60;
/** Distance of the camera, in sizes of the head: 1.3 m. */
const USUAL_DISTANCE = 15;
/** Vertices that the camera is first estimated from. */
const STARTERS = 400;
/** Unknowns of the first steps, which bring the head near. */
const COARSE = { shapes: 30, expressions: 30, iterations: 5, usual: 0.01 } as const;
/** Those that bring vertices and pictures together. */
const NEARER: MinimizeSurfaceOptions = {
  maxIterations: 4,
  tolerance: 0.03,
  representatives: 700,
  reuse: 1,
};
/** Those of each round that follows. */
const FINE: MinimizeSurfaceOptions = {
  maxIterations: 6,
  tolerance: 4e-3,
  representatives: 1100,
  reuse: 2,
};
/** And when hardly anything is left over: every vertex for itself, as far as it goes. */
const EXACT: MinimizeSurfaceOptions = { ...FINE, representatives: 2600 };
/** Those of the presets, which keep one energy to the end. */
const LONG: MinimizeSurfaceOptions = { ...FINE, maxIterations: 40, tolerance: 2e-3 };
/** Priors follow what is left over, while it shrinks to less than this part. */
const ROUNDS = 9;
const SETTLED = 0.7;

/**
 * Prepares a head model.
 *
 * @throws RangeError for a model without uv
 */
export function createSurfaceFitter(model: PcaModel | SkinnedModel): SurfaceFitter {
  const texture = textureVertices(model);
  if (!texture) {
    throw new RangeError(`createSurfaceFitter: expected a model with uvs, ${model.name} has none`);
  }
  const rest = model.kind === "skinned" ? model.template : model.mean;
  const center = [0, 0, 0];
  for (let i = 0; i < rest.length; i++) center[i % 3] += (3 * rest[i]) / rest.length;
  let size = 0;
  for (let i = 0; i < rest.length; i++) size += (rest[i] - center[i % 3]) ** 2;
  return {
    model,
    scene: createSurfaceScene(model),
    texture,
    size: Math.sqrt((3 * size) / rest.length),
  };
}

/**
 * Fits head and camera to predicted uv coordinates and normals:
 * `E = λ_uv·L_uv + λ_n·L_n + R` and what else the preset has.
 *
 * A camera of the mean head from the vertices found; then the vertices alone with the leading
 * coefficients; then everything, by Levenberg–Marquardt with exact gradients.
 *
 * @param fitter from {@link createSurfaceFitter}
 * @param maps uv, normals and mask of a crop
 * @throws RangeError for maps whose parts have other sizes or are not finite, or options out of range
 * @throws ReconstructionError "no-face" when fewer than 60 vertices are found in the maps
 * @see Pixel3DMM, section 3.2
 */
export function fitSurfaceMaps(
  fitter: SurfaceFitter,
  maps: SurfaceMaps,
  options: FitSurfaceMapsOptions = {},
): SurfaceFit {
  checkSurfaceMaps("fitSurfaceMaps", maps);
  const { preset = PIXEL3DMM_DEFAULTS, solver = "gauss-newton", onStep } = options;
  const { model } = fitter;
  // 1. Vertices in the maps, and a camera that sees the mean head there.
  const observation = observe(fitter, maps, preset, options);
  const seen = observation.vertices!;
  if (seen.indices.length < MINIMUM_VERTICES) {
    throw new ReconstructionError(
      "no-face",
      `fitSurfaceMaps: fewer than ${MINIMUM_VERTICES} vertices are seen in the maps`,
    );
  }
  const camera = startCamera(fitter, seen, maps, options);
  const unknowns = unknownsFor(model, preset);
  const problem = problemOf(fitter, unknowns, observation, preset, camera, options);

  // 2. The vertices alone move camera and leading coefficients.
  const coarse = coarseProblem(fitter, problem, preset, camera, options);
  const start = startState(coarse, camera, options);
  if (solver === "adam") {
    const full = { x: unknownsOf(unknowns, headOf(coarse.unknowns, start.x)), camera };
    keepIdentity(full.x, 0, unknowns.shapeCount, options.identity);
    const { steps, rates } = preset.adam;
    return resultOf(
      problem,
      minimizeAdam(problem, full, { steps, rates, ...(onStep && { onStep }) }),
    );
  }
  const near = minimizeSurface(coarse, start, {
    maxIterations: COARSE.iterations,
    tolerance: 1e-2,
    representatives: 250,
    reuse: 1,
    usual: { vertices: COARSE.usual, normals: 0, uv: 0 },
  });

  // 3. Everything, with priors as strong as what is left over asks for.
  const full = {
    x: unknownsOf(unknowns, headOf(coarse.unknowns, near.state.x)),
    camera: near.state.camera,
  };
  keepIdentity(full.x, coarse.unknowns.shapeCount, unknowns.shapeCount, options.identity);
  const step = onStep && { onStep };
  if (preset.independent === undefined) {
    return resultOf(problem, minimizeSurface(problem, full, { ...LONG, ...step }));
  }
  const begun = surfaceEnergy(problem, full);
  const first = withPriors(problem, begun, preset.independent);
  const usual = usualResiduals(problem, begun);
  let found = minimizeSurface(first, full, { ...NEARER, usual, ...step });
  let iterations = found.iterations;
  const last = withoutVertices(problem);
  let before = Infinity;
  let adapted = last;
  for (let round = 0; round < ROUNDS; round++) {
    const energy = surfaceEnergy(last, found.state);
    const rest = energy.energy - energy.parts.prior;
    if (rest > SETTLED * before) break;
    before = rest;
    adapted = withPriors(last, energy, preset.independent);
    const sizes = usualResiduals(last, energy);
    const options = round < 2 ? FINE : EXACT;
    found = minimizeSurface(adapted, found.state, { ...options, usual: sizes, ...step });
    iterations += found.iterations;
  }
  return { ...resultOf(adapted, found), iterations };
}

/** Once near, the rendered uv says the same as the vertices, without their pixels' roundness. */
function withoutVertices(problem: SurfaceProblem): SurfaceProblem {
  const { vertices } = problem.terms;
  return { ...problem, terms: { ...problem.terms, vertices: { ...vertices, weight: 0 } } };
}

/** The problem with its priors in units of what is left over. */
function withPriors(
  problem: SurfaceProblem,
  { energy, parts }: SurfaceEnergy,
  independent: number,
): SurfaceProblem {
  const factor = (energy - parts.prior) / (2 * independent);
  return { ...problem, precisions: problem.precisions.map((value) => factor * value) };
}

function resultOf(
  { unknowns, observation }: SurfaceProblem,
  { state, energy, iterations, status }: ReturnType<typeof minimizeSurface>,
): SurfaceFit {
  return {
    ...headOf(unknowns, state.x),
    camera: state.camera,
    energy: energy.energy,
    parts: energy.parts,
    vertices: observation.vertices!.indices.length,
    noise: medianDistance(observation.vertices!, energy.view.screen),
    iterations,
    status,
  };
}

function medianDistance(
  { indices, pixels }: NonNullable<SurfaceObservation["vertices"]>,
  screen: Float64Array,
): number {
  const distances = Float64Array.from(indices, (v, i) =>
    Math.hypot(screen[3 * v] - pixels[2 * i], screen[3 * v + 1] - pixels[2 * i + 1]),
  ).sort();
  return distances[distances.length >> 1];
}

function observe(
  { texture }: SurfaceFitter,
  maps: SurfaceMaps,
  { maxDistance, subpixel, reliable, terms }: Pixel3dmmPreset,
  { points }: FitSurfaceMapsOptions,
): SurfaceObservation {
  const { width, height, uv, normals, segments } = maps;
  const skin = maps.mask.map((value) => (value > 0.5 ? 1 : 0));
  const weights = reliable ? reliablePixels(maps) : skin;
  // In small maps even the nearest pixel is farther than δ.
  const reach = { maxDistance: Math.max(maxDistance, uvPerPixel(maps)), subpixel };
  return {
    width,
    height,
    vertices: findVertices(texture, uv, skin, width, reach),
    normals: { values: normals, weights },
    uv: { values: uv, weights },
    ...(terms.silhouette > 0 &&
      segments && { background: distanceToForeground(segments, width, height) }),
    ...(points && {
      points: {
        at: points.at,
        pixels: points.pixels,
        weights: points.weights ?? new Float64Array(points.pixels.length / 2).fill(1),
      },
    }),
  };
}

function unknownsFor(
  model: PcaModel | SkinnedModel,
  { joints }: Pixel3dmmPreset,
  counts: { readonly shapeCount?: number; readonly expressionCount?: number } = {},
): HeadUnknowns {
  const names = model.kind === "skinned" ? model.jointNames : [];
  return headUnknowns("fitSurfaceMaps", model, {
    ...counts,
    joints: joints.map((name) => names.indexOf(name)).filter((joint) => joint >= 0),
  });
}

function problemOf(
  { scene, size }: SurfaceFitter,
  unknowns: HeadUnknowns,
  observation: SurfaceObservation,
  preset: Pixel3dmmPreset,
  camera: PerspectiveCamera,
  { identity }: FitSurfaceMapsOptions,
): SurfaceProblem {
  const { columns, shapeCount, expressionCount, joints, model } = unknowns;
  const precisions = new Float64Array(columns + SURFACE_CAMERA_UNKNOWNS);
  const centers = new Float64Array(precisions.length);
  // 1. Identity: the two pulls, towards z₀ and 0, are one towards their mean.
  const pull = preset.identity + preset.identityToMean;
  for (let k = 0; k < shapeCount; k++) {
    precisions[k] = pull / unknowns.deviations[k] ** 2;
    centers[k] = pull > 0 ? (preset.identity / pull) * (identity?.[k] ?? 0) : 0;
  }
  for (let k = shapeCount; k < shapeCount + expressionCount; k++) {
    precisions[k] = preset.expression / unknowns.deviations[k] ** 2;
  }
  joints.forEach((joint, i) => {
    const name = model.kind === "skinned" ? model.jointNames[joint] : "";
    const weight = name === "jaw" ? preset.jaw : name === "neck" ? preset.neck : preset.eyes;
    const at = shapeCount + expressionCount + 3 * i;
    precisions.fill(weight, at, at + 3);
  });
  if (unknowns.eyelids) precisions.fill(preset.eyelids, columns - 2, columns);
  // 2. Camera.
  const half = Math.max(observation.width, observation.height) / 2;
  precisions[columns + 6] = preset.distance;
  centers[columns + 6] = Math.log(USUAL_DISTANCE * size);
  precisions.fill(preset.center / half ** 2, columns + 7);
  centers.set(camera.principalPoint, columns + 7);
  const distance = preset.freeFocalLength || preset.distance > 0 ? 1 : 0;
  const center = preset.freeCenter ? 1 : 0;
  return {
    unknowns,
    observation,
    terms: preset.terms,
    precisions,
    centers,
    free: [1, 1, 1, 1, 1, 1, distance, center, center],
    softening: 0.05,
    scene,
  };
}

/** The vertices alone, not cut, with the leading coefficients. */
function coarseProblem(
  fitter: SurfaceFitter,
  { observation, terms, softening }: SurfaceProblem,
  preset: Pixel3dmmPreset,
  camera: PerspectiveCamera,
  options: FitSurfaceMapsOptions,
): SurfaceProblem {
  const { model } = fitter;
  const unknowns = unknownsFor(model, preset, {
    shapeCount: Math.min(COARSE.shapes, model.shapeStandardDeviations.length),
    expressionCount: Math.min(COARSE.expressions, model.expressionStandardDeviations.length),
  });
  const gentle = { ...preset, identity: Math.max(preset.identity, 0.05), expression: 0.05 };
  const coarse = problemOf(fitter, unknowns, observation, gentle, camera, options);
  return {
    ...coarse,
    terms: {
      vertices: { weight: terms.vertices.weight > 0 ? 2000 : 0, power: 1, cut: 1 },
      normals: { ...terms.normals, weight: 0 },
      uv: { ...terms.uv, weight: 0 },
      silhouette: 0,
      points: terms.points,
    },
    free: [1, 1, 1, 1, 1, 1, 0, 0, 0],
    softening: 20 * softening,
  };
}

function startState(
  { unknowns }: SurfaceProblem,
  camera: PerspectiveCamera,
  { identity }: FitSurfaceMapsOptions,
): SurfaceState {
  const x = new Float64Array(unknowns.columns);
  keepIdentity(x, 0, unknowns.shapeCount, identity);
  return { x, camera };
}

function keepIdentity(
  x: Float64Array,
  from: number,
  to: number,
  identity: ArrayLike<number> | undefined,
): void {
  for (let k = from; k < to; k++) x[k] = identity?.[k] ?? 0;
}

/** The camera of the mean head (or of the identity given) at a usual distance. */
function startCamera(
  { model, size }: SurfaceFitter,
  { indices, pixels }: NonNullable<SurfaceObservation["vertices"]>,
  { width, height }: SurfaceMaps,
  { identity, principalPoint }: FitSurfaceMapsOptions,
): PerspectiveCamera {
  const shape = identity ? Array.from(identity) : [];
  const positions = evaluate(model, { shape });
  // Some of them are enough to start from.
  const step = Math.ceil(indices.length / STARTERS);
  const chosen = indices.filter((_, i) => i % step === 0);
  const places = pixels.filter((_, i) => (i >> 1) % step === 0);
  const points = new Float64Array(3 * chosen.length);
  chosen.forEach((v, i) => {
    points.set(positions.subarray(3 * v, 3 * v + 3), 3 * i);
  });
  try {
    const weak = estimatePerspective(points, places, { imageSize: [width, height] });
    const [tx, ty, tz] = weak.translation;
    const distance = USUAL_DISTANCE * size;
    const focalLength = (weak.focalLength * distance) / -tz;
    const [cx, cy] = principalPoint ? [principalPoint[0], principalPoint[1]] : weak.principalPoint;
    // What the camera's center moves by, the head moves back.
    const near: PerspectiveCamera = {
      ...weak,
      focalLength,
      principalPoint: Float64Array.of(cx, cy),
      translation: Float64Array.of(
        tx + ((weak.principalPoint[0] - cx) * distance) / focalLength,
        ty - ((weak.principalPoint[1] - cy) * distance) / focalLength,
        -distance,
      ),
    };
    return refinePerspective(near, points, places, {
      fixFocalLength: true,
      loss: "huber",
      lossScale: 2,
      maxIterations: 10,
    }).camera;
  } catch (cause) {
    if (!isCameraError(cause)) throw cause;
    throw new ReconstructionError("no-face", "fitSurfaceMaps: the vertices make no head", {
      cause,
    });
  }
}
