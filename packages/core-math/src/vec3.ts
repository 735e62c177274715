/**
 * Vectors of three numbers. Every function that makes a vector writes it to `out`, its first
 * argument, and returns it; `out` may be one of the inputs. Kernels: nothing is checked.
 */

/** A vector that can be written: an array, or a typed array, of at least three numbers. */
export type MutableVec3 = { [index: number]: number; readonly length: number };

/** out = a + b. */
export function add<T extends MutableVec3>(out: T, a: ArrayLike<number>, b: ArrayLike<number>): T {
  out[0] = a[0] + b[0];
  out[1] = a[1] + b[1];
  out[2] = a[2] + b[2];
  return out;
}

/** out = a − b. */
export function subtract<T extends MutableVec3>(
  out: T,
  a: ArrayLike<number>,
  b: ArrayLike<number>,
): T {
  out[0] = a[0] - b[0];
  out[1] = a[1] - b[1];
  out[2] = a[2] - b[2];
  return out;
}

/** out = s·a. */
export function scale<T extends MutableVec3>(out: T, a: ArrayLike<number>, s: number): T {
  out[0] = s * a[0];
  out[1] = s * a[1];
  out[2] = s * a[2];
  return out;
}

/** a · b. */
export function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

/** out = a × b. */
export function cross<T extends MutableVec3>(
  out: T,
  a: ArrayLike<number>,
  b: ArrayLike<number>,
): T {
  const x = a[1] * b[2] - a[2] * b[1];
  const y = a[2] * b[0] - a[0] * b[2];
  const z = a[0] * b[1] - a[1] * b[0];
  out[0] = x;
  out[1] = y;
  out[2] = z;
  return out;
}

/** |a|. */
export function length(a: ArrayLike<number>): number {
  return Math.sqrt(dot(a, a));
}

/** |a − b|. */
export function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}

/** out = a / |a|; the zero vector stays zero. */
export function normalize<T extends MutableVec3>(out: T, a: ArrayLike<number>): T {
  const norm = length(a);
  return scale(out, a, norm > 0 ? 1 / norm : 0);
}

/** out = M·a for a row-major 3×3 matrix `m` [9]. */
export function transform<T extends MutableVec3>(
  out: T,
  m: ArrayLike<number>,
  a: ArrayLike<number>,
): T {
  const x = m[0] * a[0] + m[1] * a[1] + m[2] * a[2];
  const y = m[3] * a[0] + m[4] * a[1] + m[5] * a[2];
  const z = m[6] * a[0] + m[7] * a[1] + m[8] * a[2];
  out[0] = x;
  out[1] = y;
  out[2] = z;
  return out;
}
