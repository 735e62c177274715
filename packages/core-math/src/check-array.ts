/**
 * Refuses an array of another length: throws RangeError `where: expected name of length …, got …`.
 */
export function checkLength(
  where: string,
  name: string,
  array: ArrayLike<number>,
  length: number,
): void {
  if (array.length !== length) {
    throw new RangeError(`${where}: expected ${name} of length ${length}, got ${array.length}`);
  }
}

/** Refuses NaN and infinities: throws RangeError that names the first bad index. */
export function checkFinite(where: string, name: string, array: ArrayLike<number>): void {
  for (let i = 0; i < array.length; i++) {
    if (!Number.isFinite(array[i])) {
      throw new RangeError(`${where}: expected finite ${name}, got ${array[i]} at index ${i}`);
    }
  }
}

/** Refuses anything but a whole number of at least `minimum`. */
export function checkCount(where: string, name: string, value: number, minimum: number): void {
  if (!Number.isSafeInteger(value) || value < minimum) {
    throw new RangeError(`${where}: expected whole ${name} ≥ ${minimum}, got ${value}`);
  }
}
