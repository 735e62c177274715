import type { Surface } from "./surface.ts";

/** Rows and columns of the depth maps. */
const SIZE = 256;

/**
 * How far, along +Z, a prediction must be moved to lie in depth where the truth does: the median
 * difference of their depth maps, which minimizes the sum of absolute differences. Depth is +Z and
 * the viewer is far away.
 *
 * @throws RangeError when the two do not overlap as seen along Z
 */
export function depthOffset(predicted: Surface, truth: Surface): number {
  const bounds = [Infinity, Infinity, -Infinity, -Infinity];
  for (let i = 0; i < truth.positions.length; i += 3) {
    for (let axis = 0; axis < 2; axis++) {
      bounds[axis] = Math.min(bounds[axis], truth.positions[i + axis]);
      bounds[2 + axis] = Math.max(bounds[2 + axis], truth.positions[i + axis]);
    }
  }
  const side = Math.max(bounds[2] - bounds[0], bounds[3] - bounds[1]) / SIZE;
  const own = depthMap(predicted, bounds[0], bounds[1], side);
  const wanted = depthMap(truth, bounds[0], bounds[1], side);
  const differences = wanted.map((z, i) => z - own[i]).filter(Number.isFinite);
  if (differences.length === 0) {
    throw new RangeError(
      "measureFaceScape: expected a prediction in the frame of the truth, got one beside it",
    );
  }
  differences.sort();
  const middle = differences.length;
  return (differences[(middle - 1) >> 1] + differences[middle >> 1]) / 2;
}

/** [SIZE×SIZE] greatest z at the middle of each cell, −∞ where there is nothing. */
function depthMap(
  { positions, indices }: Surface,
  left: number,
  bottom: number,
  side: number,
): Float64Array {
  const depth = new Float64Array(SIZE * SIZE).fill(-Infinity);
  const clamp = (value: number): number => Math.max(0, Math.min(SIZE - 1, value));
  for (let t = 0; t < indices.length; t += 3) {
    const [a, b, c] = [3 * indices[t], 3 * indices[t + 1], 3 * indices[t + 2]];
    const xs = [a, b, c].map((at) => (positions[at] - left) / side - 0.5);
    const ys = [a, b, c].map((at) => (positions[at + 1] - bottom) / side - 0.5);
    const area = (xs[1] - xs[0]) * (ys[2] - ys[0]) - (xs[2] - xs[0]) * (ys[1] - ys[0]);
    if (area === 0) continue;
    for (let y = clamp(Math.ceil(Math.min(...ys))); y <= clamp(Math.floor(Math.max(...ys))); y++) {
      for (
        let x = clamp(Math.ceil(Math.min(...xs)));
        x <= clamp(Math.floor(Math.max(...xs)));
        x++
      ) {
        const v = ((x - xs[0]) * (ys[2] - ys[0]) - (xs[2] - xs[0]) * (y - ys[0])) / area;
        const w = ((xs[1] - xs[0]) * (y - ys[0]) - (x - xs[0]) * (ys[1] - ys[0])) / area;
        if (v < 0 || w < 0 || v + w > 1) continue;
        const z = positions[a + 2] * (1 - v - w) + positions[b + 2] * v + positions[c + 2] * w;
        depth[SIZE * y + x] = Math.max(depth[SIZE * y + x], z);
      }
    }
  }
  return depth;
}
