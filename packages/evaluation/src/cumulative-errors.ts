/** A cumulative error distribution: what share of the errors is at most so large. */
export interface CumulativeErrors {
  /** [N] the errors, sorted. */
  readonly errors: Float64Array;
  /** End of the curve. */
  readonly limit: number;
  /** Area under the curve up to `limit`, divided by it: 0 to 1. */
  readonly areaUnderCurve: number;
  /** Share of the errors above `limit`. */
  readonly failureRate: number;
}

/**
 * The cumulative distribution of errors up to a limit, exactly: area under the curve
 * `(1/N)·Σ max(0, 1 − eₙ/limit)`, failure rate `#{eₙ > limit}/N`.
 *
 * @param errors [N] N ≥ 1, at least 0; Infinity for a face that was not found
 * @param limit end of the curve, above 0
 * @throws RangeError for no error, one below 0 or NaN, or a limit that is not above 0
 */
export function cumulativeErrors(errors: ArrayLike<number>, limit: number): CumulativeErrors {
  if (errors.length === 0 || !(limit > 0 && limit < Number.POSITIVE_INFINITY)) {
    throw new RangeError(
      `cumulativeErrors: expected N ≥ 1 errors and a limit above 0, got ${errors.length} and ${limit}`,
    );
  }
  const sorted = Float64Array.from(errors).sort();
  const bad = sorted.findIndex((error) => !(error >= 0));
  if (bad >= 0) {
    throw new RangeError(`cumulativeErrors: expected errors ≥ 0, got ${sorted[bad]}`);
  }
  let [area, failures] = [0, 0];
  for (const error of sorted) {
    area += Math.max(0, 1 - error / limit);
    if (error > limit) failures++;
  }
  return {
    errors: sorted,
    limit,
    areaUnderCurve: area / sorted.length,
    failureRate: failures / sorted.length,
  };
}
