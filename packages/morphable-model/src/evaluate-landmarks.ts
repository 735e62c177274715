import type { Rotation } from "@headform/core-math";
import { contourRow } from "./contour-row.ts";
import { writePoints } from "./evaluate-surface-points.ts";
import type { PcaModel } from "./pca-model.ts";
import type { SkinnedModel } from "./skinned-model.ts";

/** Where the head looks, for the contour that slides over the jaw. */
export interface LandmarkPose {
  /** [≤J×3] axis times angle of each joint, rad, as in the coefficients; at rest unless told. */
  readonly pose?: ArrayLike<number>;
  /** [3×3] rotation applied after the root's, for instance a camera's; identity unless told. */
  readonly headRotation?: Rotation;
}

/** Rows of a contour: one per whole degree of yaw, -39 to 39. */
const CONTOUR_ROWS = 79;

/**
 * The model's landmarks on given vertices: barycentric points of their triangles. A skinned model
 * with a dynamic contour gives that first (17 points in FLAME), then the static ones (51).
 *
 * @param positions [V×3] vertices of a head of this model
 * @param model the morphable model
 * @param pose of the head; it only moves the dynamic contour
 * @param out [L×3] written in place and returned; allocated when absent
 * @returns [L×3] landmarks, in the unit and frame of `positions`; none for a skinned model without
 * @throws RangeError when `positions` has not the model's number of vertices, or for a wrong `out`
 * @see Pix2Face, section 4
 */
export function evaluateLandmarks(
  positions: ArrayLike<number>,
  model: PcaModel | SkinnedModel,
  pose: LandmarkPose = {},
  out?: Float64Array,
): Float64Array {
  const size = model.kind === "skinned" ? model.template.length : model.mean.length;
  if (positions.length !== size) {
    throw new RangeError(`evaluateLandmarks: expected ${size} numbers, got ${positions.length}`);
  }
  const contour = model.kind === "skinned" ? model.landmarks?.dynamicContour : undefined;
  const { triangles, barycentrics } = staticPoints(model);
  const sliding = contour ? contour.triangles.length / CONTOUR_ROWS : 0;
  const count = sliding + triangles.length;
  const points = out ?? new Float64Array(3 * count);
  if (points.length !== 3 * count) {
    throw new RangeError(`evaluateLandmarks: expected out of ${3 * count}, got ${points.length}`);
  }
  if (contour && model.kind === "skinned") {
    const row = contourRow(model, pose.pose ?? [], contour.sign, pose.headRotation);
    writePoints(
      points,
      0,
      positions,
      model.indices,
      contour.triangles,
      contour.barycentrics,
      sliding * row,
      sliding * (row + 1),
    );
  }
  const { indices } = model;
  writePoints(points, sliding, positions, indices, triangles, barycentrics, 0, triangles.length);
  return points;
}

function staticPoints(model: PcaModel | SkinnedModel): {
  readonly triangles: Uint32Array;
  readonly barycentrics: Float32Array;
} {
  if (model.kind === "pca") {
    return { triangles: model.landmarkTriangles, barycentrics: model.landmarkBarycentrics };
  }
  return (
    model.landmarks?.static ?? { triangles: new Uint32Array(0), barycentrics: new Float32Array(0) }
  );
}
