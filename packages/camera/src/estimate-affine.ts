import { choleskyFactor, choleskySolve } from "@headform/core-math";
import type { AffineCamera } from "./camera.ts";
import { CameraError } from "./camera-error.ts";
import { checkCorrespondences } from "./check-correspondences.ts";

/** Smallest squared pivot of the points' covariance, relative to its trace: 1e-5 of the extent. */
const FLATTEST = 1e-10;

/**
 * Affine camera of least squared reprojection error, min Σ wᵢ·|M·(Xᵢ, 1)ᵀ − pᵢ|², linear, from
 * points normalized to zero mean and unit size.
 *
 * @param points [N×3] model units, N ≥ 4, not in one plane
 * @param pixels [N×2] pixels
 * @param weights [N] ≥ 0; equal by default
 * @throws RangeError when lengths disagree, N < 4, a number is not finite or a weight is negative
 * @throws CameraError "degenerate-points" when the points lie in a plane
 * @see Crispell and Bazik, Pix2Face, 2017, §3.4
 */
export function estimateAffine(
  points: ArrayLike<number>,
  pixels: ArrayLike<number>,
  weights?: ArrayLike<number>,
): AffineCamera {
  checkCorrespondences("estimateAffine", 4, points, pixels, weights);
  const camera = solveAffine(points, pixels, weights);
  if (!camera) {
    throw new CameraError(
      "degenerate-points",
      "estimateAffine: the points lie in one plane, which leaves their depth undetermined",
    );
  }
  return camera;
}

/** {@link estimateAffine} without checks; `undefined` for points in a plane. */
export function solveAffine(
  points: ArrayLike<number>,
  pixels: ArrayLike<number>,
  weights?: ArrayLike<number>,
): AffineCamera | undefined {
  const count = points.length / 3;
  // 1. Weighted means.
  const mean = new Float64Array(5);
  let total = 0;
  for (let i = 0; i < count; i++) {
    const w = weights ? weights[i] : 1;
    total += w;
    for (let c = 0; c < 3; c++) mean[c] += w * points[3 * i + c];
    for (let c = 0; c < 2; c++) mean[3 + c] += w * pixels[2 * i + c];
  }
  for (let c = 0; c < 5; c++) mean[c] /= total;
  // 2. Moments about them: XXᵀ [3×3] and Xpᵀ, one right-hand side per image axis.
  const moments = new Float64Array(9);
  const right = [new Float64Array(3), new Float64Array(3)];
  const d = new Float64Array(3);
  for (let i = 0; i < count; i++) {
    const w = weights ? weights[i] : 1;
    const du = pixels[2 * i] - mean[3];
    const dv = pixels[2 * i + 1] - mean[4];
    for (let c = 0; c < 3; c++) d[c] = points[3 * i + c] - mean[c];
    for (let a = 0; a < 3; a++) {
      for (let b = 0; b < 3; b++) moments[3 * a + b] += w * d[a] * d[b];
      right[0][a] += w * d[a] * du;
      right[1][a] += w * d[a] * dv;
    }
  }
  // 3. Unit size, so that the pivots measure how flat the points are, whatever their unit.
  const trace = moments[0] + moments[4] + moments[8];
  if (!(trace > 0)) return undefined;
  for (let i = 0; i < 9; i++) moments[i] /= trace;
  const factor = choleskyFactor(moments, 3);
  if (!factor || !(Math.min(factor[0], factor[4], factor[8]) ** 2 > FLATTEST)) return undefined;
  // 4. One row of M per image axis; the last column carries mean to mean.
  const matrix = new Float64Array(8);
  for (let row = 0; row < 2; row++) {
    const m = choleskySolve(factor, 3, right[row]).map((value) => value / trace);
    matrix.set(m, 4 * row);
    matrix[4 * row + 3] = mean[3 + row] - m[0] * mean[0] - m[1] * mean[1] - m[2] * mean[2];
  }
  return { kind: "affine", matrix };
}
