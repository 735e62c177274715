import type { DenseMaps } from "./dense-maps.ts";

/**
 * The maps of the mirrored picture: columns reversed, x of positions and offsets negated
 * (the mean face is symmetric about x = 0).
 */
export function mirrorMaps(maps: DenseMaps): DenseMaps {
  const { width, height, expectedError } = maps;
  return {
    ...maps,
    pncc: mirrorVectors(maps.pncc, width, height),
    offset: mirrorVectors(maps.offset, width, height),
    visible: mirrorNumbers(maps.visible, width, height),
    face: mirrorNumbers(maps.face, width, height),
    ...(expectedError && { expectedError: mirrorNumbers(expectedError, width, height) }),
  };
}

function mirrorVectors(values: Float32Array, width: number, height: number): Float32Array {
  const out = new Float32Array(values.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = 3 * (y * width + x);
      const to = 3 * (y * width + width - 1 - x);
      out[to] = -values[from]!;
      out[to + 1] = values[from + 1]!;
      out[to + 2] = values[from + 2]!;
    }
  }
  return out;
}

function mirrorNumbers(values: Float32Array, width: number, height: number): Float32Array {
  const out = values.slice();
  for (let y = 0; y < height; y++) out.subarray(y * width, (y + 1) * width).reverse();
  return out;
}
