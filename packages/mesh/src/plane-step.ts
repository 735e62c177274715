import {
  choleskyFactor,
  choleskySolve,
  composeRotations,
  rotationFromAxisAngle,
} from "@headform/core-math";
import type { ClosestPoints } from "./closest-points.ts";
import type { Similarity } from "./similarity.ts";
import type { TriangleIndex } from "./triangle-index.ts";

/**
 * One Gauss–Newton step of point-to-plane alignment: min Σ (nᵢ·(x + ω×x' + t + σx' − yᵢ))² about
 * the center of the inliers, x' = x − center. `undefined` where the planes leave no direction open.
 *
 * Directions no plane resists, as on a sphere, are left alone by a damping of 1e-9.
 */
export function estimatePlaneStep(
  current: Similarity,
  moved: Float64Array,
  closest: ClosestPoints,
  inliers: Uint8Array,
  surface: TriangleIndex,
  free: boolean,
): Similarity | undefined {
  const center = [0, 0, 0];
  let count = 0;
  for (let i = 0; i < inliers.length; i++) {
    if (inliers[i] === 0) continue;
    count++;
    for (let axis = 0; axis < 3; axis++) center[axis]! += moved[3 * i + axis]!;
  }
  for (let axis = 0; axis < 3; axis++) center[axis]! /= count;
  // 1. Normal equations of ω, t and, where it is free, the log scale.
  const size = free ? 7 : 6;
  const hessian = new Float64Array(size * size);
  const gradient = new Float64Array(size);
  const row = new Float64Array(7);
  const normal = new Float64Array(3);
  for (let i = 0; i < inliers.length; i++) {
    if (inliers[i] === 0 || !triangleNormal(normal, surface, closest.triangles[i]!)) continue;
    const x = moved[3 * i]! - center[0]!;
    const y = moved[3 * i + 1]! - center[1]!;
    const z = moved[3 * i + 2]! - center[2]!;
    row[0] = y * normal[2]! - z * normal[1]!;
    row[1] = z * normal[0]! - x * normal[2]!;
    row[2] = x * normal[1]! - y * normal[0]!;
    row.set(normal, 3);
    row[6] = x * normal[0]! + y * normal[1]! + z * normal[2]!;
    let distance = 0;
    for (let axis = 0; axis < 3; axis++) {
      distance += normal[axis]! * (closest.points[3 * i + axis]! - moved[3 * i + axis]!);
    }
    for (let a = 0; a < size; a++) {
      gradient[a]! += row[a]! * distance;
      for (let b = 0; b < size; b++) hessian[a * size + b]! += row[a]! * row[b]!;
    }
  }
  let trace = 0;
  for (let axis = 3; axis < 6; axis++) trace += hessian[axis * (size + 1)]!;
  let radius = 0;
  for (let i = 0; i < inliers.length; i++) {
    if (inliers[i] === 0) continue;
    for (let axis = 0; axis < 3; axis++) {
      radius += (moved[3 * i + axis]! - center[axis]!) ** 2 / count;
    }
  }
  for (let a = 0; a < size; a++) {
    hessian[a * (size + 1)]! += 1e-9 * trace * (a >= 3 && a < 6 ? 1 : radius);
  }
  const factor = choleskyFactor(hessian, size);
  if (!factor) return undefined;
  const step = choleskySolve(factor, size, gradient);
  // 2. The step after the current similarity.
  const turn = rotationFromAxisAngle(step.subarray(0, 3));
  const stretch = free ? Math.exp(step[6]!) : 1;
  const translation = new Float64Array(3);
  for (let j = 0; j < 3; j++) {
    translation[j] = center[j]! + step[3 + j]!;
    for (let k = 0; k < 3; k++) {
      translation[j]! += stretch * turn[3 * j + k]! * (current.translation[k]! - center[k]!);
    }
  }
  return {
    scale: current.scale * stretch,
    rotation: composeRotations(turn, current.rotation),
    translation,
  };
}

/** Unit normal of a triangle; false without area. */
function triangleNormal(out: Float64Array, surface: TriangleIndex, triangle: number): boolean {
  const { positions, indices } = surface;
  const a = 3 * indices[3 * triangle]!;
  const b = 3 * indices[3 * triangle + 1]!;
  const c = 3 * indices[3 * triangle + 2]!;
  const ux = positions[b]! - positions[a]!;
  const uy = positions[b + 1]! - positions[a + 1]!;
  const uz = positions[b + 2]! - positions[a + 2]!;
  const vx = positions[c]! - positions[a]!;
  const vy = positions[c + 1]! - positions[a + 1]!;
  const vz = positions[c + 2]! - positions[a + 2]!;
  out[0] = uy * vz - uz * vy;
  out[1] = uz * vx - ux * vz;
  out[2] = ux * vy - uy * vx;
  const length = Math.hypot(out[0], out[1], out[2]);
  if (!(length > 0)) return false;
  for (let axis = 0; axis < 3; axis++) out[axis]! /= length;
  return true;
}
