import type { PerspectiveCamera } from "@headform/camera";
import { visibleVertices } from "@headform/raster";
import type { PcaModel } from "./pca-model.ts";

/**
 * Which landmarks the camera sees: those of whose triangle's corners more than half, by weight, are
 * not hidden by the head itself.
 *
 * @param model the morphable model
 * @param positions [V×3] vertices of a head of this model
 * @param camera the camera
 * @returns [L] 1 where the landmark is seen, else 0
 */
export function landmarkVisibility(
  model: PcaModel,
  positions: Float32Array,
  camera: PerspectiveCamera,
): Uint8Array {
  const seen = visibleVertices({ positions, indices: model.indices }, camera);
  const out = new Uint8Array(model.landmarkTriangles.length);
  for (let l = 0; l < out.length; l++) {
    let weight = 0;
    for (let corner = 0; corner < 3; corner++) {
      const vertex = model.indices[3 * model.landmarkTriangles[l] + corner];
      weight += seen[vertex] * model.landmarkBarycentrics[3 * l + corner];
    }
    out[l] = weight > 0.5 ? 1 : 0;
  }
  return out;
}
