import {
  applySimilarity,
  closestPoints,
  createTriangleIndex,
  type Similarity,
} from "@headform/mesh";
import { evaluate } from "../evaluate.ts";
import { evaluateLandmarks } from "../evaluate-landmarks.ts";
import type { PcaModel } from "../pca-model.ts";
import type { SkinnedModel, SurfacePoints } from "../skinned-model.ts";
import { sizeOf } from "./choose-landmarks.ts";
import { fitScan } from "./fit-scan.ts";
import { outerTriangles } from "./outer-triangles.ts";

/** Options of {@link fitCorrespondence}. */
export interface FitCorrespondenceOptions {
  /**
   * [L×3] the landmarks of `to` (as `evaluateLandmarks` orders them) on the mean of `from`; those of
   * `from` unless told, where both have as many. Otherwise the model is placed by ICP, from where
   * the frames agree.
   */
  readonly landmarks?: ArrayLike<number>;
  /** Greatest distance of a vertex from the other surface that still counts, see the defaults. */
  readonly maxDistance?: number;
}

/** Where the vertices of one model lie on the surface of another. */
export interface Correspondence {
  readonly from: PcaModel | SkinnedModel;
  readonly to: PcaModel | SkinnedModel;
  /** [Vto] the point on `from` of each vertex of `to`. */
  readonly points: SurfacePoints;
  /** [Vto] how surely they belong together, 0…1; 0 where `from` has no such part. */
  readonly weights: Float64Array;
  /** Carries points of `to` into the frame of `from`. */
  readonly similarity: Similarity;
  /** Root mean square distance between the surfaces where weights are above 0, `from`'s unit. */
  readonly residual: number;
}

/** Default of {@link fitCorrespondence}: a fraction of the size of `from` (5 mm on a head). */
export const FIT_CORRESPONDENCE_DEFAULTS: { readonly maxDistance: number } = { maxDistance: 0.05 };

/**
 * Fits a map between two head models: `to` is placed on the mean of `from` by landmarks and bent to
 * its surface with its own coefficients; then each of its vertices takes the closest point there.
 *
 * What only one of them has (a neck, eyeballs, hair) gets a weight of 0.
 *
 * @param from the model results are in
 * @param to the model they are wanted in
 * @throws RangeError for a bad option
 * @throws MorphableModelError "too-few-constraints" when the surfaces do not meet
 */
export function fitCorrespondence(
  from: PcaModel | SkinnedModel,
  to: PcaModel | SkinnedModel,
  options: FitCorrespondenceOptions = {},
): Correspondence {
  const verb = "fitCorrespondence";
  const mean = evaluate(from);
  const maxDistance =
    options.maxDistance ?? FIT_CORRESPONDENCE_DEFAULTS.maxDistance * sizeOf(mean, 3);
  if (!(maxDistance > 0)) {
    throw new RangeError(`${verb}: expected maxDistance above 0, got ${maxDistance}`);
  }
  const landmarks = options.landmarks ?? commonLandmarks(mean, from, to);
  // 1. `to` on the mean of `from`.
  const triangles = outerTriangles(from);
  const indices = Uint32Array.from(
    { length: 3 * triangles.length },
    (_, i) => from.indices[3 * triangles[Math.floor(i / 3)] + (i % 3)],
  );
  const surface = compact(mean, indices);
  const head = fitScan(
    to,
    { ...surface, unit: from.unit },
    { ...(landmarks && { landmarks }), maximum: 1200 },
  );
  const placed = applySimilarity(head.similarity, evaluate(to, head));
  // 2. Its vertices' closest points, the less sure the farther.
  const closest = closestPoints(
    createTriangleIndex({ positions: mean, indices: from.indices }, triangles),
    placed,
  );
  const count = placed.length / 3;
  const weights = new Float64Array(count);
  const used = usedVertices(to);
  let squared = 0;
  let total = 0;
  for (let v = 0; v < count; v++) {
    const relative = closest.squaredDistances[v] / maxDistance ** 2;
    if (relative >= 1 || used[v] === 0) continue;
    weights[v] = (1 - relative) ** 2;
    squared += closest.squaredDistances[v];
    total++;
  }
  return {
    from,
    to,
    points: {
      triangles: Uint32Array.from(closest.triangles),
      barycentrics: Float32Array.from(closest.barycentrics),
    },
    weights,
    similarity: head.similarity,
    residual: Math.sqrt(squared / total),
  };
}

function commonLandmarks(
  mean: Float32Array,
  from: PcaModel | SkinnedModel,
  to: PcaModel | SkinnedModel,
): Float64Array | undefined {
  const own = among68(evaluateLandmarks(mean, from), from);
  const wanted = among68(evaluateLandmarks(evaluate(to), to), to).length;
  if (own.length === wanted && wanted > 0) return own;
  // The 51 inner landmarks are the last of 68.
  if (own.length === 204 && wanted === 153) return own.slice(51);
  // Another choice of landmarks, which nobody named, says nothing.
  return undefined;
}

/** Landmarks of a model that says which of the 68 they are, NaN for the others; as they are else. */
function among68(landmarks: Float64Array, model: PcaModel | SkinnedModel): Float64Array {
  const numbers = model.kind === "pca" ? model.landmarkNumbers : undefined;
  if (!numbers) return landmarks;
  const out = new Float64Array(3 * 68).fill(Number.NaN);
  numbers.forEach((number, i) => {
    out.set(landmarks.subarray(3 * i, 3 * i + 3), 3 * number);
  });
  return out;
}

/** The vertices that triangles use, numbered anew. */
function compact(
  positions: Float32Array,
  indices: Uint32Array,
): { positions: Float32Array; indices: Uint32Array } {
  const places = new Map<number, number>();
  const kept: number[] = [];
  const renumbered = indices.map((vertex) => {
    const known = places.get(vertex);
    if (known !== undefined) return known;
    const place = places.size;
    places.set(vertex, place);
    kept.push(positions[3 * vertex], positions[3 * vertex + 1], positions[3 * vertex + 2]);
    return place;
  });
  return { positions: Float32Array.from(kept), indices: renumbered };
}

/** [V] 1 for the vertices of outer triangles. */
function usedVertices(model: PcaModel | SkinnedModel): Uint8Array {
  const size = (model.kind === "pca" ? model.mean : model.template).length;
  const out = new Uint8Array(size / 3);
  for (const t of outerTriangles(model)) {
    for (let corner = 0; corner < 3; corner++) out[model.indices[3 * t + corner]] = 1;
  }
  return out;
}
