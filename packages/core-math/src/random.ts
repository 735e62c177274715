import { checkCount, checkFinite } from "./check-array.ts";

/** A stream of pseudo-random numbers; the same seed gives the same stream on every machine. */
export interface Random {
  /** The next number of [0, 1). */
  uniform(): number;
  /** The next number of the standard normal distribution. */
  normal(): number;
  /** The next whole number of [0, n). */
  integer(n: number): number;
}

/**
 * A seeded random stream (32-bit state, mulberry32): for sampling, not for secrets.
 *
 * @param seed any finite number; its 32 lowest bits are used
 * @throws RangeError when `seed` is not finite; `integer(n)` throws one when n is not a whole
 *   number ≥ 1
 */
export function createRandom(seed: number): Random {
  checkFinite("createRandom", "seed", [seed]);
  let state = seed >>> 0;
  const uniform = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 15), z | 1);
    z ^= z + Math.imul(z ^ (z >>> 7), z | 61);
    return ((z ^ (z >>> 14)) >>> 0) / 4294967296;
  };
  return {
    uniform,
    // Box–Muller; 1 − u keeps the logarithm away from zero.
    normal: () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
    integer: (n) => {
      checkCount("integer", "n", n, 1);
      return Math.floor(uniform() * n);
    },
  };
}
