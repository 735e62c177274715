import { fitPerspective, isCameraError, type PerspectiveCamera } from "@headform/camera";
import {
  type Constraints,
  type CorrespondenceMaps,
  FIT_TO_PIXELS_DEFAULTS,
  type FitToPixelsOptions,
  fitCoefficients,
  fitToPixels,
  localizePixels,
  type PcaModel,
  type SurfaceIndex,
} from "@headform/morphable-model";
import { type Crop, cropToPhoto } from "@headform/raster";
import { now } from "./clock.ts";
import { ReconstructionError } from "./reconstruction-error.ts";

/** Least number of pixels on the face that a head is fitted to. */
const MINIMUM_POINTS = 60;

/** Points of the camera and of the linear fit: they only start the refinement. */
const STARTERS = 300;

/**
 * Weight of a pixel of the face that hair, hands or glasses cover. The network guesses what lies
 * behind; on held-out synthetic people its guesses take the reprojection from 2.33 to 2.20 %.
 */
const COVERED = 0.6;

/**
 * Expected PNCC error below which pixels count alike, metres; beyond it a pixel counts with the
 * inverse of its expected variance.
 */
const SURE = 0.004;

/** Dense maps, with the probability that a pixel belongs to the face, seen or covered. */
export interface FaceMaps extends CorrespondenceMaps {
  /** [H×W] 0…1; absent: only what is visible counts. */
  readonly face?: Float32Array;
  /** [H×W] expected distance of PNCC from the truth, model unit; absent: all pixels count alike. */
  readonly expectedError?: Float32Array;
}

/** Another look at the same face, through another crop of the same photo. */
export interface FaceView {
  readonly maps: FaceMaps;
  readonly crop: Crop;
}

export interface FitHeadOptions extends FitToPixelsOptions {
  /** Greatest number of pixels used of each view. */
  readonly maximum?: number;
  /** Further looks, whose pixels join in; one that sees too little of the face is left out. */
  readonly others?: readonly FaceView[];
  /** Regularization of the linear fit that starts the refinement; see `fitCoefficients`. */
  readonly regularization?: number;
}

/** Camera and coefficients of one face, with what it took. */
export interface FittedFace {
  readonly camera: PerspectiveCamera;
  /** [Ks] */
  readonly shape: Float64Array;
  /** [Ke] */
  readonly expression: Float64Array;
  /** Number of pixels the fit rests on. */
  readonly points: number;
  /** Robust standard deviation of the reprojection, model unit. */
  readonly noise: number;
  readonly cost: number;
  readonly iterations: number;
  readonly status: "converged" | "stalled" | "max-iterations";
  /** Milliseconds for the camera alone, and for the coefficients. */
  readonly timings: { readonly camera: number; readonly fit: number };
}

/**
 * Fits camera and head to the dense maps of one face: localize the pixels on the mean head, a
 * robust perspective camera from `PNCC + offset` to the photo, equation 4 for the coefficients,
 * then both refined together by reprojection.
 *
 * @param index the prepared mean head, from `createSurfaceIndex`
 * @param maps PNCC, offset and visibility of the crop
 * @param crop where in the photo the maps come from
 * @param imageSize width and height of the photo; its center is the principal point
 * @throws ReconstructionError "no-face" when fewer than 60 pixels of `maps` show the face, or all make none
 * @see Pix2Face, section 3.4
 */
export function fitHead(
  index: SurfaceIndex,
  maps: FaceMaps,
  crop: Crop,
  imageSize: readonly [number, number],
  options: FitHeadOptions = {},
): FittedFace {
  const { model } = index;
  const start = now();
  // 1. Pixels of the maps on the mean head, and in the photo.
  const views = [{ maps, crop }, ...(options.others ?? [])];
  const found = views.map((view) => locate(index, view, options.maximum));
  if (!found[0]) {
    throw new ReconstructionError(
      "no-face",
      `fitHead: fewer than ${MINIMUM_POINTS} pixels show the face`,
    );
  }
  const constraints = join(found.filter((points) => points !== undefined));
  const count = constraints.weights.length;
  // 2. The camera, from the network's own points.
  const points = networkPoints(model, constraints);
  const camera = startCamera(points, constraints, imageSize);
  const middle = now();
  // 3. Coefficients from the offsets, then everything from the pixels.
  const initial = fitCoefficients(model, thin(constraints, STARTERS), {
    shapeCount: Math.min(
      options.shapeCount ?? FIT_TO_PIXELS_DEFAULTS.shapeCount,
      model.shapeStandardDeviations.length,
    ),
    ...(options.regularization !== undefined && { regularization: options.regularization }),
    ...(model.expressionRange && { expressionRange: model.expressionRange }),
  });
  const fitted = fitToPixels(model, constraints, { camera, ...initial }, options);
  return {
    ...fitted,
    points: count,
    timings: { camera: middle - start, fit: now() - middle },
  };
}

function startCamera(
  points: Float64Array,
  constraints: Constraints,
  imageSize: readonly [number, number],
): PerspectiveCamera {
  try {
    return fitPerspective(points, constraints.pixels, {
      imageSize,
      weights: constraints.weights,
      subset: STARTERS,
    }).camera;
  } catch (cause) {
    if (!isCameraError(cause)) throw cause;
    throw new ReconstructionError("no-face", "fitHead: the pixels make no head", { cause });
  }
}

/** About `count` of the points, evenly. */
function thin(constraints: Constraints, count: number): Constraints {
  const step = Math.max(1, Math.floor(constraints.weights.length / count));
  const take = <T extends Uint32Array | Float64Array>(list: T, width: number) =>
    list.filter((_, i) => Math.floor(i / width) % step === 0) as T;
  return {
    vertices: take(constraints.vertices, 3),
    ...(constraints.barycentrics && { barycentrics: take(constraints.barycentrics, 3) }),
    pixels: take(constraints.pixels, 2),
    offsets: take(constraints.offsets, 3),
    weights: take(constraints.weights, 1),
  };
}

/**
 * Pixels that show the face or surely cover it, with their place in the photo; where these are too
 * few, all that are likely; undefined where even these are.
 */
function locate(
  index: SurfaceIndex,
  { maps: seen, crop }: FaceView,
  maximum: number | undefined,
): Located | undefined {
  const { face } = seen;
  const visible = face
    ? seen.visible.map((value, i) => Math.max(value, COVERED * face[i]))
    : seen.visible;
  const maps = { ...seen, visible };
  const size = maximum === undefined ? {} : { maximum };
  for (const threshold of [0.5, 0.2]) {
    const found = localizePixels(index, maps, { ...size, visible: threshold }) as Located;
    if (found.weights.length < MINIMUM_POINTS) continue;
    const { weights } = weighed(index, maps, found);
    return { ...found, weights, pixels: toPhoto(found.pixels, crop, maps) };
  }
  return undefined;
}

type Located = Constraints & { readonly barycentrics: Float64Array };

function join(parts: readonly Located[]): Located {
  if (parts.length === 1) return parts[0];
  const together = (pick: (part: Located) => Float64Array) =>
    Float64Array.from(parts.flatMap((part) => Array.from(pick(part))));
  return {
    vertices: Uint32Array.from(parts.flatMap((part) => Array.from(part.vertices))),
    barycentrics: together((part) => part.barycentrics),
    pixels: together((part) => part.pixels),
    offsets: together((part) => part.offsets),
    weights: together((part) => part.weights),
  };
}

/** The same constraints, each weighed by how sure the network is of it. */
function weighed(index: SurfaceIndex, maps: FaceMaps, found: Constraints): Constraints {
  const { expectedError, width } = maps;
  if (!expectedError) return found;
  const sure = SURE * (index.model.unit === "mm" ? 1000 : 1);
  const weights = found.weights.map((weight, i) => {
    const pixel = Math.floor(found.pixels[2 * i + 1]) * width + Math.floor(found.pixels[2 * i]);
    return weight * Math.min(1, (sure / expectedError[pixel]) ** 2);
  });
  return { ...found, weights };
}

function toPhoto(pixels: Float64Array, crop: Crop, maps: CorrespondenceMaps): Float64Array {
  const out = new Float64Array(pixels.length);
  for (let i = 0; i < pixels.length; i += 2) {
    const [x, y] = cropToPhoto(crop, maps, pixels[i], pixels[i + 1]);
    out[i] = x;
    out[i + 1] = y;
  }
  return out;
}

/** [N×3] mean plus offset of each point. */
function networkPoints(model: PcaModel, constraints: Constraints): Float64Array {
  const out = Float64Array.from(constraints.offsets);
  const barycentrics = constraints.barycentrics!;
  for (let i = 0; i < constraints.vertices.length; i++) {
    const point = 3 * Math.floor(i / 3);
    for (let axis = 0; axis < 3; axis++) {
      out[point + axis] += barycentrics[i] * model.mean[3 * constraints.vertices[i] + axis];
    }
  }
  return out;
}
