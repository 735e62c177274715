import { checkCount, checkLength } from "./check-array.ts";

/**
 * Cholesky factor of a symmetric positive definite matrix: A = L·Lᵀ, L lower triangular.
 *
 * @param a [n×n] row-major; only the lower triangle is read
 * @param n order of the matrix
 * @param out [n×n] memory to reuse; may be `a` itself
 * @returns [n×n] L, zeros above the diagonal; `undefined` when `a` is not positive definite to
 *   working precision (`out` is then meaningless)
 * @throws RangeError when a length does not agree with `n`
 */
export function choleskyFactor(
  a: Float64Array,
  n: number,
  out: Float64Array = new Float64Array(n * n),
): Float64Array | undefined {
  checkCount("choleskyFactor", "n", n, 0);
  checkLength("choleskyFactor", "matrix", a, n * n);
  checkLength("choleskyFactor", "out", out, n * n);
  for (let i = 0; i < n; i++) {
    const row = i * n;
    for (let j = 0; j < i; j++) {
      out[row + j] = (a[row + j] - dotRows(out, row, j * n, j)) / out[j * n + j];
    }
    const pivot = a[row + i] - dotRows(out, row, row, i);
    // A pivot lost in the rounding of its own subtraction is no pivot; NaN ends here too.
    if (!(pivot > 1e-15 * a[row + i])) return undefined;
    out[row + i] = Math.sqrt(pivot);
    out.fill(0, row + i + 1, row + n);
  }
  return out;
}

/**
 * Solves L·Lᵀ·x = b.
 *
 * @param l [n×n] factor from {@link choleskyFactor}
 * @param n order of the matrix
 * @param b [n]
 * @param out [n] memory to reuse; may be `b` itself
 * @returns [n] x
 * @throws RangeError when a length does not agree with `n`
 */
export function choleskySolve(
  l: Float64Array,
  n: number,
  b: ArrayLike<number>,
  out: Float64Array = new Float64Array(n),
): Float64Array {
  checkCount("choleskySolve", "n", n, 0);
  checkLength("choleskySolve", "factor", l, n * n);
  checkLength("choleskySolve", "b", b, n);
  checkLength("choleskySolve", "out", out, n);
  for (let i = 0; i < n; i++) {
    let sum = b[i];
    for (let j = 0; j < i; j++) sum -= l[i * n + j] * out[j];
    out[i] = sum / l[i * n + i];
  }
  // Lᵀ is taken row by row of L, so that memory is read in order.
  for (let i = n - 1; i >= 0; i--) {
    const value = out[i] / l[i * n + i];
    out[i] = value;
    for (let j = 0; j < i; j++) out[j] -= l[i * n + j] * value;
  }
  return out;
}

/** Dot product of the first `length` numbers at `p` and at `q`, in four independent sums. */
function dotRows(m: Float64Array, p: number, q: number, length: number): number {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  let k = 0;
  for (; k + 3 < length; k += 4) {
    s0 += m[p + k] * m[q + k];
    s1 += m[p + k + 1] * m[q + k + 1];
    s2 += m[p + k + 2] * m[q + k + 2];
    s3 += m[p + k + 3] * m[q + k + 3];
  }
  for (; k < length; k++) s0 += m[p + k] * m[q + k];
  return s0 + s1 + (s2 + s3);
}
