import { type Camera, projectPoints } from "@headform/camera";
import type { Mesh } from "@headform/mesh";

/** A mesh on the screen, ready for `rasterize`. */
export interface ScreenMesh {
  /** [V×3] u, v, z. */
  readonly positions: Float64Array;
  /** [V] distance to the eye plane; a perspective camera's only. */
  readonly w?: Float64Array;
}

/** Projects the vertices, with what perspective-correct interpolation needs. Private to the package. */
export function projectMesh(mesh: Pick<Mesh, "positions">, camera: Camera): ScreenMesh {
  const positions = projectPoints(camera, mesh.positions);
  if (camera.kind !== "perspective") return { positions };
  const { rotation: r, translation: t } = camera;
  const points = mesh.positions;
  const w = new Float64Array(points.length / 3);
  for (let i = 0, k = 0; i < w.length; i++, k += 3) {
    w[i] = -(r[6] * points[k] + r[7] * points[k + 1] + r[8] * points[k + 2] + t[2]);
  }
  return { positions, w };
}
