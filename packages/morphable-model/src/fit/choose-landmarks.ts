import { MorphableModelError } from "../morphable-model-error.ts";
import type { PcaModel } from "../pca-model.ts";
import type { SkinnedModel, SurfacePoints } from "../skinned-model.ts";
import { landmarkPoints, selectPoints, vertexPoints } from "./landmark-points.ts";

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
  // Where the model has some of 68 landmarks: which of its own each is.
  const places = !vertices && count === 68 ? placesOf(model, own) : undefined;
  const expected = vertices ? vertices.length : own;
  if (count !== expected && !places) {
    throw new RangeError(
      `${verb}: expected ${expected} landmarks [${expected}×${dimension}], got ${landmarks.length} numbers`,
    );
  }
  if (weights && weights.length !== count) {
    throw new RangeError(`${verb}: expected ${count} weights, got ${weights.length}`);
  }
  const chosen: number[] = [];
  for (let l = 0; l < count; l++) {
    const weight = weights ? weights[l] : 1;
    if (!(weight >= 0))
      throw new RangeError(`${verb}: expected weights ≥ 0, got ${weight} at ${l}`);
    let sum = 0;
    for (let axis = 0; axis < dimension; axis++) sum += landmarks[dimension * l + axis];
    const missing = vertices ? vertices[l] < 0 : places?.[l] === -1;
    if (weight > 0 && Number.isFinite(sum) && !missing) chosen.push(l);
  }
  if (chosen.length < least) {
    throw new MorphableModelError(
      "too-few-constraints",
      `${verb}: expected at least ${least} landmarks, got ${chosen.length}`,
    );
  }
  const ownOf = chosen.map((l) => places?.[l] ?? l);
  const at = vertices
    ? vertexPoints(
        verb,
        model.indices,
        chosen.map((l) => vertices[l]),
      )
    : selectPoints(all, ownOf);
  return {
    chosen,
    weights: chosen.map((l) => (weights ? weights[l] : 1)),
    ...(!vertices && { own: ownOf }),
    at,
  };
}

/** [68] index among the model's landmarks, −1 for those it has not; absent where it has others. */
function placesOf(model: PcaModel | SkinnedModel, own: number): Int32Array | undefined {
  const places = new Int32Array(68).fill(-1);
  const numbers = model.kind === "pca" ? model.landmarkNumbers : undefined;
  if (numbers) {
    numbers.forEach((number, i) => {
      places[number] = i;
    });
    return places;
  }
  // The 51 without the jaw line are the last.
  return own === 51 ? places.map((_, l) => Math.max(-1, l - 17)) : undefined;
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
