import { computeNormals } from "@headform/mesh";
import { checkPoints } from "./check-points.ts";
import { measureScan, type ScanDistances } from "./measure-scan.ts";
import type { Surface } from "./surface.ts";

/**
 * Normal consistency: the mean cosine between a scan's normals and the surface's at the closest
 * points, interpolated between its vertex normals. 1 is best; a normal without length counts 0.
 *
 * @param points [N×3] of the scan
 * @param normals [N×3] at those points; their lengths do not matter
 * @param surface in the same frame
 * @param found distances of the same points, where they are known already
 * @throws RangeError when lengths disagree, or as `measureScan` does
 * @see Pixel3DMM, section 4.2
 */
export function normalConsistency(
  points: ArrayLike<number>,
  normals: ArrayLike<number>,
  surface: Surface,
  found: ScanDistances = measureScan(points, surface),
): number {
  const count = checkPoints("normalConsistency", "points", points);
  checkPoints("normalConsistency", "normals", normals);
  if (normals.length !== points.length) {
    throw new RangeError(`normalConsistency: expected ${count} normals, got ${normals.length / 3}`);
  }
  const own = computeNormals({
    positions: Float32Array.from(surface.positions),
    indices: surface.indices,
  });
  let sum = 0;
  for (let i = 0; i < count; i++) {
    const normal = [0, 0, 0];
    for (let corner = 0; corner < 3; corner++) {
      const vertex = surface.indices[3 * found.triangles[i] + corner];
      for (let axis = 0; axis < 3; axis++) {
        normal[axis] += found.barycentrics[3 * i + corner] * own[3 * vertex + axis];
      }
    }
    const [x, y, z] = [normals[3 * i], normals[3 * i + 1], normals[3 * i + 2]];
    const lengths = Math.hypot(x, y, z) * Math.hypot(normal[0], normal[1], normal[2]);
    if (lengths > 0) sum += (x * normal[0] + y * normal[1] + z * normal[2]) / lengths;
  }
  return sum / count;
}
