import { type PerspectiveCamera, projectPoints } from "@headform/camera";
import { evaluateLandmarks } from "./evaluate-landmarks.ts";
import type { PcaModel } from "./pca-model.ts";

/**
 * The model's landmarks in the image, those behind the head as well.
 *
 * @param model the morphable model
 * @param positions [V×3] vertices of a head of this model
 * @param camera the camera
 * @returns [L×3] u and v in pixels, and depth towards the viewer in pixels
 * @throws RangeError when `positions` has not the model's number of vertices
 * @see Pix2Face, section 4
 */
export function projectLandmarks(
  model: PcaModel,
  positions: ArrayLike<number>,
  camera: PerspectiveCamera,
): Float64Array {
  return projectPoints(camera, evaluateLandmarks(positions, model));
}
