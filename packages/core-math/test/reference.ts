import { readFileSync } from "node:fs";

interface Reference {
  rotations: { axisAngle: number[]; quaternion: number[]; matrix: number[] }[];
  euler: { order: "XYZ"; angles: number[]; matrix: number[] }[];
  nearestRotation: { matrix: number[]; rotation: number[] }[];
  leastSquares: { rows: number; cols: number } & Record<
    "matrix" | "rhs" | "tikhonov" | "plain" | "weighted" | "normal" | "cholesky" | "under",
    number[]
  >;
  decay: {
    x: number[];
    y: number[];
    losses: Record<"squared" | "huber" | "cauchy", { solution: number[]; cost: number }>;
  };
  nearest: { points: number[]; queries: number[]; indices: number[]; squaredDistances: number[] };
}

/** Answers of NumPy and SciPy, written by fixtures/make.py. */
export const reference = JSON.parse(
  readFileSync(new URL("./fixtures/reference.json", import.meta.url), "utf8"),
) as Reference;

/** Largest difference between two arrays. */
export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  let largest = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs(a[i] - b[i]);
    if (!(difference <= largest)) largest = difference;
  }
  return largest;
}
