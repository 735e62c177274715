import type { PcaModel } from "./pca-model.ts";

/**
 * The model's landmarks on given vertices: barycentric points of their triangles.
 *
 * @param positions [V×3] vertices of a head of this model
 * @param model the morphable model
 * @returns [L×3] landmarks, in the unit and frame of `positions`
 * @throws RangeError when `positions` has not the model's number of vertices
 * @see Pix2Face, section 4
 */
export function evaluateLandmarks(positions: ArrayLike<number>, model: PcaModel): Float64Array {
  if (positions.length !== model.mean.length) {
    throw new RangeError(
      `evaluateLandmarks: expected ${model.mean.length} numbers, got ${positions.length}`,
    );
  }
  const count = model.landmarkTriangles.length;
  const out = new Float64Array(count * 3);
  for (let l = 0; l < count; l++) {
    for (let corner = 0; corner < 3; corner++) {
      const vertex = model.indices[3 * model.landmarkTriangles[l] + corner];
      const weight = model.landmarkBarycentrics[3 * l + corner];
      for (let axis = 0; axis < 3; axis++) {
        out[3 * l + axis] += weight * positions[3 * vertex + axis];
      }
    }
  }
  return out;
}
