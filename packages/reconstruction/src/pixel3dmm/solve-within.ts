import { choleskyFactor, choleskySolve } from "@headform/core-math";

/** Changes of what is held. */
const ROUNDS = 300;

/**
 * Minimizes `½xᵀHx − gᵀx` subject to `lower ≤ x ≤ upper`, of whose bounds few are met: one factor of H,
 * and for the set A of unknowns held the multipliers μ of `(H⁻¹)_AA·μ = x⁰_A − b_A`, `x = x⁰ − H⁻¹_A·μ`.
 *
 * @param hessian [n×n] symmetric; overwritten by its factor
 * @returns [n], or `undefined` when H is not positive definite
 */
export function solveWithin(
  hessian: Float64Array,
  gradient: Float64Array,
  lower: Float64Array,
  upper: Float64Array,
): Float64Array | undefined {
  const n = gradient.length;
  const factor = choleskyFactor(hessian, n, hessian);
  if (!factor) return undefined;
  const free = choleskySolve(factor, n, gradient);
  const columns = new Map<number, Float64Array>();
  const columnOf = (i: number): Float64Array => {
    const known = columns.get(i);
    if (known) return known;
    const unit = new Float64Array(n);
    unit[i] = 1;
    const column = choleskySolve(factor, n, unit);
    columns.set(i, column);
    return column;
  };
  const held = new Map<number, number>();
  let x = free;
  // Where many bounds work against each other this may go in circles: it ends within them all the
  // same, and the caller's line search sees to the descent.
  for (let round = 0; round < ROUNDS; round++) {
    // 1. Hold what left its bounds the farthest.
    let farthest = -1;
    let excess = 0;
    for (let i = 0; i < n; i++) {
      const outside = held.has(i) ? 0 : Math.max(lower[i] - x[i], x[i] - upper[i]);
      if (outside > excess) [farthest, excess] = [i, outside];
    }
    const changed = farthest >= 0;
    if (changed)
      held.set(farthest, x[farthest] < lower[farthest] ? lower[farthest] : upper[farthest]);
    // 2. When all are within, let go of the one that wants back inside the most.
    const list = [...held.keys()];
    const multipliers = multipliersOf(list, held, free, columnOf);
    if (!multipliers) break;
    if (!changed) {
      let worst = -1;
      let most = 0;
      list.forEach((i, a) => {
        const inwards = held.get(i) === lower[i] ? multipliers[a] : -multipliers[a];
        if (inwards > most) [worst, most] = [i, inwards];
      });
      if (worst < 0) break;
      held.delete(worst);
    }
    x = withHeld(held, free, columnOf) ?? x;
  }
  for (let i = 0; i < n; i++) x[i] = Math.max(lower[i], Math.min(upper[i], x[i]));
  return x;
}

/** μ of (H⁻¹)_AA·μ = x⁰_A − b_A. */
function multipliersOf(
  list: readonly number[],
  held: ReadonlyMap<number, number>,
  free: Float64Array,
  columnOf: (i: number) => Float64Array,
): Float64Array | undefined {
  const m = list.length;
  if (m === 0) return new Float64Array(0);
  const block = new Float64Array(m * m);
  const excess = new Float64Array(m);
  list.forEach((i, a) => {
    excess[a] = free[i] - held.get(i)!;
    list.forEach((j, b) => {
      block[a * m + b] = columnOf(i)[j];
    });
  });
  const factor = choleskyFactor(block, m);
  return factor && choleskySolve(factor, m, excess);
}

/** x⁰ − H⁻¹_A·μ */
function withHeld(
  held: ReadonlyMap<number, number>,
  free: Float64Array,
  columnOf: (i: number) => Float64Array,
): Float64Array | undefined {
  const list = [...held.keys()];
  const multipliers = multipliersOf(list, held, free, columnOf);
  if (!multipliers) return undefined;
  const x = free.slice();
  list.forEach((i, a) => {
    const column = columnOf(i);
    for (let k = 0; k < x.length; k++) x[k] -= multipliers[a] * column[k];
  });
  // Exactly, not to rounding: else it would be held again.
  for (const [i, bound] of held) x[i] = bound;
  return x;
}
