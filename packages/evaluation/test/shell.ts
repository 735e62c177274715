import { readFileSync } from "node:fs";

interface MeshJson {
  readonly positions: number[];
  readonly indices: number[];
  readonly landmarks: number[];
}

/** What `fixtures/make-reference.py` computed by brute force, and the meshes it computed it on. */
export interface Reference {
  readonly scan: MeshJson & {
    readonly normals: number[];
    readonly mask: number[];
    readonly center: number[];
  };
  readonly prediction: MeshJson;
  /** [9] of the frame that predictions come in. */
  readonly turn: number[];
  readonly pixel3dmm: { l1: number; l2: number; normalConsistency: number; recall: number };
  readonly now: { count: number; median: number; mean: number; standardDeviation: number };
  readonly nowMetrical: Reference["now"];
  readonly facescape: {
    size: number;
    shift: number[];
    chamfer: number;
    meanNormalError: number;
    meanNormalAngle: number;
    completeRate: number;
  };
}

export const reference: Reference = JSON.parse(
  readFileSync(new URL("fixtures/reference.json", import.meta.url), "utf8"),
);

/** As the script moves predictions: size · turn · x + offset, rounded to four digits. */
export function elsewhere(
  points: readonly number[],
  size: number,
  offset: readonly number[] = [12, -30, 40],
): Float64Array {
  const { turn } = reference;
  return Float64Array.from(points, (_, i) => {
    const [row, first] = [3 * (i % 3), i - (i % 3)];
    const turned =
      turn[row] * points[first] +
      turn[row + 1] * points[first + 1] +
      turn[row + 2] * points[first + 2];
    return size * turned + offset[i % 3];
  });
}

/** A square of side `side` in the plane z = 0, its corner at the origin, normal +Z. */
export function square(side: number): { positions: Float32Array; indices: Uint32Array } {
  return {
    positions: Float32Array.of(0, 0, 0, side, 0, 0, side, side, 0, 0, side, 0),
    indices: Uint32Array.of(0, 1, 2, 0, 2, 3),
  };
}
