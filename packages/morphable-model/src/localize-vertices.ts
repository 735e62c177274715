import { createNearestIndex, findNearest } from "@headform/core-math";
import type { Constraints, CorrespondenceMaps } from "./constraints.ts";
import type { PcaModel } from "./pca-model.ts";

/** Defaults of {@link localizeVertices}: the released code accepts 4 mm (d² ≤ 16 mm²). */
export const LOCALIZE_VERTICES_DEFAULTS: { readonly radius: number; readonly visible: number } = {
  radius: 0.004,
  visible: 0.5,
};

/**
 * Finds each vertex of the mean head in the maps: the pixel whose PNCC value is nearest to it, if
 * within the acceptance radius. The offset there becomes the vertex' constraint.
 *
 * Each vertex has at most one pixel; a pixel may serve several vertices where the mesh is finer
 * than the map.
 *
 * @param model the morphable model
 * @param maps PNCC and offset maps in the model's unit
 * @param options.radius greatest distance between PNCC value and vertex; 4 mm unless told
 * @param options.visible least visibility of a pixel that takes part; 0.5 unless told
 * @returns constraints on vertices (P = 1), pixels in map coordinates with centers at half-integers
 * @throws RangeError for maps whose lengths disagree with their size or a radius that is not positive
 * @see Pix2Face, section 3.4, figure 3
 */
export function localizeVertices(
  model: PcaModel,
  maps: CorrespondenceMaps,
  options: { readonly radius?: number; readonly visible?: number } = {},
): Constraints {
  checkMaps("localizeVertices", maps);
  const scale = model.unit === "mm" ? 1000 : 1;
  const radius = options.radius ?? LOCALIZE_VERTICES_DEFAULTS.radius * scale;
  const threshold = options.visible ?? LOCALIZE_VERTICES_DEFAULTS.visible;
  if (!(radius > 0)) throw new RangeError(`localizeVertices: expected radius > 0, got ${radius}`);
  // 1. Visible pixels.
  const seen: number[] = [];
  for (let i = 0; i < maps.visible.length; i++) if (maps.visible[i] > threshold) seen.push(i);
  if (seen.length === 0) return emptyConstraints();
  const codes = new Float64Array(seen.length * 3);
  for (let j = 0; j < seen.length; j++) {
    for (let axis = 0; axis < 3; axis++) codes[3 * j + axis] = maps.pncc[3 * seen[j] + axis];
  }
  // 2. The nearest of them to each vertex.
  const found = findNearest(createNearestIndex(codes, 3), model.mean, { maxDistance: radius });
  const accepted: number[] = [];
  for (let v = 0; v < found.indices.length; v++) if (found.indices[v] >= 0) accepted.push(v);
  // 3. Their offsets.
  const count = accepted.length;
  const pixels = new Float64Array(count * 2);
  const offsets = new Float64Array(count * 3);
  const weights = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const pixel = seen[found.indices[accepted[i]]];
    pixels[2 * i] = (pixel % maps.width) + 0.5;
    pixels[2 * i + 1] = Math.floor(pixel / maps.width) + 0.5;
    for (let axis = 0; axis < 3; axis++) offsets[3 * i + axis] = maps.offset[3 * pixel + axis];
    weights[i] = maps.visible[pixel];
  }
  return { vertices: Uint32Array.from(accepted), pixels, offsets, weights };
}

/** Refuses maps whose arrays do not match their size. */
export function checkMaps(verb: string, maps: CorrespondenceMaps): void {
  const size = maps.width * maps.height;
  for (const [name, length, expected] of [
    ["pncc", maps.pncc.length, 3 * size],
    ["offset", maps.offset.length, 3 * size],
    ["visible", maps.visible.length, size],
  ] as const) {
    if (length !== expected) {
      throw new RangeError(`${verb}: expected ${expected} numbers in ${name}, got ${length}`);
    }
  }
}

function emptyConstraints(): Constraints {
  return {
    vertices: new Uint32Array(0),
    pixels: new Float64Array(0),
    offsets: new Float64Array(0),
    weights: new Float64Array(0),
  };
}
