import type { Camera } from "./camera.ts";
import { checkPositive } from "./check-correspondences.ts";

/**
 * The same camera on a resized and cropped image: (u', v') = k·(u, v) + offset.
 *
 * @param camera any camera
 * @param factor k, pixels of the new image per pixel of the old one
 * @param offset [2] pixels of the new image; zero by default
 * @throws RangeError when `factor` is not > 0 or `offset` does not have 2 numbers
 */
export function resizeCamera<C extends Camera>(
  camera: C,
  factor: number,
  offset: ArrayLike<number> = [0, 0],
): C {
  checkPositive("resizeCamera", "factor", factor);
  if (offset.length !== 2) {
    throw new RangeError(`resizeCamera: expected offset of length 2, got ${offset.length}`);
  }
  const move = (p: Float64Array): Float64Array =>
    Float64Array.of(factor * p[0] + offset[0], factor * p[1] + offset[1]);
  const resized = (camera: Camera): Camera => {
    switch (camera.kind) {
      case "affine": {
        const matrix = camera.matrix.map((value) => factor * value);
        matrix[3] += offset[0];
        matrix[7] += offset[1];
        return { ...camera, matrix };
      }
      case "scaled-orthographic":
        return {
          ...camera,
          scale: factor * camera.scale,
          translation: move(camera.translation),
        };
      case "perspective":
        return {
          ...camera,
          focalLength: factor * camera.focalLength,
          principalPoint: move(camera.principalPoint),
        };
    }
  };
  return resized(camera) as C;
}
