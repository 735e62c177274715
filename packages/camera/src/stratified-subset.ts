import { createRandom } from "@headform/core-math";

/** Cells along each image axis. */
const GRID = 16;

/**
 * Picks correspondences spread over the image and over depth: all are ordered by grid cell, within
 * a cell by depth, and every (N/count)-th is taken. A cell gets its share and no more, so outliers
 * far off do not gain weight.
 *
 * @param pixels [N×2]
 * @param depth [N] of any unit
 * @param count how many to pick
 * @param seed of the first one's random place
 * @returns [min(N, count)] indices, ascending
 */
export function stratifiedSubset(
  pixels: ArrayLike<number>,
  depth: ArrayLike<number>,
  count: number,
  seed: number,
): Uint32Array {
  const total = depth.length;
  if (total <= count) return Uint32Array.from({ length: total }, (_, i) => i);
  const cells = gridCells(pixels, total);
  const order = Uint32Array.from({ length: total }, (_, i) => i);
  // Every second cell runs from far to near, so that neighbors in the order stay neighbors.
  order.sort((i, j) => {
    if (cells[i] !== cells[j]) return cells[i] - cells[j];
    const ahead = cells[i] % 2 === 0 ? depth[i] - depth[j] : depth[j] - depth[i];
    return ahead || i - j;
  });
  const first = createRandom(seed).uniform();
  return Uint32Array.from({ length: count }, (_, k) => {
    return order[Math.floor(((k + first) * total) / count)];
  }).sort();
}

/** [N] cell of each pixel, numbered row by row in alternating direction. */
function gridCells(pixels: ArrayLike<number>, total: number): Uint16Array {
  let [left, top] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  let [right, bottom] = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < total; i++) {
    left = Math.min(left, pixels[2 * i]);
    right = Math.max(right, pixels[2 * i]);
    top = Math.min(top, pixels[2 * i + 1]);
    bottom = Math.max(bottom, pixels[2 * i + 1]);
  }
  const place = (value: number, from: number, to: number): number =>
    Math.min(GRID - 1, Math.floor((GRID * (value - from)) / (to - from || 1)));
  const cells = new Uint16Array(total);
  for (let i = 0; i < total; i++) {
    const row = place(pixels[2 * i + 1], top, bottom);
    const column = place(pixels[2 * i], left, right);
    cells[i] = GRID * row + (row % 2 === 0 ? column : GRID - 1 - column);
  }
  return cells;
}
