import type { Fragments } from "@headform/raster";

/** Pixels that can be compared: they count, and the head is seen there. */
export interface SeenPixels {
  readonly pixels: Uint32Array;
  /** Sum of the weights of the others that count. */
  readonly missed: number;
}

/**
 * Finds the pixels that weigh anything and show the head.
 *
 * @param weights [H×W]
 * @param elsewhere [H×W] 1 where the head shows another place of its surface than the picture
 */
export function seenPixels(
  { triangles }: Fragments,
  weights: Float32Array,
  elsewhere?: Uint8Array,
): SeenPixels {
  const pixels = new Uint32Array(triangles.length);
  let count = 0;
  let missed = 0;
  for (let p = 0; p < triangles.length; p++) {
    if (weights[p] === 0) continue;
    if (triangles[p] < 0 || elsewhere?.[p] === 1) missed += weights[p];
    else pixels[count++] = p;
  }
  return { pixels: pixels.subarray(0, count), missed };
}
