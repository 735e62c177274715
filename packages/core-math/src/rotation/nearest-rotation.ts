import { Matrix, SingularValueDecomposition } from "ml-matrix";
import { checkFinite, checkLength } from "../check-array.ts";
import { cross, dot } from "../vec3.ts";
import { composeRotations, type Rotation } from "./matrix.ts";

/**
 * The rotation nearest to a 3×3 matrix: R = U·diag(1, 1, det(U·Vᵀ))·Vᵀ with M = U·S·Vᵀ,
 * which minimizes |R − M|² over all rotations. A reflection comes back as a proper rotation.
 *
 * @param m [3×3] row-major
 * @returns [3×3]
 * @throws RangeError when the matrix does not have 9 finite numbers
 * @see Kabsch, A solution for the best rotation to relate two sets of vectors, 1976
 */
export function nearestRotation(m: ArrayLike<number>): Rotation {
  checkLength("nearestRotation", "matrix", m, 9);
  checkFinite("nearestRotation", "matrix", m);
  const rows = [0, 3, 6].map((i) => [m[i], m[i + 1], m[i + 2]]);
  const svd = new SingularValueDecomposition(new Matrix(rows));
  const u = Float64Array.from(svd.leftSingularVectors.to1DArray());
  const v = svd.rightSingularVectors.transpose().to1DArray();
  // The last column belongs to the smallest singular value: turning it over costs least.
  if (determinant(u) * determinant(v) < 0) for (const i of [2, 5, 8]) u[i] = -u[i];
  return composeRotations(u, v);
}

function determinant(m: ArrayLike<number>): number {
  const row = (i: number): number[] => [m[3 * i], m[3 * i + 1], m[3 * i + 2]];
  return dot(row(0), cross([0, 0, 0], row(1), row(2)));
}
