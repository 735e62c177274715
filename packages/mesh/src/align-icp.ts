import { applySimilarity } from "./apply-similarity.ts";
import { closestPoints } from "./closest-points.ts";
import { estimateSimilarity } from "./estimate-similarity.ts";
import { estimatePlaneStep } from "./plane-step.ts";
import type { Similarity } from "./similarity.ts";
import type { TriangleIndex } from "./triangle-index.ts";

/** Options of {@link alignIcp}. */
export interface AlignIcpOptions {
  /** Where to start; the identity unless told. */
  readonly initial?: Similarity;
  /** Distances that are made small: to the closest point, or to the plane it lies in. */
  readonly metric?: "point" | "plane";
  /** Fraction of the points, the farthest, that is left out in each iteration, 0 to below 1. */
  readonly trim?: number;
  /** Whether the scale is estimated too; without, the initial one stays. */
  readonly scale?: boolean;
  readonly maxIterations?: number;
}

/** Where ICP ended. */
export interface AlignedIcp {
  /** Carries the points onto the surface. */
  readonly similarity: Similarity;
  /** [N] 1 where the point took part at the end, 0 where it was trimmed. */
  readonly inliers: Uint8Array;
  /** Root mean square distance of the inliers from the surface, in the surface's unit. */
  readonly residual: number;
  /** ½ Σ of the inliers' squared distances. */
  readonly cost: number;
  readonly iterations: number;
  readonly status: "converged" | "stalled" | "max-iterations";
}

/** Defaults of {@link alignIcp}. */
export const ALIGN_ICP_DEFAULTS: {
  readonly metric: "point" | "plane";
  readonly trim: number;
  readonly scale: boolean;
  readonly maxIterations: number;
} = { metric: "plane", trim: 0, scale: false, maxIterations: 50 };

/** Done when no point's move exceeds this fraction of the points' extent. */
const STEP_TOLERANCE = 1e-9;

/**
 * Aligns points with a surface by the iterative closest point method: closest points, trimming, then
 * the similarity of least squares, over and over.
 *
 * It finds the nearest minimum, not the best one: starts within some 20° and a tenth of the size
 * are safe on a head. "plane" needs far fewer iterations than "point".
 *
 * @param points [N×3] N ≥ 3
 * @param surface index of the mesh, from `createTriangleIndex`
 * @throws {RangeError} when N < 3, a number is not finite or an option is out of range
 * @see Besl and McKay, A method for registration of 3-D shapes, 1992; Chen and Medioni, 1991;
 *   Chetverikov et al., The trimmed iterative closest point algorithm, 2002
 */
export function alignIcp(
  points: ArrayLike<number>,
  surface: TriangleIndex,
  options: AlignIcpOptions = {},
): AlignedIcp {
  const { metric, trim, scale, maxIterations } = { ...ALIGN_ICP_DEFAULTS, ...options };
  const count = points.length / 3;
  if (!Number.isInteger(count) || count < 3) {
    throw new RangeError(`alignIcp: expected N ≥ 3 points [N×3], got ${points.length} numbers`);
  }
  if (!(trim >= 0 && trim < 1)) {
    throw new RangeError(`alignIcp: expected trim in [0, 1), got ${trim}`);
  }
  if (!(Number.isInteger(maxIterations) && maxIterations >= 1)) {
    throw new RangeError(`alignIcp: expected maxIterations ≥ 1, got ${maxIterations}`);
  }
  const kept = Math.max(3, Math.round((1 - trim) * count));
  const inliers = new Uint8Array(count);
  let similarity: Similarity = options.initial ?? IDENTITY;
  let moved = applySimilarity(similarity, points);
  const extent = spreadOf(moved);
  let cost = 0;
  let iterations = 0;
  let status: AlignedIcp["status"] = "max-iterations";
  for (; ; iterations++) {
    // 1. Closest points, without the farthest.
    const closest = closestPoints(surface, moved);
    const { squaredDistances } = closest;
    const limit = Float64Array.from(squaredDistances).sort()[kept - 1]!;
    cost = 0;
    for (let i = 0; i < count; i++) {
      inliers[i] = squaredDistances[i]! <= limit ? 1 : 0;
      if (inliers[i] === 1) cost += squaredDistances[i]! / 2;
    }
    if (iterations === maxIterations || status !== "max-iterations") break;
    // 2. The similarity that is best for them.
    const next =
      metric === "plane"
        ? estimatePlaneStep(similarity, moved, closest, inliers, surface, scale)
        : estimatePointStep(similarity, points, closest.points, inliers, scale);
    if (!next) {
      status = "stalled";
      continue;
    }
    // 3. Done when nothing moves.
    similarity = next;
    const before = moved;
    moved = applySimilarity(similarity, points);
    let largest = 0;
    for (let i = 0; i < moved.length; i++) {
      largest = Math.max(largest, Math.abs(moved[i]! - before[i]!));
    }
    if (largest <= STEP_TOLERANCE * extent) status = "converged";
  }
  let sum = 0;
  for (const inlier of inliers) sum += inlier;
  return { similarity, inliers, residual: Math.sqrt((2 * cost) / sum), cost, iterations, status };
}

const IDENTITY: Similarity = {
  scale: 1,
  rotation: Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1),
  translation: new Float64Array(3),
};

/** Greatest extent along an axis. */
function spreadOf(points: Float64Array): number {
  let widest = 0;
  for (let axis = 0; axis < 3; axis++) {
    let low = Number.POSITIVE_INFINITY;
    let high = Number.NEGATIVE_INFINITY;
    for (let i = axis; i < points.length; i += 3) {
      low = Math.min(low, points[i]!);
      high = Math.max(high, points[i]!);
    }
    widest = Math.max(widest, high - low);
  }
  return widest;
}

function estimatePointStep(
  { scale: kept }: Similarity,
  points: ArrayLike<number>,
  targets: Float64Array,
  inliers: Uint8Array,
  free: boolean,
): Similarity {
  const best = estimateSimilarity(points, targets, inliers);
  if (free) return best;
  // For a given scale the rotation is the same, and the centers still fall together.
  const translation = best.translation.slice();
  const center = new Float64Array(3);
  let count = 0;
  for (let i = 0; i < inliers.length; i++) {
    if (inliers[i] === 0) continue;
    count++;
    for (let axis = 0; axis < 3; axis++) center[axis]! += points[3 * i + axis]!;
  }
  for (let j = 0; j < 3; j++) {
    let turned = 0;
    for (let k = 0; k < 3; k++) turned += (best.rotation[3 * j + k]! * center[k]!) / count;
    translation[j]! += (best.scale - kept) * turned;
  }
  return { scale: kept, rotation: best.rotation, translation };
}
