import { MorphableModelError } from "../morphable-model-error.ts";
import type { PcaModel } from "../pca-model.ts";
import type { SkinnedModel, SurfacePoints } from "../skinned-model.ts";
import { landmarkPoints, vertexPoints } from "./landmark-points.ts";

/** What the landmarks of a fit are. */
export interface LandmarkOptions {
  /** [L] mesh vertex of each landmark, −1 leaves it out; the model's own landmarks unless told. */
  readonly vertices?: ArrayLike<number>;
  /** [L] relative weights ≥ 0; equal unless told. */
  readonly weights?: ArrayLike<number>;
}

/** Landmarks that take part: their places among the given ones, and their points on the model. */
export interface ChosenLandmarks {
  /** [n] index among the given landmarks. */
  readonly chosen: readonly number[];
  /** [n] weights. */
  readonly weights: readonly number[];
  /** [n] index among the model's landmark points; absent where vertices were given. */
  readonly own?: readonly number[];
  /** [n] points on the model at rest. */
  readonly at: SurfacePoints;
}

/** Landmarks that are given as NaN, weigh nothing or have no vertex are left out. */
export function chooseLandmarks(
  verb: string,
  model: PcaModel | SkinnedModel,
  landmarks: ArrayLike<number>,
  dimension: 2 | 3,
  { vertices, weights }: LandmarkOptions,
  least: number,
): ChosenLandmarks {
  const all = landmarkPoints(model);
  const own = all.triangles.length;
  const count = landmarks.length / dimension;
  // 68 landmarks for a model that has the 51 without the jaw line: those are the last.
  const skipped = !vertices && count === 68 && own === 51 ? 17 : 0;
  const expected = vertices ? vertices.length : own + skipped;
  if (count !== expected) {
    throw new RangeError(
      `${verb}: expected ${expected} landmarks [${expected}×${dimension}], got ${landmarks.length} numbers`,
    );
  }
  if (weights && weights.length !== count) {
    throw new RangeError(`${verb}: expected ${count} weights, got ${weights.length}`);
  }
  const chosen: number[] = [];
  for (let l = skipped; l < count; l++) {
    const weight = weights ? weights[l] : 1;
    if (!(weight >= 0))
      throw new RangeError(`${verb}: expected weights ≥ 0, got ${weight} at ${l}`);
    let sum = 0;
    for (let axis = 0; axis < dimension; axis++) sum += landmarks[dimension * l + axis];
    if (weight > 0 && Number.isFinite(sum) && !(vertices && vertices[l] < 0)) chosen.push(l);
  }
  if (chosen.length < least) {
    throw new MorphableModelError(
      "too-few-constraints",
      `${verb}: expected at least ${least} landmarks, got ${chosen.length}`,
    );
  }
  const at = vertices
    ? vertexPoints(
        verb,
        model.indices,
        chosen.map((l) => vertices[l]),
      )
    : {
        triangles: Uint32Array.from(chosen, (l) => all.triangles[l - skipped]),
        barycentrics: Float32Array.from(
          chosen.flatMap((l) => [0, 1, 2].map((c) => all.barycentrics[3 * (l - skipped) + c])),
        ),
      };
  return {
    chosen,
    weights: chosen.map((l) => (weights ? weights[l] : 1)),
    ...(!vertices && { own: chosen.map((l) => l - skipped) }),
    at,
  };
}

/** Root mean square distance of points [N×D] from their center: the size of a set of landmarks. */
export function sizeOf(points: ArrayLike<number>, dimension: 2 | 3): number {
  const count = points.length / dimension;
  const center = new Float64Array(dimension);
  for (let i = 0; i < points.length; i++) center[i % dimension] += points[i] / count;
  let squared = 0;
  for (let i = 0; i < points.length; i++) squared += (points[i] - center[i % dimension]) ** 2;
  return Math.sqrt(squared / count);
}
