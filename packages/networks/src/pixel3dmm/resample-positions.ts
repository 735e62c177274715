/** The free number of the cubic kernel: PyTorch's antialiased resampling has −0.5, its other −0.75. */
const A = -0.5;

/**
 * Learned positions of a grid of patches for a grid of another size, as PyTorch resamples antialiased:
 * a cubic kernel, widened where the grid gets smaller, weights that add up to one at the borders, pixel
 * centers at half-integers.
 *
 * @param values [from×from×C]
 * @returns [to×to×C]
 */
export function resamplePositions(
  values: Float32Array,
  from: number,
  to: number,
  channels: number,
): Float32Array {
  if (from === to) return values;
  const weights = kernelWeights(from, to);
  // Rows and columns one after the other.
  const wide = new Float64Array(from * to * channels);
  for (let y = 0; y < from; y++) {
    for (let x = 0; x < to; x++) {
      const out = (y * to + x) * channels;
      for (const [source, weight] of weights[x]!) {
        const at = (y * from + source) * channels;
        for (let c = 0; c < channels; c++) wide[out + c]! += weight * values[at + c]!;
      }
    }
  }
  const result = new Float64Array(to * to * channels);
  for (let y = 0; y < to; y++) {
    for (const [source, weight] of weights[y]!) {
      const [out, at] = [y * to * channels, source * to * channels];
      for (let i = 0; i < to * channels; i++) result[out + i]! += weight * wide[at + i]!;
    }
  }
  return Float32Array.from(result);
}

/** For each of `to` places the places of `from` it takes from, with weights. */
function kernelWeights(from: number, to: number): (readonly [number, number])[][] {
  const scale = from / to;
  const stretch = Math.max(1, scale);
  return Array.from({ length: to }, (_, i) => {
    const center = (i + 0.5) * scale;
    const start = Math.max(0, Math.floor(center - 2 * stretch + 0.5));
    const end = Math.min(from, Math.floor(center + 2 * stretch + 0.5));
    const list: [number, number][] = [];
    for (let k = start; k < end; k++) list.push([k, cubic((k + 0.5 - center) / stretch)]);
    const sum = list.reduce((total, [, weight]) => total + weight, 0);
    return list.map(([k, weight]) => [k, weight / sum] as const);
  });
}

/** Keys' cubic convolution kernel. */
function cubic(x: number): number {
  const t = Math.abs(x);
  if (t < 1) return ((A + 2) * t - (A + 3)) * t * t + 1;
  return t < 2 ? ((A * t - 5 * A) * t + 8 * A) * t - 4 * A : 0;
}
