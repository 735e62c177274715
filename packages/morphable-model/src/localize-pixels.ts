import { findNearest } from "@headform/core-math";
import type { Constraints, CorrespondenceMaps } from "./constraints.ts";
import { checkMaps } from "./localize-vertices.ts";
import type { SurfaceIndex } from "./surface-index.ts";

/** Defaults of {@link localizePixels}, lengths in metres. */
export const LOCALIZE_PIXELS_DEFAULTS: {
  readonly radius: number;
  readonly visible: number;
  readonly maximum: number;
} = { radius: 0.008, visible: 0.5, maximum: 700 };

/**
 * Finds each visible pixel on the mean head: the point of its surface that is closest to the PNCC
 * value. Where {@link localizeVertices} rounds to vertices, this keeps every pixel and its exact
 * place in a triangle.
 *
 * @param index the prepared mean head, from `createSurfaceIndex`
 * @param maps PNCC and offset maps in the model's unit
 * @param options.radius greatest distance between PNCC value and surface; 8 mm unless told
 * @param options.visible least visibility of a pixel that takes part; 0.5 unless told
 * @param options.maximum greatest number of points, spread evenly over the map; 700 unless told
 * @returns constraints on triangles (P = 3), pixels in map coordinates with centers at half-integers
 * @throws RangeError for maps whose lengths disagree with their size
 * @see Pix2Face, section 3.3
 */
export function localizePixels(
  index: SurfaceIndex,
  maps: CorrespondenceMaps,
  options: { readonly radius?: number; readonly visible?: number; readonly maximum?: number } = {},
): Constraints {
  checkMaps("localizePixels", maps);
  const { model } = index;
  const scale = model.unit === "mm" ? 1000 : 1;
  const radius = options.radius ?? LOCALIZE_PIXELS_DEFAULTS.radius * scale;
  const threshold = options.visible ?? LOCALIZE_PIXELS_DEFAULTS.visible;
  const maximum = options.maximum ?? LOCALIZE_PIXELS_DEFAULTS.maximum;
  // 1. Visible pixels, thinned to the maximum in an order that spreads them evenly.
  const seen = spread(maps, threshold, maximum);
  const codes = new Float64Array(seen.length * 3);
  for (let j = 0; j < seen.length; j++) {
    for (let axis = 0; axis < 3; axis++) codes[3 * j + axis] = maps.pncc[3 * seen[j] + axis];
  }
  // 2. Nearest vertex, then the closest point of the triangles around it.
  const found = findNearest(index.nearest, codes);
  const vertices = new Uint32Array(seen.length * 3);
  const barycentrics = new Float64Array(seen.length * 3);
  const pixels = new Float64Array(seen.length * 2);
  const offsets = new Float64Array(seen.length * 3);
  const weights = new Float64Array(seen.length);
  const candidate = new Float64Array(3);
  let count = 0;
  for (let j = 0; j < seen.length; j++) {
    const vertex = index.searched[found.indices[j]];
    let best = radius * radius;
    let triangle = -1;
    for (let t = index.starts[vertex]; t < index.starts[vertex + 1]; t++) {
      const squared = closestBarycentrics(candidate, codes, 3 * j, model, 3 * index.triangles[t]);
      if (squared <= best) {
        best = squared;
        triangle = index.triangles[t];
        barycentrics.set(candidate, 3 * count);
      }
    }
    if (triangle < 0) continue;
    const pixel = seen[j];
    for (let corner = 0; corner < 3; corner++) {
      vertices[3 * count + corner] = model.indices[3 * triangle + corner];
      offsets[3 * count + corner] = maps.offset[3 * pixel + corner];
    }
    pixels[2 * count] = (pixel % maps.width) + 0.5;
    pixels[2 * count + 1] = Math.floor(pixel / maps.width) + 0.5;
    weights[count] = maps.visible[pixel] * index.vertexWeights[vertex];
    count++;
  }
  return {
    vertices: vertices.slice(0, 3 * count),
    barycentrics: barycentrics.slice(0, 3 * count),
    pixels: pixels.slice(0, 2 * count),
    offsets: offsets.slice(0, 3 * count),
    weights: weights.slice(0, count),
  };
}

/** Visible pixels, at most `maximum` of them, by a golden-ratio stride over their raster order. */
function spread(maps: CorrespondenceMaps, threshold: number, maximum: number): Uint32Array {
  const seen: number[] = [];
  for (let i = 0; i < maps.visible.length; i++) if (maps.visible[i] > threshold) seen.push(i);
  if (seen.length <= maximum) return Uint32Array.from(seen);
  // Additive recurrence on the 2-D lattice: low discrepancy, no random numbers needed.
  const keyed = seen.map((pixel) => {
    const x = pixel % maps.width;
    const y = Math.floor(pixel / maps.width);
    return { pixel, key: (x * 0.7548776662466927 + y * 0.5698402909980532) % 1 };
  });
  keyed.sort((a, b) => a.key - b.key);
  return Uint32Array.from(keyed.slice(0, maximum), (entry) => entry.pixel).sort();
}

/**
 * Barycentric coordinates of the point of a triangle of the mean that is closest to a point;
 * returns the squared distance.
 */
function closestBarycentrics(
  out: Float64Array,
  points: Float64Array,
  point: number,
  model: PcaModelSurface,
  corner: number,
): number {
  const { mean, indices } = model;
  const a = 3 * indices[corner];
  const b = 3 * indices[corner + 1];
  const c = 3 * indices[corner + 2];
  let ab2 = 0;
  let ac2 = 0;
  let abac = 0;
  let abap = 0;
  let acap = 0;
  for (let axis = 0; axis < 3; axis++) {
    const ab = mean[b + axis] - mean[a + axis];
    const ac = mean[c + axis] - mean[a + axis];
    const ap = points[point + axis] - mean[a + axis];
    ab2 += ab * ab;
    ac2 += ac * ac;
    abac += ab * ac;
    abap += ab * ap;
    acap += ac * ap;
  }
  // Inside: the plane's solution. Outside: the best of the three edges.
  const determinant = ab2 * ac2 - abac * abac;
  let v = determinant > 0 ? (ac2 * abap - abac * acap) / determinant : -1;
  let w = determinant > 0 ? (ab2 * acap - abac * abap) / determinant : -1;
  if (v < 0 || w < 0 || v + w > 1) {
    // |p − (a + v·ab + w·ac)|² up to the constant |p − a|².
    const value = (x: number, y: number) =>
      x * x * ab2 + y * y * ac2 + 2 * x * y * abac - 2 * x * abap - 2 * y * acap;
    const onAb = clamp(abap / ab2);
    const onAc = clamp(acap / ac2);
    const bc2 = ab2 + ac2 - 2 * abac;
    const onBc = clamp((acap - abap + ab2 - abac) / bc2);
    v = onAb;
    w = 0;
    let least = value(onAb, 0);
    if (value(0, onAc) < least) {
      least = value(0, onAc);
      v = 0;
      w = onAc;
    }
    if (value(1 - onBc, onBc) < least) {
      v = 1 - onBc;
      w = onBc;
    }
  }
  out[0] = 1 - v - w;
  out[1] = v;
  out[2] = w;
  let squared = 0;
  for (let axis = 0; axis < 3; axis++) {
    const d =
      points[point + axis] - (out[0] * mean[a + axis] + v * mean[b + axis] + w * mean[c + axis]);
    squared += d * d;
  }
  return squared;
}

interface PcaModelSurface {
  readonly mean: Float32Array;
  readonly indices: Uint32Array;
}

function clamp(x: number): number {
  return Math.max(0, Math.min(1, x));
}
