/**
 * Number of points in [N×3] coordinates.
 *
 * @throws RangeError when the length is no multiple of 3, N < `least`, or a number is not finite
 */
export function checkPoints(
  where: string,
  name: string,
  points: ArrayLike<number>,
  least = 1,
): number {
  const count = points.length / 3;
  if (!Number.isInteger(count) || count < least) {
    throw new RangeError(
      `${where}: expected ${name} [N×3], N ≥ ${least}, got ${points.length} numbers`,
    );
  }
  for (let i = 0; i < points.length; i++) {
    if (!Number.isFinite(points[i])) {
      throw new RangeError(`${where}: expected finite ${name}, got ${points[i]} at index ${i}`);
    }
  }
  return count;
}
