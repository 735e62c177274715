import type { TriangleIndex } from "./triangle-index.ts";

/**
 * The tree of a mesh that has moved: the same halves, other boxes, O(F). Answers stay exact; queries
 * take longer the more the triangles have changed places.
 *
 * @param index from {@link createTriangleIndex}, which stays as it is
 * @param positions [V×3] of the same vertices
 * @throws {RangeError} for another number of positions, or when a triangle's are not finite
 */
export function refitTriangleIndex(
  index: TriangleIndex,
  positions: ArrayLike<number>,
): TriangleIndex {
  const { indices, order, nodes } = index;
  if (positions.length !== index.positions.length) {
    throw new RangeError(
      `refitTriangleIndex: expected ${index.positions.length} numbers, got ${positions.length}`,
    );
  }
  const boxes = new Float64Array(index.boxes.length);
  // Children come behind their parents.
  for (let node = nodes.length / 2 - 1; node >= 0; node--) {
    const first = nodes[2 * node]!;
    const size = nodes[2 * node + 1]!;
    for (let axis = 0; axis < 3; axis++) {
      let low = Number.POSITIVE_INFINITY;
      let high = Number.NEGATIVE_INFINITY;
      for (let i = first; i < first + size; i++) {
        for (let corner = 0; corner < 3; corner++) {
          const value = positions[3 * indices[3 * order[i]! + corner]! + axis]!;
          if (!Number.isFinite(value)) {
            throw new RangeError(
              `refitTriangleIndex: expected finite positions, got one that is not in triangle ${order[i]}`,
            );
          }
          if (value < low) low = value;
          if (value > high) high = value;
        }
      }
      if (size === 0) {
        const child = 6 * first + axis;
        low = Math.min(boxes[child]!, boxes[child + 6]!);
        high = Math.max(boxes[child + 3]!, boxes[child + 9]!);
      }
      boxes[6 * node + axis] = low;
      boxes[6 * node + 3 + axis] = high;
    }
  }
  return { positions, indices, order, boxes, nodes };
}
