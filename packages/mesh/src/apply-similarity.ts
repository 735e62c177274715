import type { Similarity } from "./similarity.ts";

/**
 * Points carried by a similarity: y = s·R·x + t.
 *
 * @param similarity scale, rotation [9] row-major, translation [3]
 * @param points [N×3]
 * @returns [N×3]
 * @throws {RangeError} when the points' length is not a multiple of 3
 */
export function applySimilarity(
  { scale, rotation, translation }: Similarity,
  points: ArrayLike<number>,
): Float64Array {
  if (points.length % 3 !== 0) {
    throw new RangeError(`applySimilarity: expected points [N×3], got ${points.length} numbers`);
  }
  const out = new Float64Array(points.length);
  for (let i = 0; i < out.length; i += 3) {
    for (let j = 0; j < 3; j++) {
      out[i + j] =
        translation[j]! +
        scale *
          (rotation[3 * j]! * points[i]! +
            rotation[3 * j + 1]! * points[i + 1]! +
            rotation[3 * j + 2]! * points[i + 2]!);
    }
  }
  return out;
}
