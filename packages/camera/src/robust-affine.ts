import { createRandom } from "@headform/core-math";
import type { AffineCamera } from "./camera.ts";
import { solveAffine } from "./estimate-affine.ts";

/** Random samples tried: of 6 correspondences with 20 % outliers, all 64 are spoiled once in 1e8. */
const TRIALS = 64;
const SAMPLE = 6;
const REWEIGHTINGS = 5;
/** Tukey's constant: 95 % efficiency on normal noise. */
const TUKEY = 4.685;

/**
 * Affine camera that up to nearly half of the correspondences cannot spoil: the sample of least
 * median residual, then least squares reweighted by Tukey's function.
 *
 * @param points [N×3], N ≥ 4
 * @param pixels [N×2]
 * @param weights [N]
 * @param seed of the samples
 * @returns `undefined` when no sample of points is solid
 * @see Rousseeuw, Least median of squares regression, 1984
 */
export function robustAffine(
  points: Float64Array,
  pixels: Float64Array,
  weights: Float64Array,
  seed: number,
): AffineCamera | undefined {
  const count = weights.length;
  const random = createRandom(seed);
  const distances = new Float64Array(count);
  const size = Math.min(SAMPLE, count);
  const samplePoints = new Float64Array(3 * size);
  const samplePixels = new Float64Array(2 * size);
  let camera = solveAffine(points, pixels, weights);
  if (!camera) return undefined;
  let best = medianDistance(distances, camera, points, pixels);
  for (let trial = 0; trial < TRIALS; trial++) {
    for (let k = 0; k < size; k++) {
      const i = random.integer(count);
      for (let c = 0; c < 3; c++) samplePoints[3 * k + c] = points[3 * i + c];
      for (let c = 0; c < 2; c++) samplePixels[2 * k + c] = pixels[2 * i + c];
    }
    const candidate = solveAffine(samplePoints, samplePixels);
    if (!candidate) continue;
    const median = medianDistance(distances, candidate, points, pixels);
    if (median < best) [camera, best] = [candidate, median];
  }
  for (let k = 0; k < REWEIGHTINGS; k++) {
    const scale = TUKEY * sigmaOfMedian(medianDistance(distances, camera, points, pixels));
    if (!(scale > 0)) break;
    affineDistances(distances, camera, points, pixels);
    const tukey = weights.map((w, i) => w * Math.max(0, 1 - (distances[i] / scale) ** 2) ** 2);
    camera = solveAffine(points, pixels, tukey) ?? camera;
  }
  return camera;
}

/** Standard deviation of a coordinate whose two-dimensional distance has this median. */
export function sigmaOfMedian(median: number): number {
  return median / Math.sqrt(2 * Math.LN2);
}

/** Middle value; the order of `values` is lost. */
export function medianOf(values: Float64Array): number {
  values.sort();
  return values[values.length >> 1];
}

function medianDistance(
  scratch: Float64Array,
  camera: AffineCamera,
  points: Float64Array,
  pixels: Float64Array,
): number {
  affineDistances(scratch, camera, points, pixels);
  return medianOf(scratch);
}

function affineDistances(
  out: Float64Array,
  camera: AffineCamera,
  points: Float64Array,
  pixels: Float64Array,
): void {
  const [m00, m01, m02, m03, m10, m11, m12, m13] = camera.matrix;
  for (let i = 0; i < out.length; i++) {
    const x = points[3 * i];
    const y = points[3 * i + 1];
    const z = points[3 * i + 2];
    const du = m00 * x + m01 * y + m02 * z + m03 - pixels[2 * i];
    const dv = m10 * x + m11 * y + m12 * z + m13 - pixels[2 * i + 1];
    out[i] = Math.sqrt(du * du + dv * dv);
  }
}
