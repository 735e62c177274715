import type { Camera } from "@headform/camera";
import type { Mesh } from "@headform/mesh";
import { projectMesh } from "./project-mesh.ts";
import { type Fragments, rasterize } from "./rasterize.ts";

export interface RasterizeMeshOptions {
  /** Size of the picture, pixels; the camera's pixels are its pixels. */
  readonly width: number;
  readonly height: number;
  /** Whether triangles seen from inside are skipped. */
  readonly cull?: "back" | "none";
}

/**
 * Finds what a camera sees of a mesh at every pixel center, perspective-correct.
 *
 * @param mesh positions [V×3] and triangles [F×3].
 * @param camera maps them to pixels; depth is that of `projectPoints`.
 * @param options size of the picture.
 * @param out fragments of the same size to reuse.
 * @throws RangeError as `rasterize` does.
 */
export function rasterizeMesh(
  mesh: Pick<Mesh, "positions" | "indices">,
  camera: Camera,
  options: RasterizeMeshOptions,
  out?: Fragments,
): Fragments {
  return rasterize({ ...projectMesh(mesh, camera), indices: mesh.indices, ...options }, out);
}
