import { type Rotation, yawPitchRollFromRotation } from "@headform/core-math";
import { writePoints } from "./evaluate-surface-points.ts";
import type { PcaModel } from "./pca-model.ts";

/** Points of the jaw's outline, the first of iBUG's landmarks. */
const JAW = 17;

/**
 * The jaw's outline as it is seen when the head has turned: the first 17 landmarks as an annotator of
 * the picture would set them. On the side turned away they slide over the cheek; on the other they stay.
 *
 * @param positions [V×3] vertices of a head of this model
 * @param model a model with `contour`, such as the open head
 * @param headRotation [3×3] model to camera; only its yaw counts
 * @returns [17×3] in the unit and frame of `positions`
 * @throws RangeError for a model without a contour, or another number of positions
 */
export function evaluateContour(
  positions: ArrayLike<number>,
  model: PcaModel,
  headRotation: Rotation,
): Float64Array {
  const { contour, indices } = model;
  if (!contour) {
    throw new RangeError(`evaluateContour: expected a model with a contour, got ${model.name}`);
  }
  if (positions.length !== model.mean.length) {
    throw new RangeError(
      `evaluateContour: expected ${model.mean.length} numbers, got ${positions.length}`,
    );
  }
  const { yaws, triangles, barycentrics } = contour;
  const { yaw } = yawPitchRollFromRotation(headRotation);
  // Between the two rows about the yaw.
  const last = yaws.length - 1;
  const bounded = Math.max(yaws[0], Math.min(yaws[last], yaw));
  let row = 0;
  while (row < last - 1 && yaws[row + 1] <= bounded) row++;
  const share = (bounded - yaws[row]) / (yaws[row + 1] - yaws[row]);
  const pair = new Float64Array(6 * JAW);
  const [from, to] = [JAW * row, JAW * (row + 2)];
  writePoints(pair, 0, positions, indices, triangles, barycentrics, from, to);
  return Float64Array.from(
    { length: 3 * JAW },
    (_, i) => (1 - share) * pair[i] + share * pair[i + 3 * JAW],
  );
}
