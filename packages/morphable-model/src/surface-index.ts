import { createNearestIndex } from "@headform/core-math";
import type { PcaModel } from "./pca-model.ts";

/** What finds points of the mean head quickly; made once per model. */
export interface SurfaceIndex {
  readonly model: PcaModel;
  /** Nearest-neighbor index over the searched vertices of the mean. */
  readonly nearest: ReturnType<typeof createNearestIndex>;
  /** [n] searched vertices, in the index's order. */
  readonly searched: Uint32Array;
  /** [V+1] start of each vertex' triangles in `triangles`. */
  readonly starts: Uint32Array;
  readonly triangles: Uint32Array;
  /** [V] weight of a point found at this vertex. */
  readonly vertexWeights: Float64Array;
}

/** Weights by region name: what a dense network sees surely counts most, hair-covered parts least. */
export const REGION_WEIGHTS: Readonly<Record<string, number>> = {
  faceSkin: 1,
  lips: 1,
  eyelids: 1,
  ears: 0.5,
  scalp: 0.35,
  neck: 0.3,
  leftEyeball: 0,
  rightEyeball: 0,
  mouthInterior: 0,
  teeth: 0,
  tongue: 0,
};

/**
 * Prepares the mean head for localization.
 *
 * @param model the morphable model
 * @param regionWeights weight per region name, 0 leaves a region out; an unnamed region weighs 1
 * @throws RangeError when no vertex is left
 */
export function createSurfaceIndex(
  model: PcaModel,
  regionWeights: Readonly<Record<string, number>> = REGION_WEIGHTS,
): SurfaceIndex {
  const vertexCount = model.mean.length / 3;
  const vertexWeights = new Float64Array(vertexCount).fill(1);
  if (model.regions && model.regionNames) {
    for (let v = 0; v < vertexCount; v++) {
      vertexWeights[v] = regionWeights[model.regionNames[model.regions[v]]] ?? 1;
    }
  }
  // 1. The vertices that take part.
  const searched = new Uint32Array(vertexCount);
  let count = 0;
  for (let v = 0; v < vertexCount; v++) if (vertexWeights[v] > 0) searched[count++] = v;
  if (count === 0) {
    throw new RangeError("createSurfaceIndex: expected a region with weight above 0, got none");
  }
  const points = new Float64Array(count * 3);
  for (let i = 0; i < count; i++) {
    for (let axis = 0; axis < 3; axis++) points[3 * i + axis] = model.mean[3 * searched[i] + axis];
  }
  // 2. The triangles around each vertex, as one list with starts.
  const starts = new Uint32Array(vertexCount + 1);
  for (const vertex of model.indices) starts[vertex + 1]++;
  for (let v = 0; v < vertexCount; v++) starts[v + 1] += starts[v];
  const next = starts.slice(0, vertexCount);
  const triangles = new Uint32Array(model.indices.length);
  for (let i = 0; i < model.indices.length; i++) {
    triangles[next[model.indices[i]]++] = Math.floor(i / 3);
  }
  return {
    model,
    nearest: createNearestIndex(points, 3),
    searched: searched.slice(0, count),
    starts,
    triangles,
    vertexWeights,
  };
}
