import type { PerspectiveCamera } from "@headform/camera";
import {
  type FittedPose,
  headOf,
  type SurfaceEnergy,
  type SurfaceObservation,
  type SurfacePart,
  type SurfaceProblem,
  type SurfaceState,
  surfaceEnergy,
  type UsualResiduals,
  unknownsOf,
  usualResiduals,
} from "@headform/morphable-model";
import type { SurfaceMaps } from "@headform/networks/pixel3dmm";
import { ReconstructionError } from "../reconstruction-error.ts";
import { checkSurfaceMaps } from "./check-surface-maps.ts";
import { coarseProblem, problemOf, unknownsFor } from "./compose-problem.ts";
import type { SurfaceFitter } from "./create-surface-fitter.ts";
import { minimizeAdam } from "./minimize-adam.ts";
import {
  type MinimizeSurfaceOptions,
  minimizeSurface,
  type SurfaceMinimum,
} from "./minimize-surface.ts";
import { observeMaps, type SeenPoints } from "./observe-maps.ts";
import { PIXEL3DMM_DEFAULTS, type Pixel3dmmPreset } from "./presets.ts";
import { startCamera } from "./start-camera.ts";

export interface FitSurfaceMapsOptions {
  /** Energy and settings; headform's own unless told. */
  readonly preset?: Pixel3dmmPreset;
  /** [≤Ks] identity that the prior pulls towards; the mean head unless told. */
  readonly identity?: ArrayLike<number>;
  /** Points of the model that are seen at known pixels of the maps: landmarks, irises, eyelids. */
  readonly points?: SeenPoints;
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
/** What few coefficients leave over, in parts of the picture, of a normal, of the texture. */
const USUAL: UsualResiduals = { vertices: 0.01, normals: 0.15, uv: 0.01 };
/** The first steps, of vertices alone, which bring the head near. */
const COARSE: MinimizeSurfaceOptions = {
  maxIterations: 5,
  tolerance: 1e-2,
  representatives: 250,
  reuse: 1,
  usual: { ...USUAL, normals: 0, uv: 0 },
};
/** Those that bring vertices and pictures together. */
const NEARER: Omit<MinimizeSurfaceOptions, "usual"> = {
  maxIterations: 4,
  tolerance: 0.03,
  representatives: 700,
  reuse: 1,
};
/** Those of each round that follows. */
const FINE: typeof NEARER = {
  maxIterations: 12,
  tolerance: 4e-3,
  representatives: 1100,
  reuse: 2,
};
/** And when hardly anything is left over: every vertex for itself, as far as it goes. */
const EXACT: typeof NEARER = { ...FINE, representatives: 2600 };
/** Those of the presets, which keep one energy to the end. */
const LONG: typeof NEARER = {
  maxIterations: 40,
  tolerance: 8e-3,
  representatives: 450,
  reuse: 1,
};
/** Priors follow what is left over, while it shrinks to less than this part. */
const ROUNDS = 9;
const SETTLED = 0.93;

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
  const { preset = PIXEL3DMM_DEFAULTS, solver = "gauss-newton", identity, onStep } = options;
  // 1. Vertices in the maps, and a camera that sees the mean head there.
  const observation = observeMaps(fitter, maps, preset, options.points);
  const seen = observation.vertices!;
  if (seen.indices.length < MINIMUM_VERTICES) {
    throw new ReconstructionError(
      "no-face",
      `fitSurfaceMaps: fewer than ${MINIMUM_VERTICES} vertices are seen in the maps`,
    );
  }
  const camera = startCamera(fitter, seen, maps, identity, options.principalPoint);
  const unknowns = unknownsFor(fitter.model, preset);
  const problem = problemOf(fitter, unknowns, observation, preset, camera, identity);

  // 2. The vertices alone move camera and leading coefficients.
  const coarse = coarseProblem(fitter, problem, preset, camera, identity);
  const start = { x: new Float64Array(coarse.unknowns.columns), camera };
  keepIdentity(start.x, 0, coarse.unknowns.shapeCount, identity);
  const near = solver === "adam" ? start : minimizeSurface(coarse, start, COARSE).state;
  const full = {
    x: unknownsOf(unknowns, headOf(coarse.unknowns, near.x)),
    camera: near.camera,
  };
  keepIdentity(full.x, coarse.unknowns.shapeCount, unknowns.shapeCount, identity);

  // 3. Everything.
  const step = onStep && { onStep };
  if (solver === "adam") {
    const { steps, rates } = preset.adam;
    return resultOf(problem, minimizeAdam(problem, full, { steps, rates, ...step }));
  }
  if (preset.independent === undefined) {
    return resultOf(problem, minimizeSurface(problem, full, { ...LONG, usual: USUAL, ...step }));
  }
  return fitInRounds(problem, full, preset.independent, step);
}

/** With priors as strong as what is left over asks for, told anew in each round. */
function fitInRounds(
  problem: SurfaceProblem,
  start: SurfaceState,
  independent: number,
  step: Pick<MinimizeSurfaceOptions, "onStep"> | undefined,
): SurfaceFit {
  const begun = surfaceEnergy(problem, start);
  const usual = usualResiduals(problem, begun);
  let adapted = withPriors(problem, begun, independent);
  let found = minimizeSurface(adapted, start, { ...NEARER, usual, ...step });
  let iterations = found.iterations;
  const last = withoutVertices(problem);
  let before = Infinity;
  for (let round = 0; round < ROUNDS; round++) {
    // Later rounds differ in their priors alone.
    const energy = round === 0 ? surfaceEnergy(last, found.state) : found.energy;
    const rest = energy.energy - energy.parts.prior;
    if (rest > SETTLED * before) break;
    before = rest;
    adapted = withPriors(last, energy, independent);
    const settings = round === 0 ? FINE : EXACT;
    const sizes = usualResiduals(last, energy);
    found = minimizeSurface(adapted, found.state, { ...settings, usual: sizes, ...step });
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
  { state, energy, iterations, status }: SurfaceMinimum,
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

function keepIdentity(
  x: Float64Array,
  from: number,
  to: number,
  identity: ArrayLike<number> | undefined,
): void {
  for (let k = from; k < to; k++) x[k] = identity?.[k] ?? 0;
}
