import type { Similarity } from "@headform/mesh";

/** scale · rotation · x + translation for each point [N×3]. */
export function applySimilarity(
  { scale, rotation, translation }: Similarity,
  points: ArrayLike<number>,
): Float64Array {
  const out = new Float64Array(points.length);
  for (let i = 0; i < out.length; i += 3) {
    for (let j = 0; j < 3; j++) {
      out[i + j] =
        translation[j] +
        scale *
          (rotation[3 * j] * points[i] +
            rotation[3 * j + 1] * points[i + 1] +
            rotation[3 * j + 2] * points[i + 2]);
    }
  }
  return out;
}

/** The similarity that undoes another: x = Rᵀ·(y − t)/s. */
export function invertSimilarity({ scale, rotation, translation }: Similarity): Similarity {
  const inverse = new Float64Array(9);
  const back = new Float64Array(3);
  for (let j = 0; j < 3; j++) {
    for (let k = 0; k < 3; k++) {
      inverse[3 * j + k] = rotation[3 * k + j];
      back[j] -= (rotation[3 * k + j] * translation[k]) / scale;
    }
  }
  return { scale: 1 / scale, rotation: inverse, translation: back };
}
