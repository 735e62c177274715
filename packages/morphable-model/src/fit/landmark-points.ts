import type { Rotation } from "@headform/core-math";
import { contourRow } from "../contour-row.ts";
import type { PcaModel } from "../pca-model.ts";
import type { SkinnedModel, SurfacePoints } from "../skinned-model.ts";

/** Rows of a contour: one per whole degree of yaw, -39 to 39. */
const CONTOUR_ROWS = 79;

/**
 * Where a model's landmarks lie on its surface, a sliding contour at the row of the pose: the points
 * that `evaluateLandmarks` gives.
 */
export function landmarkPoints(
  model: PcaModel | SkinnedModel,
  pose: ArrayLike<number> = [],
  headRotation?: Rotation,
): SurfacePoints {
  if (model.kind === "pca") {
    return { triangles: model.landmarkTriangles, barycentrics: model.landmarkBarycentrics };
  }
  const fixed = model.landmarks?.static ?? {
    triangles: new Uint32Array(0),
    barycentrics: new Float32Array(0),
  };
  const contour = model.landmarks?.dynamicContour;
  if (!contour) return fixed;
  const sliding = contour.triangles.length / CONTOUR_ROWS;
  const from = sliding * contourRow(model, pose, contour.sign, headRotation);
  const triangles = new Uint32Array(sliding + fixed.triangles.length);
  triangles.set(contour.triangles.subarray(from, from + sliding));
  triangles.set(fixed.triangles, sliding);
  const barycentrics = new Float32Array(3 * triangles.length);
  barycentrics.set(contour.barycentrics.subarray(3 * from, 3 * (from + sliding)));
  barycentrics.set(fixed.barycentrics, 3 * sliding);
  return { triangles, barycentrics };
}

/**
 * Vertices as points on triangles: a corner of the first triangle each belongs to.
 *
 * @throws RangeError for a vertex that no triangle of the mesh has
 */
export function vertexPoints(
  verb: string,
  indices: Uint32Array,
  vertices: ArrayLike<number>,
): SurfacePoints {
  const corners = new Map<number, number>();
  for (let i = 0; i < indices.length; i++) {
    if (!corners.has(indices[i])) corners.set(indices[i], i);
  }
  const triangles = new Uint32Array(vertices.length);
  const barycentrics = new Float32Array(3 * vertices.length);
  for (let l = 0; l < vertices.length; l++) {
    const corner = corners.get(vertices[l]);
    if (corner === undefined) {
      throw new RangeError(
        `${verb}: expected vertices of the mesh's triangles, got ${vertices[l]}`,
      );
    }
    triangles[l] = Math.floor(corner / 3);
    barycentrics[3 * l + (corner % 3)] = 1;
  }
  return { triangles, barycentrics };
}

/** The chosen ones of some points. */
export function selectPoints(
  { triangles, barycentrics }: SurfacePoints,
  chosen: readonly number[],
): SurfacePoints {
  return {
    triangles: Uint32Array.from(chosen, (i) => triangles[i]),
    barycentrics: Float32Array.from(
      { length: 3 * chosen.length },
      (_, i) => barycentrics[3 * chosen[Math.floor(i / 3)] + (i % 3)],
    ),
  };
}
