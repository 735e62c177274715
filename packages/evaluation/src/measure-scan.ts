import { closestPoints, createTriangleIndex } from "@headform/mesh";
import { checkPoints } from "./check-points.ts";
import type { Surface } from "./surface.ts";

/** How far each point of a scan is from a surface. */
export interface ScanDistances {
  /** [N] Euclidean distance to the closest point of the surface. */
  readonly distances: Float64Array;
  /** [N×3] that closest point. */
  readonly closest: Float64Array;
  /** [N] the triangle it lies on, [N×3] where in it. */
  readonly triangles: Int32Array;
  readonly barycentrics: Float64Array;
}

/**
 * Distances from the points of a scan to a surface, `min |x − y|` over all y of the triangles, not of
 * the vertices alone. Nothing is aligned.
 *
 * @param points [N×3] in the unit and frame of the surface
 * @throws RangeError for no point, a number that is not finite, or a surface without a triangle
 */
export function measureScan(points: ArrayLike<number>, surface: Surface): ScanDistances {
  checkPoints("measureScan", "points", points);
  const found = closestPoints(createTriangleIndex(surface), points);
  const { points: closest, triangles, barycentrics, squaredDistances } = found;
  return { distances: squaredDistances.map(Math.sqrt), closest, triangles, barycentrics };
}
