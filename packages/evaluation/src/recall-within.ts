/**
 * The share of distances that are at most `threshold`, 0 to 1: R2.5 for 2.5 mm.
 *
 * @param distances [N] in any unit
 * @param threshold in the same unit
 * @throws RangeError for no distance or a threshold that is not a number of at least 0
 * @see Pixel3DMM, section 4.2
 */
export function recallWithin(distances: ArrayLike<number>, threshold: number): number {
  if (distances.length === 0 || !(threshold >= 0)) {
    throw new RangeError(
      `recallWithin: expected N ≥ 1 distances and a threshold ≥ 0, got ${distances.length} and ${threshold}`,
    );
  }
  let within = 0;
  for (let i = 0; i < distances.length; i++) if (distances[i] <= threshold) within++;
  return within / distances.length;
}
