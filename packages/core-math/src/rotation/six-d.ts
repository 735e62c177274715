import { checkLength } from "../check-array.ts";
import { cross, dot, length, normalize } from "../vec3.ts";
import type { Rotation } from "./matrix.ts";

/**
 * Rotation of the continuous six-number form: Gram–Schmidt on two vectors that become the first
 * two ROWS of R; the third is their cross product.
 *
 * @param d [6] first row, then second row; of any length, not parallel
 * @returns [3×3]
 * @throws RangeError when `d` does not have 6 numbers, or its halves are zero or parallel
 * @see Zhou et al., On the continuity of rotation representations in neural networks, 2019, §4.2
 */
export function rotationFrom6d(d: ArrayLike<number>): Rotation {
  checkLength("rotationFrom6d", "d", d, 6);
  const first = normalize(new Float64Array(3), d);
  const given = Float64Array.of(d[3], d[4], d[5]);
  const along = dot(first, given);
  const second = given.map((value, i) => value - along * first[i]);
  if (!(length(first) > 0 && length(second) > 1e-12 * length(given))) {
    throw new RangeError("rotationFrom6d: expected two vectors that are not parallel or zero");
  }
  normalize(second, second);
  const third = cross(new Float64Array(3), first, second);
  const out = new Float64Array(9);
  out.set(first, 0);
  out.set(second, 3);
  out.set(third, 6);
  return out;
}

/**
 * The first two ROWS of a rotation: the continuous six-number form.
 *
 * @param r [3×3] row-major rotation
 * @returns [6]
 * @throws RangeError when the matrix does not have 9 numbers
 */
export function rotation6dFromRotation(r: ArrayLike<number>): Float64Array {
  checkLength("rotation6dFromRotation", "rotation", r, 9);
  return Float64Array.of(r[0], r[1], r[2], r[3], r[4], r[5]);
}
