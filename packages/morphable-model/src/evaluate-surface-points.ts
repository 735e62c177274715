import type { SurfacePoints } from "./skinned-model.ts";

/**
 * Points on a mesh, `Σ barycentrics[i,p]·X[indices[3·triangles[i]+p]]`: MediaPipe's landmarks of a
 * skinned model, for instance.
 *
 * @param positions [V×3] vertices
 * @param indices [F×3] triangles
 * @param points [N] triangles and their [N×3] barycentric coordinates
 * @param out [N×3] written in place and returned; allocated when absent
 * @throws RangeError when `barycentrics` or `out` has not three numbers per point
 */
export function evaluateSurfacePoints(
  positions: ArrayLike<number>,
  indices: Uint32Array,
  points: SurfacePoints,
  out: Float64Array = new Float64Array(points.triangles.length * 3),
): Float64Array {
  const size = 3 * points.triangles.length;
  if (points.barycentrics.length !== size || out.length !== size) {
    throw new RangeError(
      `evaluateSurfacePoints: expected barycentrics and out of ${size}, got ${points.barycentrics.length} and ${out.length}`,
    );
  }
  writePoints(out, 0, positions, indices, points.triangles, points.barycentrics, 0, size / 3);
  return out;
}

/** Points `from`…`to` into `out`, the first of them as its point `at`. */
export function writePoints(
  out: Float64Array,
  at: number,
  positions: ArrayLike<number>,
  indices: Uint32Array,
  triangles: Uint32Array,
  barycentrics: Float32Array,
  from: number,
  to: number,
): void {
  for (let i = from; i < to; i++) {
    const target = 3 * (at + i - from);
    for (let axis = 0; axis < 3; axis++) {
      let sum = 0;
      for (let corner = 0; corner < 3; corner++) {
        const vertex = indices[3 * triangles[i] + corner];
        sum += barycentrics[3 * i + corner] * positions[3 * vertex + axis];
      }
      out[target + axis] = sum;
    }
  }
}
