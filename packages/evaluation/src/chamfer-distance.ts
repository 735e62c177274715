import { measureScan, type ScanDistances } from "./measure-scan.ts";
import type { Surface } from "./surface.ts";

/** Mean distances in the unit of the points. */
export interface ChamferDistance {
  /** Mean of |Δx| + |Δy| + |Δz|. */
  readonly l1: number;
  /** Mean of √(Δx² + Δy² + Δz²). */
  readonly l2: number;
}

/**
 * One-directional Chamfer distance, the mean over a scan's points of the distance to the closest
 * point of the surface, once as the sum of the coordinates' differences and once as the Euclidean
 * distance. For the two-directional form call it the other way round too.
 *
 * Pixel3DMM's tables say L1 and L2 without a formula; their ratio there, 1.47, is that of these two
 * for directions of every kind, 3/2.
 *
 * @param points [N×3] of the scan
 * @param surface in the same frame and unit
 * @param found distances of the same points, where they are known already
 * @throws RangeError as `measureScan` does
 * @see Pixel3DMM, section 4.2
 */
export function chamferDistance(
  points: ArrayLike<number>,
  surface: Surface,
  found: ScanDistances = measureScan(points, surface),
): ChamferDistance {
  const { distances, closest } = found;
  let [l1, l2] = [0, 0];
  for (const distance of distances) l2 += distance;
  for (let i = 0; i < closest.length; i++) l1 += Math.abs(points[i] - closest[i]);
  return { l1: l1 / distances.length, l2: l2 / distances.length };
}
