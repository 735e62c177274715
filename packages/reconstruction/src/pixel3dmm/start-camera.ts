import {
  estimatePerspective,
  isCameraError,
  type PerspectiveCamera,
  refinePerspective,
} from "@headform/camera";
import { evaluate, type SurfaceObservation } from "@headform/morphable-model";
import type { SurfaceMaps } from "@headform/networks/pixel3dmm";
import { ReconstructionError } from "../reconstruction-error.ts";
import type { SurfaceFitter } from "./create-surface-fitter.ts";

/** Distance of the camera, in sizes of the head: 1.3 m. */
export const USUAL_DISTANCE = 15;
/** Vertices that the camera is first estimated from. */
const STARTERS = 400;

/** The camera of the mean head (or of the identity given) at a usual distance. */
export function startCamera(
  { model, size }: SurfaceFitter,
  { indices, pixels }: NonNullable<SurfaceObservation["vertices"]>,
  { width, height }: SurfaceMaps,
  identity: ArrayLike<number> | undefined,
  principalPoint: ArrayLike<number> | undefined,
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
