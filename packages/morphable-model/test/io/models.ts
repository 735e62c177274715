import { readFileSync } from "node:fs";

/** A file of fixtures/models, which make_models.py writes. */
export function load(name: string): Uint8Array {
  return readFileSync(new URL(`../fixtures/models/${name}`, import.meta.url));
}

/** Several of them, by name. */
export function loadAll(...names: string[]): Map<string, Uint8Array> {
  return new Map(names.map((name) => [name, load(name)]));
}

/** The octahedron of make_models.py. */
export const CORNERS: readonly number[] = [1, 0, 0, -1, 0, 0, 0, 1, 0, 0, -1, 0, 0, 0, 1, 0, 0, -1];
export const TRIANGLES: readonly number[] = [
  0, 2, 4, 2, 1, 4, 1, 3, 4, 3, 0, 4, 2, 0, 5, 1, 2, 5, 3, 1, 5, 0, 3, 5,
];
export const V = 6;

/** Numbers from −0.5 to 0.5, as make_models.py has them. */
export function wave(seed: number, count: number): number[] {
  return Array.from(
    { length: count },
    (_, i) => (((i + 1) * 7919 + seed * 104729) % 65521) / 65521 - 0.5,
  );
}

/** `wave` of shape [rows×columns], as [columns×rows] singles. */
export function waveByColumn(
  seed: number,
  rows: number,
  columns: number,
  scale: number,
): Float32Array {
  const values = wave(seed, rows * columns);
  return Float32Array.from(
    values,
    (_, i) => values[(i % rows) * columns + Math.floor(i / rows)] * scale,
  );
}

/** The largest difference between two lists of one length. */
export function farthest(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  let largest = 0;
  for (let i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs(a[i] - b[i]));
  return largest;
}
