import type { SurfaceMaps } from "@headform/networks/pixel3dmm";

/** Steps of uv from pixel to pixel that are this many times the usual one are edges. */
const EDGE = 6;

/** The usual difference of uv between neighbors on skin: one pixel, in texture coordinates. */
export function uvPerPixel({ width, mask, uv }: SurfaceMaps): number {
  const steps: number[] = [];
  for (let p = 0; p + width + 1 < mask.length; p += 3) {
    if (mask[p] > 0.5 && mask[p + 1] > 0.5) steps.push(stepBetween(uv, p, p + 1));
    if (mask[p] > 0.5 && mask[p + width] > 0.5) steps.push(stepBetween(uv, p, p + width));
  }
  return steps.sort((a, b) => a - b)[steps.length >> 1] ?? 0;
}

function stepBetween(uv: Float32Array, p: number, q: number): number {
  return Math.max(Math.abs(uv[2 * p] - uv[2 * q]), Math.abs(uv[2 * p + 1] - uv[2 * q + 1]));
}

/**
 * Pixels that can be compared one by one, [H×W] 0 or 1: on skin with all their neighbors, and none of
 * these on another part of the surface. At outlines a pixel more or less would count as much as all
 * that a step gains.
 */
export function reliablePixels(maps: SurfaceMaps): Float32Array {
  const { width, height, mask, uv } = maps;
  const limit = EDGE * uvPerPixel(maps);
  const out = new Float32Array(mask.length);
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      const p = y * width + x;
      let alike = mask[p] > 0.5;
      for (let j = -1; alike && j <= 1; j++) {
        for (let i = -1; alike && i <= 1; i++) {
          const q = p + j * width + i;
          alike = mask[q] > 0.5 && stepBetween(uv, p, q) <= limit;
        }
      }
      out[p] = alike ? 1 : 0;
    }
  }
  return out;
}
