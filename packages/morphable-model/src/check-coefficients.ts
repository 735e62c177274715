/**
 * Refuses a list of more coefficients than the model has, or with one that is not finite.
 *
 * @throws RangeError `where: expected …, got …`
 */
export function checkCoefficients(
  where: string,
  name: string,
  list: ArrayLike<number>,
  size: number,
): void {
  if (list.length > size) {
    throw new RangeError(
      `${where}: expected at most ${size} ${name} coefficients, got ${list.length}`,
    );
  }
  for (let k = 0; k < list.length; k++) {
    if (!Number.isFinite(list[k])) {
      throw new RangeError(
        `${where}: expected finite ${name} coefficients, got ${list[k]} at ${k}`,
      );
    }
  }
}
