import { nearestRotation } from "@headform/core-math";
import { cross, length } from "@headform/core-math/vec3";
import type { AffineCamera, ScaledOrthographicCamera } from "./camera.ts";
import { CameraError } from "./camera-error.ts";
import { checkCorrespondences } from "./check-correspondences.ts";
import { estimateAffine } from "./estimate-affine.ts";

/**
 * Scaled orthographic camera of correspondences: the rotation nearest to the affine camera, then
 * the scale and translation of least squared reprojection error for it.
 *
 * @param points [N×3] model units, N ≥ 4, not in one plane
 * @param pixels [N×2] pixels
 * @param weights [N] ≥ 0; equal by default
 * @throws RangeError when lengths disagree, N < 4, a number is not finite or a weight is negative
 * @throws CameraError "degenerate-points" when the points lie in a plane, "degenerate-pixels" when
 *   the pixels lie on a line
 */
export function estimateScaledOrthographic(
  points: ArrayLike<number>,
  pixels: ArrayLike<number>,
  weights?: ArrayLike<number>,
): ScaledOrthographicCamera {
  checkCorrespondences("estimateScaledOrthographic", 4, points, pixels, weights);
  const { rotation } = scaledOrthographicFromAffine(estimateAffine(points, pixels, weights));
  const count = points.length / 3;
  const x = new Float64Array(count);
  const y = new Float64Array(count);
  const mean = new Float64Array(4);
  let total = 0;
  for (let i = 0; i < count; i++) {
    const [px, py, pz] = [points[3 * i], points[3 * i + 1], points[3 * i + 2]];
    x[i] = rotation[0] * px + rotation[1] * py + rotation[2] * pz;
    y[i] = -(rotation[3] * px + rotation[4] * py + rotation[5] * pz);
    const w = weights ? weights[i] : 1;
    total += w;
    mean[0] += w * x[i];
    mean[1] += w * y[i];
    mean[2] += w * pixels[2 * i];
    mean[3] += w * pixels[2 * i + 1];
  }
  for (let c = 0; c < 4; c++) mean[c] /= total;
  let [along, size] = [0, 0];
  for (let i = 0; i < count; i++) {
    const [dx, dy, w] = [x[i] - mean[0], y[i] - mean[1], weights ? weights[i] : 1];
    along += w * (dx * (pixels[2 * i] - mean[2]) + dy * (pixels[2 * i + 1] - mean[3]));
    size += w * (dx * dx + dy * dy);
  }
  const scale = along / size;
  const translation = Float64Array.of(mean[2] - scale * mean[0], mean[3] - scale * mean[1]);
  return { kind: "scaled-orthographic", scale, rotation, translation };
}

/**
 * Scaled orthographic camera nearest to an affine one: rotation and scale from the polar
 * decomposition of its 2×3 part, the translation is kept.
 *
 * @throws CameraError "degenerate-pixels" when the affine camera maps everything onto a line
 */
export function scaledOrthographicFromAffine(camera: AffineCamera): ScaledOrthographicCamera {
  const m = camera.matrix;
  // v points down, the camera's y up.
  const first = [m[0], m[1], m[2]];
  const second = [-m[4], -m[5], -m[6]];
  const third = cross([0, 0, 0], first, second);
  const product = length(first) * length(second);
  if (!(length(third) > 1e-8 * Math.max(length(first), length(second)) ** 2)) {
    throw new CameraError(
      "degenerate-pixels",
      "scaledOrthographicFromAffine: the pixels lie on a line, which leaves the rotation undetermined",
    );
  }
  // A third row at right angles leaves the polar factor of the first two as it is.
  const k = 1 / Math.sqrt(product);
  const rotation = nearestRotation([...first, ...second, ...third.map((value) => k * value)]);
  let scale = 0;
  for (let i = 0; i < 3; i++) {
    scale += (rotation[i] * first[i] + rotation[3 + i] * second[i]) / 2;
  }
  return {
    kind: "scaled-orthographic",
    scale,
    rotation,
    translation: Float64Array.of(m[3], m[7]),
  };
}
