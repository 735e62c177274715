import type { Similarity } from "@headform/mesh";

/** The similarity that leads back: y ↦ Rᵀ(y − t)/s. */
export function invertSimilarity({ scale, rotation, translation }: Similarity): Similarity {
  const turned = Float64Array.from(
    { length: 9 },
    (_, i) => rotation[3 * (i % 3) + Math.floor(i / 3)],
  );
  const back = new Float64Array(3);
  for (let j = 0; j < 3; j++) {
    for (let k = 0; k < 3; k++) back[j] -= (turned[3 * j + k] * translation[k]) / scale;
  }
  return { scale: 1 / scale, rotation: turned, translation: back };
}
