import { barycentricSlopes } from "./barycentric-slopes.ts";
import { loss, lossAt, type Slope } from "./loss.ts";
import { seenPixels } from "./seen-pixels.ts";
import type { SurfacePulls, SurfaceView } from "./surface-energy.ts";
import type { SurfaceObservation, SurfaceTerm } from "./surface-problem.ts";

/**
 * Mean over all pixels and coordinates of |U − u|, u the interpolated texture coordinates.
 *
 * @param elsewhere [H×W] becomes 1 at each pixel that is cut
 */
export function addUvTerm(
  pulls: SurfacePulls,
  view: SurfaceView,
  indices: Uint32Array,
  texture: { readonly uvs: Float32Array; readonly indices: Uint32Array },
  { values, weights }: NonNullable<SurfaceObservation["uv"]>,
  { weight, power, cut }: SurfaceTerm,
  softening: number,
  usual: number,
  elsewhere: Uint8Array,
): number {
  const { screen, fragments } = view;
  const { triangles, barycentrics } = fragments;
  const { byPixel, pixelWeights } = pulls;
  const mean = weight / (2 * triangles.length);
  const lost = 2 * lossAt(cut, power);
  const slopes = new Float64Array(6);
  const one: Slope = { loss: 0, slope: 0, weight: 0 };
  const { pixels, missed } = seenPixels(fragments, weights);
  let sum = missed * lost;
  for (const p of pixels) {
    const share = weights[p];
    const t = 3 * triangles[p];
    barycentricSlopes(slopes, screen, indices, t);
    let ru = -values[2 * p];
    let rv = -values[2 * p + 1];
    let [uu, uv, vu, vv] = [0, 0, 0, 0];
    for (let i = 0; i < 3; i++) {
      const at = 2 * texture.indices[t + i];
      const b = barycentrics[3 * p + i];
      const x = texture.uvs[at];
      const y = texture.uvs[at + 1];
      ru += b * x;
      rv += b * y;
      uu += x * slopes[2 * i];
      uv += x * slopes[2 * i + 1];
      vu += y * slopes[2 * i];
      vv += y * slopes[2 * i + 1];
    }
    if (Math.abs(ru) + Math.abs(rv) >= 2 * cut) {
      elsewhere[p] = 1;
      sum += share * lost;
      continue;
    }
    loss(one, ru, power, softening, usual);
    sum += share * one.loss;
    const gu = mean * share * one.slope;
    const wu = mean * share * one.weight;
    loss(one, rv, power, softening, usual);
    sum += share * one.loss;
    const gv = mean * share * one.slope;
    const wv = mean * share * one.weight;
    const hu = uu * gu + vu * gv;
    const hv = uv * gu + vv * gv;
    const xx = wu * uu * uu + wv * vu * vu;
    const xy = wu * uu * uv + wv * vu * vv;
    const yy = wu * uv * uv + wv * vv * vv;
    for (let i = 0; i < 3; i++) {
      const v = indices[t + i];
      const b = barycentrics[3 * p + i];
      byPixel[2 * v] -= b * hu;
      byPixel[2 * v + 1] -= b * hv;
      pixelWeights[3 * v] += b * xx;
      pixelWeights[3 * v + 1] += b * xy;
      pixelWeights[3 * v + 2] += b * yy;
    }
  }
  return mean * sum;
}
