import { choleskyFactor, choleskySolve } from "@headform/core-math";

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
  // A dozen rounds settle all but adversarial cases; what is still outside is then brought back.
  for (let round = 0; round < 12; round++) {
    let changed = false;
    for (let i = 0; i < n; i++) {
      if (held.has(i) || (x[i] >= lower[i] && x[i] <= upper[i])) continue;
      held.set(i, x[i] < lower[i] ? lower[i] : upper[i]);
      changed = true;
    }
    if (!changed) break;
    const list = [...held.keys()];
    const m = list.length;
    const block = new Float64Array(m * m);
    const excess = new Float64Array(m);
    list.forEach((i, a) => {
      excess[a] = free[i] - held.get(i)!;
      list.forEach((j, b) => {
        block[a * m + b] = columnOf(i)[j];
      });
    });
    const small = choleskyFactor(block, m);
    if (!small) break;
    const multipliers = choleskySolve(small, m, excess);
    x = free.slice();
    list.forEach((i, a) => {
      const column = columnOf(i);
      for (let k = 0; k < n; k++) x[k] -= multipliers[a] * column[k];
    });
    // One that is held at a bound it would leave inwards is let go.
    list.forEach((i, a) => {
      const inwards = held.get(i) === lower[i] ? multipliers[a] > 0 : multipliers[a] < 0;
      if (inwards) held.delete(i);
    });
  }
  for (let i = 0; i < n; i++) x[i] = Math.max(lower[i], Math.min(upper[i], x[i]));
  return x;
}
