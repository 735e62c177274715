import { evaluate } from "../evaluate.ts";
import { evaluateJacobian } from "../evaluate-jacobian.ts";
import { writePoints } from "../evaluate-surface-points.ts";
import type { SkinnedCoefficients, SurfacePoints } from "../skinned-model.ts";
import type { HeadUnknowns } from "./head-unknowns.ts";

/** Points of a head's surface and how they move with its unknowns. */
export interface LinearPoints {
  /** [N×3] */
  readonly points: Float64Array;
  /** [3N×C] row-major */
  readonly jacobian: Float64Array;
}

/** Modes gathered at a time: their vertices stay in cache. */
const MODES = 8;

/** Points on the surface of a head, with their derivatives by the unknowns. */
export function linearizePoints(
  unknowns: HeadUnknowns,
  head: SkinnedCoefficients,
  at: SurfacePoints,
): LinearPoints {
  return unknowns.model.kind === "skinned"
    ? linearizeSkinned(unknowns, head, at)
    : linearizePca(unknowns, head, at);
}

function linearizePca(
  { model, shapeCount, columns }: HeadUnknowns,
  head: SkinnedCoefficients,
  { triangles, barycentrics }: SurfacePoints,
): LinearPoints {
  const count = triangles.length;
  const { indices, shapeBasis, expressionBasis } = model;
  const points = new Float64Array(3 * count);
  const positions = evaluate(model, head);
  writePoints(points, 0, positions, indices, triangles, barycentrics, 0, count);
  const size = positions.length;
  const jacobian = new Float64Array(3 * count * columns);
  for (let first = 0; first < columns; first += MODES) {
    const last = Math.min(columns, first + MODES);
    for (let i = 0; i < 3 * count; i++) {
      const weight = barycentrics[i];
      if (weight === 0) continue;
      const point = Math.floor(i / 3);
      const vertex = 3 * indices[3 * triangles[point] + (i % 3)];
      for (let axis = 0; axis < 3; axis++) {
        const row = (3 * point + axis) * columns;
        for (let k = first; k < last; k++) {
          jacobian[row + k] +=
            weight *
            (k < shapeCount
              ? shapeBasis[k * size + vertex + axis]
              : expressionBasis[(k - shapeCount) * size + vertex + axis]);
        }
      }
    }
  }
  return { points, jacobian };
}

function linearizeSkinned(
  { model, shapeCount, expressionCount, joints, eyelids, columns }: HeadUnknowns,
  head: SkinnedCoefficients,
  { triangles, barycentrics }: SurfacePoints,
): LinearPoints {
  if (model.kind !== "skinned") throw new TypeError("linearizePoints: expected a skinned model");
  const count = triangles.length;
  const { indices } = model;
  // 1. The vertices that carry the points, each once.
  const places = new Int32Array(model.template.length / 3).fill(-1);
  const vertices: number[] = [];
  for (let i = 0; i < 3 * count; i++) {
    const vertex = indices[3 * triangles[Math.floor(i / 3)] + (i % 3)];
    if (barycentrics[i] === 0 || places[vertex] >= 0) continue;
    places[vertex] = vertices.length;
    vertices.push(vertex);
  }
  const wanted = { vertices, shapeCount, expressionCount, joints, eyelids };
  const moved = evaluateJacobian(model, head, wanted);
  // 2. Points between them.
  const points = new Float64Array(3 * count);
  const jacobian = new Float64Array(3 * count * columns);
  for (let i = 0; i < 3 * count; i++) {
    const weight = barycentrics[i];
    if (weight === 0) continue;
    const point = Math.floor(i / 3);
    const place = places[indices[3 * triangles[point] + (i % 3)]];
    for (let axis = 0; axis < 3; axis++) {
      points[3 * point + axis] += weight * moved.positions[3 * place + axis];
      const from = (3 * place + axis) * columns;
      const to = (3 * point + axis) * columns;
      for (let k = 0; k < columns; k++) jacobian[to + k] += weight * moved.jacobian[from + k];
    }
  }
  return { points, jacobian };
}
