import type { SurfaceObservation, SurfacePoints } from "@headform/morphable-model";
import type { SurfaceMaps } from "@headform/networks/pixel3dmm";
import type { SurfaceFitter } from "./create-surface-fitter.ts";
import { distanceToForeground } from "./distance-to-foreground.ts";
import { findVertices } from "./find-vertices.ts";
import type { Pixel3dmmPreset } from "./presets.ts";
import { reliablePixels, uvPerPixel } from "./reliable-pixels.ts";

/** Points of a model that are seen at known pixels of the maps: landmarks, irises, eyelids. */
export interface SeenPoints {
  readonly at: SurfacePoints;
  /** [L×2] map pixels. */
  readonly pixels: Float64Array;
  /** [L] 1 unless told. */
  readonly weights?: Float64Array;
}

/** What maps say of a model, as a preset reads them: vertices found, pixels that count. */
export function observeMaps(
  { texture }: SurfaceFitter,
  maps: SurfaceMaps,
  { maxDistance, subpixel, reliable, terms }: Pixel3dmmPreset,
  points: SeenPoints | undefined,
): SurfaceObservation {
  const { width, height, uv, normals, segments } = maps;
  const skin = maps.mask.map((value) => (value > 0.5 ? 1 : 0));
  const weights = reliable ? reliablePixels(maps) : skin;
  // In small maps even the nearest pixel is farther than δ.
  const reach = { maxDistance: Math.max(maxDistance, uvPerPixel(maps)), subpixel };
  return {
    width,
    height,
    vertices: findVertices(texture, uv, skin, width, reach),
    normals: { values: normals, weights },
    uv: { values: uv, weights },
    ...(terms.silhouette > 0 &&
      segments && { background: distanceToForeground(segments, width, height) }),
    ...(points && {
      points: {
        at: points.at,
        pixels: points.pixels,
        weights: points.weights ?? new Float64Array(points.pixels.length / 2).fill(1),
      },
    }),
  };
}
