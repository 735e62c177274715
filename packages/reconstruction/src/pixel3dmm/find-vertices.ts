import { createNearestIndex, findNearest } from "@headform/core-math";
import type { PcaModel, SkinnedModel } from "@headform/morphable-model";

/** Where vertices of a head are seen. */
export interface FoundVertices {
  /** [N] */
  readonly indices: Uint32Array;
  /** [N×2] map pixels. */
  readonly pixels: Float64Array;
}

export interface FindVerticesOptions {
  /** δ: texture coordinates farther from the vertex' own do not count. */
  readonly maxDistance: number;
  /** Place between pixels by the coordinates around, instead of on the nearest pixel's center. */
  readonly subpixel: boolean;
}

/** Where a vertex may come to lie beside the pixel nearest to it, pixels. */
const REACH = 1;

/**
 * The pixel of each vertex: the one whose predicted texture coordinates come nearest to the vertex'
 * own, `p* = argmin |T − U(p)|`, where they come nearer than δ.
 *
 * Between pixels: the plane through the coordinates of the 3×3 pixels around, by least squares, says
 * where the vertex' own lie.
 *
 * @param texture [T×2] uvs and [T] the vertex of each
 * @param uv [H×W×2]
 * @param weights [H×W] 0 where a pixel does not count
 * @see Pixel3DMM, equation 6
 */
export function findVertices(
  texture: TextureVertices,
  uv: Float32Array,
  weights: Float32Array,
  width: number,
  { maxDistance, subpixel }: FindVerticesOptions,
): FoundVertices {
  const places: number[] = [];
  for (let p = 0; p < weights.length; p++) if (weights[p] > 0) places.push(p);
  if (places.length === 0) return { indices: new Uint32Array(0), pixels: new Float64Array(0) };
  const points = new Float64Array(2 * places.length);
  places.forEach((p, i) => {
    points[2 * i] = uv[2 * p];
    points[2 * i + 1] = uv[2 * p + 1];
  });
  const found = findNearest(createNearestIndex(points, 2), texture.uvs, { maxDistance });
  const indices: number[] = [];
  const pixels: number[] = [];
  for (let t = 0; t < texture.vertices.length; t++) {
    if (found.indices[t] < 0) continue;
    const p = places[found.indices[t]];
    const x = p % width;
    const y = Math.floor(p / width);
    const shift = subpixel
      ? shiftWithin(uv, weights, width, x, y, texture.uvs[2 * t], texture.uvs[2 * t + 1])
      : [0, 0];
    indices.push(texture.vertices[t]);
    pixels.push(x + 0.5 + shift[0], y + 0.5 + shift[1]);
  }
  return { indices: Uint32Array.from(indices), pixels: Float64Array.from(pixels) };
}

/** A model's texture vertices. */
export interface TextureVertices {
  /** [T×2] */
  readonly uvs: Float32Array;
  /** [T] */
  readonly vertices: Uint32Array;
}

/** Each texture coordinate of a model with the vertex it belongs to. */
export function textureVertices(model: PcaModel | SkinnedModel): TextureVertices | undefined {
  const { uvs, indices } = model;
  if (!uvs) return undefined;
  const uvIndices = model.uvIndices ?? indices;
  const vertices = new Uint32Array(uvs.length / 2);
  for (let i = 0; i < uvIndices.length; i++) vertices[uvIndices[i]] = indices[i];
  return { uvs, vertices };
}

/** Least squares `offset = a + B·uv` over the neighbors that count, evaluated at (u, v). */
function shiftWithin(
  uv: Float32Array,
  weights: Float32Array,
  width: number,
  x: number,
  y: number,
  u: number,
  v: number,
): [number, number] {
  const height = weights.length / width;
  let [n, su, sv, sx, sy] = [0, 0, 0, 0, 0];
  const near: number[] = [];
  for (let j = -1; j <= 1; j++) {
    for (let i = -1; i <= 1; i++) {
      if (x + i < 0 || y + j < 0 || x + i >= width || y + j >= height) continue;
      const p = (y + j) * width + x + i;
      if (!(weights[p] > 0)) continue;
      near.push(uv[2 * p], uv[2 * p + 1], i, j);
      n++;
      su += uv[2 * p];
      sv += uv[2 * p + 1];
      sx += i;
      sy += j;
    }
  }
  if (n < 6) return [0, 0];
  let [uu, ud, vv, xu, xv, yu, yv] = [0, 0, 0, 0, 0, 0, 0];
  for (let k = 0; k < near.length; k += 4) {
    const a = near[k] - su / n;
    const b = near[k + 1] - sv / n;
    uu += a * a;
    ud += a * b;
    vv += b * b;
    xu += a * (near[k + 2] - sx / n);
    xv += b * (near[k + 2] - sx / n);
    yu += a * (near[k + 3] - sy / n);
    yv += b * (near[k + 3] - sy / n);
  }
  const det = uu * vv - ud * ud;
  if (!(det > 1e-6 * uu * vv)) return [0, 0];
  const du = u - su / n;
  const dv = v - sv / n;
  const dx = sx / n + ((xu * vv - xv * ud) * du + (xv * uu - xu * ud) * dv) / det;
  const dy = sy / n + ((yu * vv - yv * ud) * du + (yv * uu - yu * ud) * dv) / det;
  return Math.abs(dx) <= REACH && Math.abs(dy) <= REACH ? [dx, dy] : [0, 0];
}
