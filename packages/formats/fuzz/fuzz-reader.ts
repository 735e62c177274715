import type { Meter } from "./meter.ts";

/** A reader, and where damaged files for it come from. */
export interface FuzzSubject {
  readonly name: string;
  readonly read: (bytes: Uint8Array) => unknown;
  /** Case k. */
  readonly next: (k: number) => Uint8Array;
  /** `tag` of the one error that damage may end in. */
  readonly tag: string;
}

/**
 * Gives a reader damaged files: each must end in a value or in the reader's own error.
 *
 * Prints how many did, the slowest, and how much a case took of arrays at most, beyond the file itself.
 * @returns whether every case ended as it should, within a second and, where it was refused, within twice
 *   the file's size
 */
export async function fuzzReader(
  { name, read, next, tag }: FuzzSubject,
  cases: number,
  meter: Meter,
): Promise<boolean> {
  let refused = 0;
  let crashed = 0;
  let slowest = 0;
  let total = 0;
  // Of files that are refused, and of those that are read and so take what they stand for.
  const largest = { refused: 0, read: 0 };
  for (let k = 0; k < cases; k++) {
    const bytes = next(k);
    meter.reset();
    const start = process.cpuUsage();
    let outcome: keyof typeof largest = "read";
    try {
      await read(bytes);
    } catch (error) {
      outcome = "refused";
      if ((error as { tag?: unknown }).tag === tag) refused++;
      else if (crashed++ === 0) console.error(`${name}, case ${k}:`, error);
    }
    const { user, system } = process.cpuUsage(start);
    total += user + system;
    slowest = Math.max(slowest, user + system);
    const taken = meter.bytes() / Math.max(bytes.length, 65_536);
    largest[outcome] = Math.max(largest[outcome], taken);
  }
  console.log(
    `${name.padEnd(24)} ${cases} cases: ${refused} refused, ` +
      `${cases - refused - crashed} read, ${crashed} crashed; ` +
      `mean ${(total / cases / 1000).toFixed(2)} ms, slowest ${(slowest / 1000).toFixed(0)} ms of processor; ` +
      `arrays at most ${largest.refused.toFixed(1)} × file (or 64 kB) where refused, ` +
      `${largest.read.toFixed(1)} where read`,
  );
  return crashed === 0 && slowest < 1e6 && largest.refused <= 2;
}
