import { composeRotations, type Rotation, rotationFromAxisAngle } from "@headform/core-math";
import type { DynamicContour, SkinnedModel } from "./skinned-model.ts";

/** Yaw beyond which the contour no longer slides, degrees. */
const LAST_DEGREE = 39;

/**
 * Row of the dynamic contour for a pose: whole degrees of the yaw of root and neck together. Rows
 * 0…39 are for 0°…39° of one sense, rows 40…78 for 1°…39° of the other.
 *
 * With `sign` "smplx" rows above 39 belong to heads that turn to their own left, with "mica" to
 * their own right.
 *
 * @param model a skinned model with joints named root and neck (or of FLAME's order)
 * @param pose [≤J×3] axis times angle of each joint, rad
 * @param sign which sense the rows are for
 * @param headRotation [3×3] rotation applied after the root's, for instance a camera's; identity
 *   unless told
 * @returns 0…78
 * @see Li et al., 2017; the tables are the FLAME authors', for 17 points of the jaw line
 */
export function contourRow(
  model: Pick<SkinnedModel, "parents" | "jointNames">,
  pose: ArrayLike<number>,
  sign: DynamicContour["sign"],
  headRotation?: Rotation,
): number {
  const neck = model.jointNames.indexOf("neck");
  let relative: Rotation | undefined;
  for (let joint = neck < 0 ? 1 : neck; joint >= 0; joint = model.parents[joint]) {
    const at = 3 * joint;
    const rotation = rotationFromAxisAngle([pose[at] ?? 0, pose[at + 1] ?? 0, pose[at + 2] ?? 0]);
    relative = relative ? composeRotations(rotation, relative) : rotation;
  }
  const r = headRotation
    ? composeRotations(headRotation, relative as Rotation)
    : (relative as Rotation);
  const yaw = (Math.atan2(-r[6], Math.hypot(r[0], r[3])) * 180) / Math.PI;
  const degrees = Math.round(Math.min(LAST_DEGREE, sign === "smplx" ? -yaw : yaw));
  if (degrees >= 0) return Math.abs(degrees);
  return LAST_DEGREE + Math.min(LAST_DEGREE, -degrees);
}
