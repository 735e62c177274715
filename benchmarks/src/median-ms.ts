/**
 * Median time of `work`, milliseconds, after one run that warms the compiler up.
 *
 * @param repeats how often it is timed
 * @param work what is timed
 */
export function medianMs(repeats: number, work: () => void): number {
  work();
  const times = Array.from({ length: repeats }, () => {
    const start = performance.now();
    work();
    return performance.now() - start;
  });
  return times.sort((a, b) => a - b)[repeats >> 1];
}
