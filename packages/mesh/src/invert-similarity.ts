import type { Similarity } from "./similarity.ts";

/**
 * The similarity that leads back: x = Rᵀ·(y − t)/s.
 *
 * @param similarity scale above 0, rotation [9] row-major, translation [3]
 * @throws {RangeError} when the scale is not above 0
 */
export function invertSimilarity({ scale, rotation, translation }: Similarity): Similarity {
  if (!(scale > 0)) throw new RangeError(`invertSimilarity: expected scale > 0, got ${scale}`);
  const inverse = new Float64Array(9);
  const back = new Float64Array(3);
  for (let j = 0; j < 3; j++) {
    for (let k = 0; k < 3; k++) {
      inverse[3 * j + k] = rotation[3 * k + j]!;
      back[j]! -= (rotation[3 * k + j]! * translation[k]!) / scale;
    }
  }
  return { scale: 1 / scale, rotation: inverse, translation: back };
}
