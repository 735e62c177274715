import {
  averageMirroredSurface,
  decodeSurfaceMaps,
  type SurfaceMaps,
} from "@headform/networks/pixel3dmm";
import type { Reconstructor } from "../create-reconstructor.ts";
import type { Look } from "../look.ts";
import { surfaceFromDense } from "./surface-from-dense.ts";

/** Uv, normals and mask out of the dense network's planes, or of what its others say. */
export function surfaceOf({ dense, surface }: Reconstructor, { planes, maps }: Look): SurfaceMaps {
  const { channels } = dense.manifest.output;
  if (!channels.includes("uv.u") || !channels.includes("normal.x")) {
    return surfaceFromDense(surface, maps);
  }
  const own = decodeSurfaceMaps(planes.own, dense.manifest);
  return planes.mirrored
    ? averageMirroredSurface(own, decodeSurfaceMaps(planes.mirrored, dense.manifest))
    : own;
}
