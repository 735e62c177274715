// Looking vertices up in a depth buffer was tried on paper and dropped: near the silhouette the
// depth changes by many tolerances within a pixel, so the answer depends on the resolution. Here
// each vertex is tested against the triangles that cover its own point of the screen, found
// through a grid of cells; nothing is sampled.

import type { Camera } from "@headform/camera";
import { computeNormals, type Mesh } from "@headform/mesh";
import { projectMesh } from "./project-mesh.ts";
import { viewDirection } from "./view-direction.ts";

export interface VisibleVerticesOptions {
  /** How much nearer a covering triangle must be to hide a vertex, relative to the depth range. */
  readonly tolerance?: number;
}

export const VISIBLE_VERTICES_DEFAULTS: { readonly tolerance: number } = { tolerance: 1e-3 };

/**
 * Tells which vertices a camera sees: those whose normal is turned towards the eye and that no
 * other triangle covers. The picture's frame does not cut anything off.
 *
 * @param mesh positions [V×3], triangles [F×3], and vertex normals (computed where absent).
 * @param camera the eye.
 * @returns [V] 1 where visible, 0 elsewhere.
 * @throws RangeError when the tolerance is negative or not finite.
 */
export function visibleVertices(
  mesh: Pick<Mesh, "positions" | "indices" | "normals">,
  camera: Camera,
  options: VisibleVerticesOptions = {},
): Uint8Array {
  const { tolerance = VISIBLE_VERTICES_DEFAULTS.tolerance } = options;
  if (!(tolerance >= 0) || tolerance === Number.POSITIVE_INFINITY) {
    throw new RangeError(`visibleVertices: expected a tolerance ≥ 0, got ${tolerance}`);
  }
  const { positions: screen, w } = projectMesh(mesh, camera);
  const visible = facingVertices(mesh, camera);
  const count = visible.length;

  // 1. The extent of what is in front of the eye.
  const low = [Infinity, Infinity, Infinity];
  const high = [-Infinity, -Infinity, -Infinity];
  for (let i = 0; i < count; i++) {
    if (w && !(w[i] > 0)) {
      visible[i] = 0;
      continue;
    }
    for (let c = 0; c < 3; c++) {
      low[c] = Math.min(low[c], screen[3 * i + c]);
      high[c] = Math.max(high[c], screen[3 * i + c]);
    }
  }
  const margin = tolerance * (high[2] - low[2]);

  // 2. Vertices by cell, about two in each.
  const cells = Math.max(1, Math.ceil(Math.sqrt(count / 2)));
  const perX = cells / (high[0] - low[0] || 1);
  const perY = cells / (high[1] - low[1] || 1);
  const cellX = (u: number): number =>
    Math.max(0, Math.min(cells - 1, Math.floor((u - low[0]) * perX)));
  const cellY = (v: number): number =>
    Math.max(0, Math.min(cells - 1, Math.floor((v - low[1]) * perY)));
  const starts = new Int32Array(cells * cells + 1);
  const cellOf = new Int32Array(count).fill(-1);
  for (let i = 0; i < count; i++) {
    if (visible[i] === 0) continue;
    const cell = cellY(screen[3 * i + 1]) * cells + cellX(screen[3 * i]);
    cellOf[i] = cell;
    starts[cell + 1]++;
  }
  for (let i = 0; i < cells * cells; i++) starts[i + 1] += starts[i];
  const next = starts.slice();
  const members = new Int32Array(starts[cells * cells]);
  for (let i = 0; i < count; i++) if (cellOf[i] >= 0) members[next[cellOf[i]]++] = i;

  // 3. Each triangle hides what lies behind it.
  const { indices } = mesh;
  for (let f = 0; f < indices.length; f += 3) {
    const a = indices[f];
    const b = indices[f + 1];
    const c = indices[f + 2];
    if (w && !(w[a] > 0 && w[b] > 0 && w[c] > 0)) continue;
    const au = screen[3 * a];
    const av = screen[3 * a + 1];
    const bu = screen[3 * b] - au;
    const bv = screen[3 * b + 1] - av;
    const cu = screen[3 * c] - au;
    const cv = screen[3 * c + 1] - av;
    const area = bu * cv - bv * cu;
    if (area === 0) continue;
    const x1 = cellX(au + Math.max(0, bu, cu));
    const y1 = cellY(av + Math.max(0, bv, cv));
    const x0 = cellX(au + Math.min(0, bu, cu));
    for (let y = cellY(av + Math.min(0, bv, cv)); y <= y1; y++) {
      const end = starts[y * cells + x1 + 1];
      for (let k = starts[y * cells + x0]; k < end; k++) {
        const i = members[k];
        if (i === a || i === b || i === c) continue;
        const du = screen[3 * i] - au;
        const dv = screen[3 * i + 1] - av;
        let gb = (du * cv - dv * cu) / area;
        let gc = (bu * dv - bv * du) / area;
        let ga = 1 - gb - gc;
        if (!(ga > 0 && gb > 0 && gc > 0)) continue;
        if (w) {
          ga /= w[a];
          gb /= w[b];
          gc /= w[c];
          const sum = ga + gb + gc;
          ga /= sum;
          gb /= sum;
          gc /= sum;
        }
        const z = ga * screen[3 * a + 2] + gb * screen[3 * b + 2] + gc * screen[3 * c + 2];
        if (z > screen[3 * i + 2] + margin) visible[i] = 0;
      }
    }
  }
  return visible;
}

/** [V] 1 where the vertex normal is turned towards the eye. */
function facingVertices(
  mesh: Pick<Mesh, "positions" | "indices" | "normals">,
  camera: Camera,
): Uint8Array {
  const { positions } = mesh;
  const normals = mesh.normals ?? computeNormals(mesh);
  const [ex, ey, ez, point] = viewDirection(camera);
  const out = new Uint8Array(positions.length / 3);
  for (let i = 0, k = 0; i < out.length; i++, k += 3) {
    const towards =
      normals[k] * (ex - point * positions[k]) +
      normals[k + 1] * (ey - point * positions[k + 1]) +
      normals[k + 2] * (ez - point * positions[k + 2]);
    out[i] = towards > 0 ? 1 : 0;
  }
  return out;
}
