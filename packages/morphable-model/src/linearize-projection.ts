import type { PerspectiveCamera } from "@headform/camera";
import { composeRotations, rotationFromAxisAngle } from "@headform/core-math";
import type { Constraints } from "./constraints.ts";

/** Unknowns of the camera: rotation (3), translation x and y, log scale, log distance. */
export const CAMERA_UNKNOWNS = 7;

/** Reprojection at the current camera, in units of length at the head's distance. */
export interface LinearSystem {
  /** Pixels per unit of length at the head. */
  readonly scale: number;
  /** [N×2] observed minus projected, in units of length. */
  readonly residuals: Float64Array;
  /** [N] their squared lengths. */
  readonly squared: Float64Array;
  /** [N×2×3] derivative by the point in the model frame. */
  readonly byPoint: Float64Array;
  /** [N×2×7] derivative by the camera's unknowns. */
  readonly byCamera: Float64Array;
}

/** Residuals and derivatives of `U = d·(RX + t)/depth`, the image in the plane of the head. */
export function linearizeProjection(
  camera: PerspectiveCamera,
  points: Float64Array,
  constraints: Pick<Constraints, "pixels">,
  count: number,
): LinearSystem {
  const R = camera.rotation;
  const [tx, ty, tz] = camera.translation;
  const distance = -tz;
  const scale = camera.focalLength / distance;
  const residuals = new Float64Array(2 * count);
  const squared = new Float64Array(count);
  const byPoint = new Float64Array(6 * count);
  const byCamera = new Float64Array(2 * CAMERA_UNKNOWNS * count);
  for (let i = 0; i < count; i++) {
    const x = points[3 * i];
    const y = points[3 * i + 1];
    const z = points[3 * i + 2];
    const rx = R[0] * x + R[1] * y + R[2] * z;
    const ry = R[3] * x + R[4] * y + R[5] * z;
    const rz = R[6] * x + R[7] * y + R[8] * z;
    const depth = distance - rz;
    // In units of length, both axes up: U = d·Xc/depth.
    const g = distance / depth;
    const U = g * (rx + tx);
    const V = g * (ry + ty);
    const hx = U / depth;
    const hy = V / depth;
    residuals[2 * i] = (constraints.pixels[2 * i] - camera.principalPoint[0]) / scale - U;
    residuals[2 * i + 1] = (camera.principalPoint[1] - constraints.pixels[2 * i + 1]) / scale - V;
    squared[i] = residuals[2 * i] ** 2 + residuals[2 * i + 1] ** 2;
    for (let axis = 0; axis < 3; axis++) {
      byPoint[6 * i + axis] = g * R[axis] + hx * R[6 + axis];
      byPoint[6 * i + 3 + axis] = g * R[3 + axis] + hy * R[6 + axis];
    }
    const row = 2 * CAMERA_UNKNOWNS * i;
    // Rotation moves RX by ω × RX; then tx, ty; log scale; log distance at constant scale.
    byCamera[row] = hx * ry;
    byCamera[row + 1] = g * rz - hx * rx;
    byCamera[row + 2] = -g * ry;
    byCamera[row + 3] = g;
    byCamera[row + 5] = U;
    byCamera[row + 6] = (-U * rz) / depth;
    byCamera[row + 7] = -g * rz + hy * ry;
    byCamera[row + 8] = -hy * rx;
    byCamera[row + 9] = g * rx;
    byCamera[row + 11] = g;
    byCamera[row + 12] = V;
    byCamera[row + 13] = (-V * rz) / depth;
  }
  return { scale, residuals, squared, byPoint, byCamera };
}

/** The camera after a step of its seven unknowns. */
export function moveCamera(camera: PerspectiveCamera, step: Float64Array): PerspectiveCamera {
  const [tx, ty, tz] = camera.translation;
  const stretch = Math.exp(step[6]);
  return {
    kind: "perspective",
    focalLength: camera.focalLength * stretch * Math.exp(step[5]),
    principalPoint: camera.principalPoint,
    rotation: composeRotations(rotationFromAxisAngle(step.subarray(0, 3)), camera.rotation),
    translation: Float64Array.of(tx + step[3], ty + step[4], tz * stretch),
  };
}
