import type { FloatImage, Mesh } from "@headform/mesh";
import { interpolate } from "./interpolate.ts";
import type { Fragments } from "./rasterize.ts";

/**
 * Texture coordinates per pixel [H×W×2], origin of uv at the bottom left; 0 off the mesh.
 *
 * @param fragments what each pixel sees of the mesh.
 * @param mesh the mesh drawn, with uvs.
 * @throws RangeError when the mesh has no uvs.
 */
export function renderUv(
  fragments: Fragments,
  mesh: Pick<Mesh, "indices" | "uvs" | "uvIndices">,
): FloatImage {
  if (!mesh.uvs) throw new RangeError("renderUv: expected a mesh with uvs, got none");
  return interpolate(fragments, mesh.uvs, mesh.uvIndices ?? mesh.indices, 2);
}
