import { eulerFromRotation } from "./euler.ts";

/** Head pose in radians; see {@link yawPitchRollFromRotation} for the signs. */
export interface YawPitchRoll {
  readonly yaw: number;
  readonly pitch: number;
  readonly roll: number;
}

/**
 * Head pose of a rotation from the model frame (+X to the subject's left, +Y up, +Z out of the
 * face) to the camera frame: R = Rz(roll)·Rx(pitch)·Ry(yaw).
 *
 * - yaw > 0: the subject turns to their own left, towards the right of the image;
 * - pitch > 0: the subject looks down;
 * - roll > 0: the head leans counter-clockwise in the image, towards the subject's own right.
 *
 * Pitch is in [−π/2, π/2]; yaw and roll in (−π, π].
 *
 * @param r [3×3] row-major rotation
 * @throws RangeError when the matrix does not have 9 numbers
 */
export function yawPitchRollFromRotation(r: ArrayLike<number>): YawPitchRoll {
  const [pitch, yaw, roll] = eulerFromRotation(r, "ZXY");
  return { yaw, pitch, roll };
}
