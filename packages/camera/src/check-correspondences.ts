/**
 * Refuses correspondences that do not fit together: points [N×3], pixels [N×2], weights [N], all
 * finite, weights ≥ 0, and at least `minimum` of them.
 *
 * @returns N
 */
export function checkCorrespondences(
  where: string,
  minimum: number,
  points: ArrayLike<number>,
  pixels: ArrayLike<number>,
  weights?: ArrayLike<number>,
): number {
  const count = checkPoints(where, points);
  if (pixels.length !== 2 * count) {
    throw new RangeError(
      `${where}: expected pixels of length ${2 * count} for ${count} points, got ${pixels.length}`,
    );
  }
  checkFinite(where, "pixels", pixels);
  if (count < minimum) {
    throw new RangeError(`${where}: expected N ≥ ${minimum} points, got ${count}`);
  }
  if (!weights) return count;
  if (weights.length !== count) {
    throw new RangeError(`${where}: expected weights of length ${count}, got ${weights.length}`);
  }
  checkFinite(where, "weights", weights);
  let used = 0;
  for (let i = 0; i < count; i++) {
    if (weights[i] < 0) {
      throw new RangeError(`${where}: expected weights ≥ 0, got ${weights[i]} at index ${i}`);
    }
    if (weights[i] > 0) used++;
  }
  if (used < minimum) {
    throw new RangeError(`${where}: expected ${minimum} or more weights > 0, got ${used}`);
  }
  return count;
}

/** Refuses points that are not [N×3] finite numbers; returns N. */
export function checkPoints(where: string, points: ArrayLike<number>): number {
  if (points.length % 3 !== 0) {
    throw new RangeError(
      `${where}: expected points of a length divisible by 3, got ${points.length}`,
    );
  }
  checkFinite(where, "points", points);
  return points.length / 3;
}

/** Refuses an option that is not a finite number > 0. */
export function checkPositive(where: string, name: string, value: number): void {
  if (!(value > 0 && value < Number.POSITIVE_INFINITY)) {
    throw new RangeError(`${where}: expected ${name} > 0, got ${value}`);
  }
}

function checkFinite(where: string, name: string, array: ArrayLike<number>): void {
  for (let i = 0; i < array.length; i++) {
    if (!Number.isFinite(array[i])) {
      throw new RangeError(`${where}: expected finite ${name}, got ${array[i]} at index ${i}`);
    }
  }
}
