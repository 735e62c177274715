/** Statistics of errors, in their unit. */
export interface ErrorSummary {
  readonly count: number;
  readonly mean: number;
  readonly median: number;
  /** Of the errors as they are: divided by their number, not one less. */
  readonly standardDeviation: number;
  readonly maximum: number;
}

/**
 * Mean, median, standard deviation and maximum of errors.
 *
 * @param errors [N] N ≥ 1; for NoW those of all scans together
 * @throws RangeError for no error or one that is not finite
 */
export function summarizeErrors(errors: ArrayLike<number>): ErrorSummary {
  const sorted = Float64Array.from(errors).sort();
  const count = sorted.length;
  if (count === 0) throw new RangeError("summarizeErrors: expected N ≥ 1 errors, got 0");
  let sum = 0;
  for (let i = 0; i < count; i++) {
    if (!Number.isFinite(errors[i])) {
      throw new RangeError(`summarizeErrors: expected finite errors, got ${errors[i]} at ${i}`);
    }
    sum += errors[i];
  }
  const mean = sum / count;
  let squares = 0;
  for (const error of sorted) squares += (error - mean) ** 2;
  return {
    count,
    mean,
    median: (sorted[(count - 1) >> 1] + sorted[count >> 1]) / 2,
    standardDeviation: Math.sqrt(squares / count),
    maximum: sorted[count - 1],
  };
}
