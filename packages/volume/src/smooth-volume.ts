import { checkGrid, type VoxelGrid } from "./voxel-grid.ts";

/**
 * The volume convolved with a Gaussian along each axis; beyond the border the outermost sample goes
 * on.
 *
 * @param grid the volume; bytes become floats of the same value
 * @param sigma standard deviation of the Gaussian in voxels; 0 changes nothing
 * @throws {TypeError} when the data are neither Float32Array nor Uint8Array
 * @throws {RangeError} when the grid's sizes disagree, or sigma is negative or above 100
 */
export function smoothVolume(grid: VoxelGrid, sigma: number): VoxelGrid<Float32Array> {
  checkGrid(grid, "smoothVolume");
  if (!(sigma >= 0 && sigma <= 100)) {
    throw new RangeError(`smoothVolume: expected 0 ≤ sigma ≤ 100 voxels, got ${sigma}`);
  }
  let data = Float32Array.from(grid.data);
  if (sigma > 0) {
    const weights = gaussian(sigma);
    const [width, height, depth] = grid.dims;
    data = convolveRows(data, weights, width);
    data = convolve(data, weights, width, height);
    data = convolve(data, weights, width * height, depth);
  }
  return { ...grid, data };
}

/** One half of the Gaussian with its middle first, cut at 3σ, so that the whole sums to 1. */
function gaussian(sigma: number): Float64Array {
  const half = new Float64Array(Math.ceil(3 * sigma) + 1);
  const weights = half.map((_, i) => Math.exp(-0.5 * (i / sigma) ** 2));
  const sum = weights.reduce((total, weight, i) => total + (i === 0 ? weight : 2 * weight), 0);
  return weights.map((weight) => weight / sum);
}

/** Convolves along x, a row at a time with its ends drawn out. */
function convolveRows(
  data: Float32Array,
  weights: Float64Array,
  width: number,
): Float32Array<ArrayBuffer> {
  const out = new Float32Array(data.length);
  const reach = weights.length - 1;
  const line = new Float64Array(width + 2 * reach);
  for (let first = 0; first < data.length; first += width) {
    line.fill(data[first]!, 0, reach);
    line.set(data.subarray(first, first + width), reach);
    line.fill(data[first + width - 1]!, reach + width);
    for (let x = 0; x < width; x++) {
      let sum = weights[0]! * line[x + reach]!;
      for (let k = 1; k <= reach; k++) {
        sum += weights[k]! * (line[x + reach - k]! + line[x + reach + k]!);
      }
      out[first + x] = sum;
    }
  }
  return out;
}

/** Convolves along y or z, the axis whose neighbors lie `stride` apart; all rows of a step at a time. */
function convolve(
  data: Float32Array,
  weights: Float64Array,
  stride: number,
  size: number,
): Float32Array<ArrayBuffer> {
  const out = new Float32Array(data.length);
  const block = stride * size;
  for (let first = 0; first < data.length; first += block) {
    for (let at = 0; at < size; at++) {
      const to = first + at * stride;
      for (let k = 0; k < weights.length; k++) {
        const weight = weights[k]! * (k === 0 ? 0.5 : 1);
        const before = first + Math.max(0, at - k) * stride;
        const behind = first + Math.min(size - 1, at + k) * stride;
        for (let i = 0; i < stride; i++) {
          out[to + i]! += weight * (data[before + i]! + data[behind + i]!);
        }
      }
    }
  }
  return out;
}
