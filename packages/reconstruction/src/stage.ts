import type { DenseMaps } from "@headform/networks/pix2face";
import type { Crop } from "@headform/raster";
import type { VoxelGrid } from "@headform/volume";

/**
 * What is known of a face before its head is finished, as soon as it is known: what the dense
 * network saw, the predicted uv and normals, the predicted volume. A stage that is told again
 * replaces the earlier one.
 */
export type Stage =
  | { readonly kind: "maps"; readonly maps: DenseMaps; readonly crop: Crop }
  | { readonly kind: "surfaces"; readonly maps: StageSurfaces; readonly crop: Crop }
  | { readonly kind: "volume"; readonly grid: VoxelGrid; readonly crop: Crop };

/** Predicted uv and normals of each pixel of the crop. */
export interface StageSurfaces {
  readonly width: number;
  readonly height: number;
  /** [H×W×2] origin bottom-left. */
  readonly uv: Float32Array;
  /** [H×W×3] of length 1. */
  readonly normals: Float32Array;
  /** [H×W] above 0.5 where there is a face. */
  readonly mask: Float32Array;
}
