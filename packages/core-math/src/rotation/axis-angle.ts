import { checkLength } from "../check-array.ts";
import type { Rotation } from "./matrix.ts";
import { quaternionFromRotation } from "./quaternion.ts";

/**
 * Rotation by |v| radians about v: R = I + a·[v]× + b·[v]×², a = sin θ / θ, b = (1 − cos θ) / θ²
 * (Rodrigues).
 *
 * @param v [3] rad, axis times angle; zero gives the identity
 * @param out [3×3] written in place and returned; allocated when absent
 * @throws RangeError when `v` does not have 3 numbers, or `out` 9
 */
export function rotationFromAxisAngle(
  v: ArrayLike<number>,
  out: Rotation = new Float64Array(9),
): Rotation {
  checkLength("rotationFromAxisAngle", "v", v, 3);
  checkLength("rotationFromAxisAngle", "out", out, 9);
  const x = v[0];
  const y = v[1];
  const z = v[2];
  const angle = Math.hypot(x, y, z);
  const half = angle / 2;
  // Both quotients lose nothing at small angles: 1 − cos θ is written as 2 sin² (θ/2).
  const a = angle > 1e-9 ? Math.sin(angle) / angle : 1;
  const sinc = half > 1e-9 ? Math.sin(half) / half : 1;
  const b = (sinc * sinc) / 2;
  out[0] = 1 - b * (y * y + z * z);
  out[1] = b * x * y - a * z;
  out[2] = b * x * z + a * y;
  out[3] = b * x * y + a * z;
  out[4] = 1 - b * (x * x + z * z);
  out[5] = b * y * z - a * x;
  out[6] = b * x * z - a * y;
  out[7] = b * y * z + a * x;
  out[8] = 1 - b * (x * x + y * y);
  return out;
}

/**
 * Axis times angle of a rotation; the angle is in [0, π].
 *
 * @param r [3×3] row-major rotation
 * @returns [3] rad
 * @throws RangeError when the matrix does not have 9 numbers
 */
export function axisAngleFromRotation(r: ArrayLike<number>): Float64Array {
  checkLength("axisAngleFromRotation", "rotation", r, 9);
  // Through the quaternion, which keeps all digits near 0 and near π, where the trace does not.
  const [x, y, z, w] = quaternionFromRotation(r);
  const sine = Math.hypot(x, y, z);
  const k = sine > 0 ? (2 * Math.atan2(sine, w)) / sine : 0;
  return Float64Array.of(k * x, k * y, k * z);
}
