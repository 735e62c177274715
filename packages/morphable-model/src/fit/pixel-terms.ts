import type { SurfacePulls, SurfaceView } from "./surface-energy.ts";
import type { SurfaceObservation, SurfaceTerm } from "./surface-problem.ts";

/** Derivative of a residual's loss, and the weight of the square that stands for it. */
interface Slope {
  loss: number;
  slope: number;
  weight: number;
}

/**
 * |r| rounded off near 0, or r². The square that stands for |r| has the curvature of residuals of the
 * usual size: by its own size each, those that happen to be near 0 would hold all steps back.
 */
export function loss(out: Slope, r: number, power: 1 | 2, softening: number, usual: number): void {
  if (power === 2) {
    out.loss = r * r;
    out.slope = 2 * r;
    out.weight = 2;
    return;
  }
  const root = Math.sqrt(r * r + softening * softening);
  out.loss = root - softening;
  out.slope = r / root;
  out.weight = 1 / Math.sqrt(r * r + softening * softening + usual * usual);
}

/** The loss of a residual that is cut. */
export function lossAt(cut: number, power: 1 | 2): number {
  return power === 2 ? cut * cut : cut;
}

/**
 * Mean over all pixels and coordinates of |N − n|, n the interpolated vertex normals made unit. The
 * surface slides under a pixel as its vertices move: with the slopes ∇b of the barycentrics,
 * `dn = P/|m|·Σ (bᵢ·dnᵢ − nᵢ·∇bᵢ·Σ bⱼ·duⱼ)`.
 */
export function addNormalTerm(
  pulls: SurfacePulls,
  view: SurfaceView,
  indices: Uint32Array,
  { values, weights }: NonNullable<SurfaceObservation["normals"]>,
  { weight, power, cut }: SurfaceTerm,
  softening: number,
  usual: number,
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
  let sum = 0;
  for (let p = 0; p < triangles.length; p++) {
    const share = weights[p];
    if (share === 0) continue;
    const t = 3 * triangles[p];
    if (t < 0) {
      sum += share * lost;
      continue;
    }
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

/** Mean over all pixels and coordinates of |U − u|, u the interpolated texture coordinates. */
export function addUvTerm(
  pulls: SurfacePulls,
  view: SurfaceView,
  indices: Uint32Array,
  texture: { readonly uvs: Float32Array; readonly indices: Uint32Array },
  { values, weights }: NonNullable<SurfaceObservation["uv"]>,
  { weight, power, cut }: SurfaceTerm,
  softening: number,
  usual: number,
): number {
  const { screen, fragments } = view;
  const { triangles, barycentrics } = fragments;
  const { byPixel, pixelWeights } = pulls;
  const mean = weight / (2 * triangles.length);
  const lost = 2 * lossAt(cut, power);
  const slopes = new Float64Array(6);
  const one: Slope = { loss: 0, slope: 0, weight: 0 };
  let sum = 0;
  for (let p = 0; p < triangles.length; p++) {
    const share = weights[p];
    if (share === 0) continue;
    const t = 3 * triangles[p];
    if (t < 0) {
      sum += share * lost;
      continue;
    }
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

/** out [3×2]: how the barycentric of each corner changes with the pixel, on a screen with y down. */
function barycentricSlopes(
  out: Float64Array,
  screen: Float64Array,
  indices: Uint32Array,
  t: number,
): void {
  const a = 3 * indices[t];
  const b = 3 * indices[t + 1];
  const c = 3 * indices[t + 2];
  const abX = screen[b] - screen[a];
  const abY = screen[b + 1] - screen[a + 1];
  const acX = screen[c] - screen[a];
  const acY = screen[c + 1] - screen[a + 1];
  const area = abX * acY - abY * acX;
  out[2] = acY / area;
  out[3] = -acX / area;
  out[4] = -abY / area;
  out[5] = abX / area;
  out[0] = -out[2] - out[4];
  out[1] = -out[3] - out[5];
}
