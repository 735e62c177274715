import { loss, lossAt } from "./loss.ts";
import type { SurfacePulls, SurfaceView } from "./surface-energy.ts";
import type { SurfaceObservation, SurfaceTerm } from "./surface-problem.ts";

/** How far behind the surface a vertex counts as seen, relative to the head's depth. */
const BEHIND = 0.05;

/** Mean over the vertices and coordinates of |p* − π(v)|/size, hidden ones counting 0. */
export function addVertexTerm(
  { byPixel, pixelWeights }: SurfacePulls,
  { screen, fragments }: SurfaceView,
  { indices, pixels }: NonNullable<SurfaceObservation["vertices"]>,
  { weight, power, cut }: SurfaceTerm,
  size: number,
  softening: number,
  usual: number,
): number {
  const mean = weight / (2 * indices.length);
  const lost = 2 * lossAt(cut, power);
  const one = { loss: 0, slope: 0, weight: 0 };
  const tolerance = BEHIND * depthOf(screen);
  let sum = 0;
  for (let i = 0; i < indices.length; i++) {
    const v = indices[i];
    const x = screen[3 * v];
    const y = screen[3 * v + 1];
    if (hidden(fragments, x, y, screen[3 * v + 2] + tolerance)) continue;
    const rx = (x - pixels[2 * i]) / size;
    const ry = (y - pixels[2 * i + 1]) / size;
    if (Math.abs(rx) + Math.abs(ry) >= 2 * cut) {
      sum += lost;
      continue;
    }
    const by = mean / size;
    loss(one, rx, power, softening / size, usual);
    sum += one.loss;
    byPixel[2 * v] += by * one.slope;
    pixelWeights[3 * v] += (by / size) * one.weight;
    loss(one, ry, power, softening / size, usual);
    sum += one.loss;
    byPixel[2 * v + 1] += by * one.slope;
    pixelWeights[3 * v + 2] += (by / size) * one.weight;
  }
  return mean * sum;
}

/** Mean over the points and coordinates of (p − π(x))²/size², weighted. */
export function addPointTerm(
  { byPixel, pixelWeights }: SurfacePulls,
  { screen }: SurfaceView,
  triangles: Uint32Array,
  { at, pixels, weights }: NonNullable<SurfaceObservation["points"]>,
  weight: number,
  size: number,
): number {
  const mean = weight / (2 * weights.length * size * size);
  let sum = 0;
  for (let i = 0; i < weights.length; i++) {
    if (weights[i] === 0) continue;
    const t = 3 * at.triangles[i];
    for (let axis = 0; axis < 2; axis++) {
      // A point between corners is seen between their pixels, up to perspective within a triangle.
      let r = -pixels[2 * i + axis];
      for (let corner = 0; corner < 3; corner++) {
        r += at.barycentrics[3 * i + corner] * screen[3 * triangles[t + corner] + axis];
      }
      sum += weights[i] * r * r;
      for (let corner = 0; corner < 3; corner++) {
        const v = triangles[t + corner];
        const b = at.barycentrics[3 * i + corner];
        byPixel[2 * v + axis] += 2 * mean * weights[i] * b * r;
        pixelWeights[3 * v + 2 * axis] += 2 * mean * weights[i] * Math.abs(b);
      }
    }
  }
  return mean * sum;
}

function hidden(
  { width, height, triangles, depth }: SurfaceView["fragments"],
  x: number,
  y: number,
  z: number,
): boolean {
  const [column, row] = [Math.floor(x), Math.floor(y)];
  if (!(column >= 0 && row >= 0 && column < width && row < height)) return true;
  const p = row * width + column;
  return triangles[p] >= 0 && depth[p] > z;
}

function depthOf(screen: Float64Array): number {
  let [low, high] = [Infinity, -Infinity];
  for (let i = 2; i < screen.length; i += 3) {
    low = Math.min(low, screen[i]);
    high = Math.max(high, screen[i]);
  }
  return high - low;
}
