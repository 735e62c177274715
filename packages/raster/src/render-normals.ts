import { computeNormals, type FloatImage, type Mesh } from "@headform/mesh";
import { interpolate } from "./interpolate.ts";
import type { Fragments } from "./rasterize.ts";

export interface RenderNormalsOptions {
  /** [3×3] turns the normals, for example a camera's rotation; absent: the mesh's own frame. */
  readonly rotation?: Float64Array;
}

/**
 * Surface normals per pixel [H×W×3], interpolated from the vertices and of length 1; 0 off the
 * mesh. Where the inside of the surface is seen the normal points away from the eye.
 *
 * @param fragments what each pixel sees of the mesh.
 * @param mesh the mesh drawn; its vertex normals, or computed ones where it has none.
 * @throws RangeError when the lengths do not fit together.
 */
export function renderNormals(
  fragments: Fragments,
  mesh: Pick<Mesh, "positions" | "indices" | "normals">,
  options: RenderNormalsOptions = {},
): FloatImage {
  const normals = mesh.normals ?? computeNormals(mesh);
  const image = interpolate(fragments, normals, mesh.indices, 3);
  const { data } = image;
  const r = options.rotation;
  if (r && r.length !== 9) {
    throw new RangeError(`renderNormals: expected rotation [3×3], got ${r.length} numbers`);
  }
  for (let i = 0; i < data.length; i += 3) {
    let x = data[i];
    let y = data[i + 1];
    let z = data[i + 2];
    const length = Math.sqrt(x * x + y * y + z * z);
    if (length === 0) continue;
    x /= length;
    y /= length;
    z /= length;
    data[i] = r ? r[0] * x + r[1] * y + r[2] * z : x;
    data[i + 1] = r ? r[3] * x + r[4] * y + r[5] * z : y;
    data[i + 2] = r ? r[6] * x + r[7] * y + r[8] * z : z;
  }
  return image;
}
