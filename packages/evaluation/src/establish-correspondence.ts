import { createNearestIndex, findNearest } from "@headform/core-math";
import { alignIcp, applySimilarity, closestPoints, createTriangleIndex } from "@headform/mesh";
import { checkPoints } from "./check-points.ts";
import type { Surface } from "./surface.ts";

export interface EstablishCorrespondenceOptions {
  /** Whether a point's partner is a vertex of the prediction or any point of its triangles. */
  readonly partner?: "vertex" | "surface";
  /** Share of the points, the farthest, that ICP leaves out; they get a partner all the same. */
  readonly trim?: number;
  readonly maxIterations?: number;
}

/** Defaults of {@link establishCorrespondence}. */
export const ESTABLISH_CORRESPONDENCE_DEFAULTS: {
  readonly partner: "vertex" | "surface";
  readonly trim: number;
  readonly maxIterations: number;
} = { partner: "vertex", trim: 0, maxIterations: 50 };

/**
 * For each vertex of the truth its partner on a prediction of another topology: ICP carries the truth
 * onto the prediction, and what is closest then is the partner. The alignment itself is thrown away:
 * partners are returned where the prediction has them, so an error of place stays an error.
 *
 * @param predicted the predicted surface
 * @param truth [N×3] vertices of the true face region, in the frame and unit of the prediction
 * @returns [N×3] partners
 * @throws RangeError when N < 3, a number is not finite, the surface has no triangle, or an option
 *   is out of range
 * @see VRN, section 4, "Error metric"
 */
export function establishCorrespondence(
  predicted: Surface,
  truth: ArrayLike<number>,
  options: EstablishCorrespondenceOptions = {},
): Float64Array {
  const { partner, trim, maxIterations } = { ...ESTABLISH_CORRESPONDENCE_DEFAULTS, ...options };
  checkPoints("establishCorrespondence", "truth", truth, 3);
  const index = createTriangleIndex(predicted);
  const { similarity } = alignIcp(truth, index, { trim, maxIterations });
  const aligned = applySimilarity(similarity, truth);
  if (partner === "surface") return closestPoints(index, aligned).points;
  // Vertices of no triangle are no part of the surface.
  const used = [...new Set(predicted.indices)];
  const vertices = Float64Array.from(
    used.flatMap((v) => [0, 1, 2].map((axis) => predicted.positions[3 * v + axis])),
  );
  const { indices } = findNearest(createNearestIndex(vertices, 3), aligned);
  const partners = new Float64Array(truth.length);
  for (let i = 0; i < indices.length; i++) {
    partners.set(vertices.subarray(3 * indices[i], 3 * indices[i] + 3), 3 * i);
  }
  return partners;
}
