import { choleskyFactor, choleskySolve } from "@headform/core-math";

/**
 * Minimizes `½xᵀHx − gᵀx` subject to `lower ≤ x ≤ upper` by an active set: solve for the free
 * unknowns, hold those that leave their bounds, let go those whose gradient points back inside.
 *
 * @param hessian [n×n] symmetric positive definite
 * @param gradient [n] right-hand side
 * @returns [n] the minimizer, or `undefined` when H is not positive definite
 */
export function solveBounded(
  hessian: Float64Array,
  gradient: Float64Array,
  lower: Float64Array,
  upper: Float64Array,
): Float64Array | undefined {
  const n = gradient.length;
  const x = new Float64Array(n);
  const held = new Int8Array(n);
  // A dozen rounds settle all but adversarial cases; each round's x is feasible after clamping.
  for (let round = 0; round < 12; round++) {
    // 1. The free unknowns, with the held ones moved to the right-hand side.
    const free: number[] = [];
    for (let i = 0; i < n; i++) if (held[i] === 0) free.push(i);
    const m = free.length;
    const block = new Float64Array(m * m);
    const rhs = new Float64Array(m);
    for (let a = 0; a < m; a++) {
      const row = free[a] * n;
      rhs[a] = gradient[free[a]];
      for (let i = 0; i < n; i++) if (held[i] !== 0) rhs[a] -= hessian[row + i] * x[i];
      for (let b = 0; b < m; b++) block[a * m + b] = hessian[row + free[b]];
    }
    const factor = choleskyFactor(block, m);
    if (!factor) return undefined;
    const solution = choleskySolve(factor, m, rhs);
    // 2. Hold what left its bounds.
    let changed = false;
    for (let a = 0; a < m; a++) {
      const i = free[a];
      x[i] = solution[a];
      if (x[i] < lower[i]) {
        x[i] = lower[i];
        held[i] = -1;
        changed = true;
      } else if (x[i] > upper[i]) {
        x[i] = upper[i];
        held[i] = 1;
        changed = true;
      }
    }
    if (changed) continue;
    // 3. Let go of what wants back.
    for (let i = 0; i < n; i++) {
      if (held[i] === 0) continue;
      let slope = -gradient[i];
      for (let j = 0; j < n; j++) slope += hessian[i * n + j] * x[j];
      if (held[i] * slope > 0) {
        held[i] = 0;
        changed = true;
      }
    }
    if (!changed) break;
  }
  return x;
}
