import { barycentricSlopes } from "./barycentric-slopes.ts";
import { loss, lossAt, type Slope } from "./loss.ts";
import { seenPixels } from "./seen-pixels.ts";
import type { SurfacePulls, SurfaceView } from "./surface-energy.ts";
import type { SurfaceObservation, SurfaceTerm } from "./surface-problem.ts";

/**
 * Mean over all pixels and coordinates of |N − n|, n the interpolated vertex normals made unit. The
 * surface slides under a pixel as its vertices move: with the slopes ∇b of the barycentrics,
 * `dn = P/|m|·Σ (bᵢ·dnᵢ − nᵢ·∇bᵢ·Σ bⱼ·duⱼ)`.
 *
 * @param elsewhere [H×W] 1 where the head shows another place of its surface, whose normal says nothing
 */
export function addNormalTerm(
  pulls: SurfacePulls,
  view: SurfaceView,
  indices: Uint32Array,
  { values, weights }: NonNullable<SurfaceObservation["normals"]>,
  { weight, power, cut }: SurfaceTerm,
  softening: number,
  usual: number,
  elsewhere?: Uint8Array,
): number {
  const { normals, screen, fragments } = view;
  const { triangles, barycentrics } = fragments;
  const { byPixel, byNormal, normalWeights, normalSlopes } = pulls;
  const mean = weight / (3 * triangles.length);
  const lost = 3 * lossAt(cut, power);
  const slopes = new Float64Array(6);
  const m = new Float64Array(3);
  const n = new Float64Array(3);
  const g = new Float64Array(3);
  const h = new Float64Array(3);
  const w = new Float64Array(3);
  const one: Slope = { loss: 0, slope: 0, weight: 0 };
  const { pixels, missed } = seenPixels(fragments, weights, elsewhere);
  let sum = missed * lost;
  for (const p of pixels) {
    const share = weights[p];
    const t = 3 * triangles[p];
    // 1. The picture's normal, and its residual.
    m.fill(0);
    for (let i = 0; i < 3; i++) {
      const b = barycentrics[3 * p + i];
      const v = 3 * indices[t + i];
      m[0] += b * normals[v];
      m[1] += b * normals[v + 1];
      m[2] += b * normals[v + 2];
    }
    const length = Math.sqrt(m[0] * m[0] + m[1] * m[1] + m[2] * m[2]);
    let size = 0;
    for (let axis = 0; axis < 3; axis++) {
      n[axis] = length > 0 ? m[axis] / length : 0;
      size += Math.abs(n[axis] - values[3 * p + axis]);
    }
    if (!(length > 0) || size >= 3 * cut) {
      sum += share * lost;
      continue;
    }
    let total = 0;
    for (let axis = 0; axis < 3; axis++) {
      loss(one, n[axis] - values[3 * p + axis], power, softening, usual);
      sum += share * one.loss;
      g[axis] = mean * share * one.slope;
      w[axis] = mean * share * one.weight;
      total += w[axis];
    }
    const along = n[0] * g[0] + n[1] * g[1] + n[2] * g[2];
    for (let axis = 0; axis < 3; axis++) h[axis] = (g[axis] - n[axis] * along) / length;
    // 2. How the normal changes from pixel to pixel, [3×2] and along h.
    barycentricSlopes(slopes, screen, indices, t);
    let hu = 0;
    let hv = 0;
    for (let i = 0; i < 3; i++) {
      const v = 3 * indices[t + i];
      const dot = h[0] * normals[v] + h[1] * normals[v + 1] + h[2] * normals[v + 2];
      hu += dot * slopes[2 * i];
      hv += dot * slopes[2 * i + 1];
    }
    // 3. To the corners.
    for (let i = 0; i < 3; i++) {
      const v = indices[t + i];
      const b = barycentrics[3 * p + i];
      byPixel[2 * v] -= b * hu;
      byPixel[2 * v + 1] -= b * hv;
      for (let axis = 0; axis < 3; axis++) {
        byNormal[3 * v + axis] += b * h[axis];
        normalWeights[3 * v + axis] += b * w[axis];
        let du = 0;
        let dv = 0;
        for (let j = 0; j < 3; j++) {
          const value = normals[3 * indices[t + j] + axis];
          du += value * slopes[2 * j];
          dv += value * slopes[2 * j + 1];
        }
        normalSlopes[6 * v + 2 * axis] += (b * total * du) / 3;
        normalSlopes[6 * v + 2 * axis + 1] += (b * total * dv) / 3;
      }
    }
  }
  return mean * sum;
}
