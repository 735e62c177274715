export { axisAngleFromRotation, rotationFromAxisAngle } from "./rotation/axis-angle.ts";
export type { EulerOrder } from "./rotation/euler.ts";
export { eulerFromRotation, rotationFromEuler } from "./rotation/euler.ts";
export { composeRotations, invertRotation, type Rotation } from "./rotation/matrix.ts";
export { nearestRotation } from "./rotation/nearest-rotation.ts";
export { quaternionFromRotation, rotationFromQuaternion } from "./rotation/quaternion.ts";
export { rotation6dFromRotation, rotationFrom6d } from "./rotation/six-d.ts";
export { type YawPitchRoll, yawPitchRollFromRotation } from "./rotation/yaw-pitch-roll.ts";
