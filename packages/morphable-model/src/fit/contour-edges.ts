// What eos does for its two models, a hand-made list of contour vertices, cannot be asked of any
// model people have. The head's own silhouette can: edges between a triangle that faces the camera
// and one that does not. Matching each landmark with the nearest such edge in the image was tried: ears
// and hidden edges drew it away, errors grew with the turn. Now each landmark slides along its own
// row across the jaw line, as the rows of FLAME's dynamic contour do.

import type { PerspectiveCamera } from "@headform/camera";
import { projectPoints } from "@headform/camera";
import { computeNormals } from "@headform/mesh";
import { evaluateSurfacePoints } from "../evaluate-surface-points.ts";
import type { PcaModel } from "../pca-model.ts";
import type { SkinnedModel, SurfacePoints } from "../skinned-model.ts";
import { REGION_WEIGHTS } from "../surface-index.ts";

/** Edges between two triangles, made once per model. */
export interface ContourEdges {
  /** [E×2] vertices */
  readonly vertices: Uint32Array;
  /** [E×2] the triangles on either side */
  readonly triangles: Uint32Array;
}

/** Skin a jaw line can run over, by region name; other regions' edges are left out. */
const CONTOUR_REGIONS: readonly string[] = ["faceSkin", "lips"];

/** The inner edges of the mesh; with regions, those of the skin of the face. */
export function contourEdges(model: PcaModel | SkinnedModel): ContourEdges {
  const { indices } = model;
  const skin = skinOf(model);
  const open = new Map<number, number>();
  const vertices: number[] = [];
  const triangles: number[] = [];
  const vertexCount = (model.kind === "pca" ? model.mean : model.template).length / 3;
  for (let i = 0; i < indices.length; i++) {
    const a = indices[i];
    const b = indices[i - (i % 3) + ((i + 1) % 3)];
    if (skin && !(skin(a) && skin(b))) continue;
    // Neighbors run along their edge in opposite senses.
    const other = open.get(b * vertexCount + a);
    if (other === undefined) {
      open.set(a * vertexCount + b, Math.floor(i / 3));
      continue;
    }
    vertices.push(a, b);
    triangles.push(Math.floor(i / 3), other);
  }
  return { vertices: Uint32Array.from(vertices), triangles: Uint32Array.from(triangles) };
}

function skinOf(model: PcaModel | SkinnedModel): ((vertex: number) => boolean) | undefined {
  if (model.kind === "skinned") return undefined;
  const { regions, regionNames } = model;
  if (!regions || !regionNames?.some((name) => name in REGION_WEIGHTS)) return undefined;
  const chosen = regionNames.map((name) => CONTOUR_REGIONS.includes(name));
  return (vertex) => chosen[regions[vertex]];
}

/**
 * Moves contour landmarks onto the silhouette: each whose place at rest is turned away from the
 * camera slides across the line of the contour, in the plane through its place at rest, to the
 * outermost occluding edge in front of it and within `radius`. Where there is none it stays.
 *
 * @param at [n] places at rest; written in place
 * @param places those of them that slide, in order along the contour
 * @param positions [V×3] the head
 * @param radius in the model's unit
 * @returns the places that moved, each with the outline's unit normal in the image
 */
export function slideOntoContour(
  at: SurfacePoints,
  places: readonly number[],
  positions: Float32Array,
  indices: Uint32Array,
  camera: PerspectiveCamera,
  edges: ContourEdges,
  radius: number,
): Map<number, readonly [number, number]> {
  const screen = projectPoints(camera, positions);
  const occluding = occludingEdges(screen, indices, edges);
  const normals = computeNormals({ positions, indices });
  const rest = evaluateSurfacePoints(positions, indices, at);
  const normal = evaluateSurfacePoints(normals, indices, at);
  const { rotation: R, translation: T } = camera;
  const moved = new Map<number, readonly [number, number]>();
  places.forEach((place, i) => {
    const p = rest.subarray(3 * place, 3 * place + 3);
    const n = normal.subarray(3 * place, 3 * place + 3);
    // 1. Only what is turned away from the eye at −Rᵀt slides.
    let towards = 0;
    for (let axis = 0; axis < 3; axis++) {
      const eye = -(R[axis] * T[0] + R[3 + axis] * T[1] + R[6 + axis] * T[2]);
      towards += n[axis] * (eye - p[axis]);
    }
    if (towards > 0) return;
    // 2. The contour's direction there, and which way is out in the image.
    const before = 3 * places[Math.max(0, i - 1)];
    const after = 3 * places[Math.min(places.length - 1, i + 1)];
    const along = [0, 1, 2].map((axis) => rest[after + axis] - rest[before + axis]);
    const right = R[0] * n[0] + R[1] * n[1] + R[2] * n[2];
    const down = -(R[3] * n[0] + R[4] * n[1] + R[5] * n[2]);
    const start = projectPoints(camera, p);
    let outermost = right * start[0] + down * start[1];
    let edge = -1;
    let share = 0;
    // 3. The occluding edges that cross the plane.
    for (const e of occluding) {
      const a = 3 * edges.vertices[e];
      const b = 3 * edges.vertices[e + 1];
      let ta = 0;
      let tb = 0;
      let away = 0;
      for (let axis = 0; axis < 3; axis++) {
        ta += along[axis] * (positions[a + axis] - p[axis]);
        tb += along[axis] * (positions[b + axis] - p[axis]);
        away += (positions[a + axis] - p[axis]) ** 2;
      }
      // The face looks along +Z: what is behind the place at rest is ear, neck or back of the head.
      if (ta > 0 === tb > 0 || away > radius ** 2 || positions[a + 2] < p[2]) continue;
      const t = ta / (ta - tb);
      const u = screen[a] + t * (screen[b] - screen[a]);
      const v = screen[a + 1] + t * (screen[b + 1] - screen[a + 1]);
      const out = right * u + down * v;
      if (out <= outermost) continue;
      outermost = out;
      edge = e;
      share = t;
    }
    if (edge < 0) return;
    // 4. The point on that edge; the surface's normal there is the outline's in the image.
    const [va, vb] = [3 * edges.vertices[edge], 3 * edges.vertices[edge + 1]];
    let across = 0;
    let upward = 0;
    for (let axis = 0; axis < 3; axis++) {
      const m = (1 - share) * normals[va + axis] + share * normals[vb + axis];
      across += R[axis] * m;
      upward += R[3 + axis] * m;
    }
    const length = Math.hypot(across, upward) || 1;
    moved.set(place, [across / length, upward / length]);
    const triangle = edges.triangles[edge];
    at.triangles[place] = triangle;
    for (let corner = 0; corner < 3; corner++) {
      const vertex = indices[3 * triangle + corner];
      at.barycentrics[3 * place + corner] =
        vertex === edges.vertices[edge]
          ? 1 - share
          : vertex === edges.vertices[edge + 1]
            ? share
            : 0;
    }
  });
  return moved;
}

/** Edges with one side towards the camera and one not. */
function occludingEdges(
  screen: Float64Array,
  indices: Uint32Array,
  { vertices, triangles }: ContourEdges,
): number[] {
  const facing = new Uint8Array(indices.length / 3);
  for (let t = 0; t < facing.length; t++) {
    const a = 3 * indices[3 * t];
    const b = 3 * indices[3 * t + 1];
    const c = 3 * indices[3 * t + 2];
    const area =
      (screen[b] - screen[a]) * (screen[c + 1] - screen[a + 1]) -
      (screen[b + 1] - screen[a + 1]) * (screen[c] - screen[a]);
    // Counter-clockwise outside turns clockwise on a screen whose y runs down.
    facing[t] = area < 0 ? 1 : 0;
  }
  const out: number[] = [];
  for (let e = 0; e < vertices.length; e += 2) {
    if (facing[triangles[e]] !== facing[triangles[e + 1]]) out.push(e);
  }
  return out;
}
