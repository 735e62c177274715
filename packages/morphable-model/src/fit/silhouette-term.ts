import type { SurfacePulls, SurfaceView } from "./surface-energy.ts";
import type { SurfaceScene } from "./surface-problem.ts";

/**
 * The part of the picture that the head covers though it is background, told by its outline: an edge
 * between a triangle seen from outside and one seen from inside, of length ℓ in the picture and with
 * distances d from the foreground at its ends, covers `ℓ·(d₁ + d₂)/2` pixels.
 *
 * @param background [H×W] distance to the nearest pixel that is no background, pixels
 */
export function addSilhouette(
  { byPixel, pixelWeights }: SurfacePulls,
  view: SurfaceView,
  { model }: SurfaceScene,
  background: Float32Array,
  weight: number,
): number {
  const { screen, fragments } = view;
  const { width, height } = fragments;
  const { indices } = model;
  const mean = weight / (width * height);
  // 1. Edges seen once from outside: what an open or a turned-away neighbor leaves over.
  const front = new Map<number, [number, number]>();
  const vertexCount = screen.length / 3;
  for (let f = 0; f < indices.length; f += 3) {
    if (!facing(screen, indices, f)) continue;
    for (let i = 0; i < 3; i++) {
      const a = indices[f + i];
      const b = indices[f + ((i + 1) % 3)];
      const opposite = b * vertexCount + a;
      if (front.has(opposite)) front.delete(opposite);
      else front.set(a * vertexCount + b, [a, b]);
    }
  }
  // 2. What they cover.
  let sum = 0;
  const at = { distance: 0, x: 0, y: 0 };
  for (const [a, b] of front.values()) {
    const ux = screen[3 * a] - screen[3 * b];
    const uy = screen[3 * a + 1] - screen[3 * b + 1];
    const length = Math.hypot(ux, uy);
    if (length === 0) continue;
    let distance = 0;
    for (const v of [a, b]) {
      sample(at, background, width, height, screen[3 * v], screen[3 * v + 1]);
      if (!(at.distance > 0)) continue;
      const by = (mean * length) / 2;
      distance += at.distance / 2;
      byPixel[2 * v] += by * at.x;
      byPixel[2 * v + 1] += by * at.y;
      const w = by / Math.max(1, at.distance);
      pixelWeights[3 * v] += w * at.x * at.x;
      pixelWeights[3 * v + 1] += w * at.x * at.y;
      pixelWeights[3 * v + 2] += w * at.y * at.y;
    }
    sum += length * distance;
    const stretch = (mean * distance) / length;
    byPixel[2 * a] += stretch * ux;
    byPixel[2 * a + 1] += stretch * uy;
    byPixel[2 * b] -= stretch * ux;
    byPixel[2 * b + 1] -= stretch * uy;
  }
  return mean * sum;
}

/** Counter-clockwise from outside is clockwise where y points down. */
function facing(screen: Float64Array, indices: Uint32Array, f: number): boolean {
  const [a, b, c] = [3 * indices[f], 3 * indices[f + 1], 3 * indices[f + 2]];
  const abX = screen[b] - screen[a];
  const abY = screen[b + 1] - screen[a + 1];
  return abX * (screen[c + 1] - screen[a + 1]) - abY * (screen[c] - screen[a]) < 0;
}

/** Bilinear value and slope of the distances at a place; 0 outside of the picture. */
function sample(
  out: { distance: number; x: number; y: number },
  field: Float32Array,
  width: number,
  height: number,
  u: number,
  v: number,
): void {
  const column = Math.floor(u - 0.5);
  const row = Math.floor(v - 0.5);
  out.distance = 0;
  if (!(column >= 0 && row >= 0 && column + 1 < width && row + 1 < height)) return;
  const x = u - 0.5 - column;
  const y = v - 0.5 - row;
  const p = row * width + column;
  const [a, b, c, d] = [field[p], field[p + 1], field[p + width], field[p + width + 1]];
  // The outline passes between the centers of two pixels.
  out.distance = -1 + (1 - y) * ((1 - x) * a + x * b) + y * ((1 - x) * c + x * d);
  out.x = (1 - y) * (b - a) + y * (d - c);
  out.y = (1 - x) * (c - a) + x * (d - b);
}
