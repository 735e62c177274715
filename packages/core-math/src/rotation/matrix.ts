import { checkLength } from "../check-array.ts";

/** A rotation matrix [3×3], row-major: x' = R·x for a column vector x. */
export type Rotation = Float64Array;

/**
 * Product A·B of two 3×3 matrices: apply B first, then A.
 *
 * @param a [3×3] row-major
 * @param b [3×3] row-major
 * @returns [3×3]
 * @throws RangeError when a matrix does not have 9 numbers
 */
export function composeRotations(a: ArrayLike<number>, b: ArrayLike<number>): Rotation {
  checkLength("composeRotations", "a", a, 9);
  checkLength("composeRotations", "b", b, 9);
  const out = new Float64Array(9);
  for (let i = 0; i < 3; i++) {
    for (let j = 0; j < 3; j++) {
      out[3 * i + j] = a[3 * i] * b[j] + a[3 * i + 1] * b[3 + j] + a[3 * i + 2] * b[6 + j];
    }
  }
  return out;
}

/**
 * Inverse of a rotation: its transpose.
 *
 * @param r [3×3] row-major
 * @returns [3×3]
 * @throws RangeError when the matrix does not have 9 numbers
 */
export function invertRotation(r: ArrayLike<number>): Rotation {
  checkLength("invertRotation", "rotation", r, 9);
  return Float64Array.of(r[0], r[3], r[6], r[1], r[4], r[7], r[2], r[5], r[8]);
}
