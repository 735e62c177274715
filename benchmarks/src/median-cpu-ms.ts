/**
 * Median processor time of `work`, milliseconds, after one run that warms the compiler up: that of all
 * threads, so also collecting garbage counts, and what else runs on the machine counts little.
 *
 * @param repeats how often it is timed
 * @param work what is timed
 */
export function medianCpuMs(repeats: number, work: () => void): number {
  work();
  const times = Array.from({ length: repeats }, () => {
    const start = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(start);
    return (user + system) / 1000;
  });
  return times.sort((a, b) => a - b)[repeats >> 1];
}
