/**
 * Distance of each background pixel to the nearest pixel of anything else, pixels; 0 there. Two exact
 * passes over columns and rows.
 *
 * @param segments [H×W] 0 is background
 * @see Felzenszwalb and Huttenlocher, Distance transforms of sampled functions, 2012
 */
export function distanceToForeground(
  segments: Uint8Array,
  width: number,
  height: number,
): Float32Array {
  const far = width * width + height * height;
  const squared = Float64Array.from(segments, (segment) => (segment === 0 ? far : 0));
  const line = new Float64Array(Math.max(width, height));
  for (let x = 0; x < width; x++) transformLine(squared, line, x, width, height);
  for (let y = 0; y < height; y++) transformLine(squared, line, y * width, 1, width);
  return Float32Array.from(squared, Math.sqrt);
}

/** f(q) ← min over p of f(p) + (q − p)², by the lower envelope of parabolas. */
function transformLine(
  f: Float64Array,
  line: Float64Array,
  start: number,
  stride: number,
  count: number,
): void {
  for (let q = 0; q < count; q++) line[q] = f[start + q * stride];
  const roots = new Int32Array(count);
  const bounds = new Float64Array(count + 1);
  let last = 0;
  bounds[0] = -Infinity;
  bounds[1] = Infinity;
  for (let q = 1; q < count; q++) {
    const meet = (p: number): number => (line[q] + q * q - line[p] - p * p) / (2 * (q - p));
    while (meet(roots[last]) <= bounds[last]) last--;
    bounds[last + 1] = meet(roots[last]);
    last++;
    roots[last] = q;
    bounds[last + 1] = Infinity;
  }
  for (let q = 0, k = 0; q < count; q++) {
    while (bounds[k + 1] < q) k++;
    f[start + q * stride] = line[roots[k]] + (q - roots[k]) ** 2;
  }
}
