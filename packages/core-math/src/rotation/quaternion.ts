import { checkLength } from "../check-array.ts";
import type { Rotation } from "./matrix.ts";

/**
 * Rotation of a quaternion; its length does not matter.
 *
 * @param q [4] x, y, z, w
 * @returns [3×3]
 * @throws RangeError when `q` does not have 4 numbers or is zero
 */
export function rotationFromQuaternion(q: ArrayLike<number>): Rotation {
  checkLength("rotationFromQuaternion", "q", q, 4);
  const norm = Math.hypot(q[0], q[1], q[2], q[3]);
  if (!(norm > 0)) {
    throw new RangeError(`rotationFromQuaternion: expected q of length > 0, got ${norm}`);
  }
  const [x, y, z, w] = [q[0] / norm, q[1] / norm, q[2] / norm, q[3] / norm];
  return Float64Array.of(
    1 - 2 * (y * y + z * z),
    2 * (x * y - z * w),
    2 * (x * z + y * w),
    2 * (x * y + z * w),
    1 - 2 * (x * x + z * z),
    2 * (y * z - x * w),
    2 * (x * z - y * w),
    2 * (y * z + x * w),
    1 - 2 * (x * x + y * y),
  );
}

/**
 * Unit quaternion of a rotation, with w ≥ 0 (of ±q, the turn of at most π).
 *
 * @param r [3×3] row-major rotation
 * @returns [4] x, y, z, w
 * @throws RangeError when the matrix does not have 9 numbers
 * @see Shepperd, Quaternion from rotation matrix, 1978
 */
export function quaternionFromRotation(r: ArrayLike<number>): Float64Array {
  checkLength("quaternionFromRotation", "rotation", r, 9);
  // 4·(x², y², z², w²): dividing by the largest component keeps all digits at every angle.
  const xx = 1 + r[0] - r[4] - r[8];
  const yy = 1 - r[0] + r[4] - r[8];
  const zz = 1 - r[0] - r[4] + r[8];
  const ww = 1 + r[0] + r[4] + r[8];
  const largest = Math.max(xx, yy, zz, ww);
  const q = new Float64Array(4);
  if (largest === ww) {
    q.set([r[7] - r[5], r[2] - r[6], r[3] - r[1], ww]);
  } else if (largest === xx) {
    q.set([xx, r[1] + r[3], r[2] + r[6], r[7] - r[5]]);
  } else if (largest === yy) {
    q.set([r[1] + r[3], yy, r[5] + r[7], r[2] - r[6]]);
  } else {
    q.set([r[2] + r[6], r[5] + r[7], zz, r[3] - r[1]]);
  }
  const k = (q[3] < 0 ? -1 : 1) / Math.hypot(q[0], q[1], q[2], q[3]);
  for (let i = 0; i < 4; i++) q[i] *= k;
  return q;
}
