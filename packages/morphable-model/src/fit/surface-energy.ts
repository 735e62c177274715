import type { PerspectiveCamera } from "@headform/camera";
import { type Fragments, rasterize } from "@headform/raster";
import {
  type AreaNormals,
  addNormalGradient,
  createAreaNormals,
  writeAreaNormals,
} from "./area-normals.ts";
import { type HeadFrame, headFrame } from "./head-frame.ts";
import { evaluateHead, gradientOf, type HeadMotion, headMotion } from "./head-motion.ts";
import { addNormalTerm } from "./normal-term.ts";
import { addSilhouette } from "./silhouette-term.ts";
import {
  SURFACE_CAMERA_UNKNOWNS,
  type SurfaceProblem,
  type SurfaceState,
} from "./surface-problem.ts";
import { addUvTerm } from "./uv-term.ts";
import { addPointTerm, addVertexTerm } from "./vertex-terms.ts";

/** The energy at one state, with what its gradient and normal equations are made of. */
export interface SurfaceEnergy {
  readonly energy: number;
  /** Its terms: vertices, normals, uv, silhouette, points, prior. */
  readonly parts: Readonly<Record<SurfacePart, number>>;
  readonly view: SurfaceView;
  readonly pulls: SurfacePulls;
}

export type SurfacePart = "vertices" | "normals" | "uv" | "silhouette" | "points" | "prior";

/** The head as it is seen. */
export interface SurfaceView {
  readonly positions: Float32Array;
  readonly surface: AreaNormals;
  /** [V×3] normals in the head's frame. */
  readonly normals: Float64Array;
  readonly frame?: HeadFrame;
  /** [V×3] pixels and depth. */
  readonly screen: Float64Array;
  /** [V×2×3] derivative of the pixel by the vertex. */
  readonly byPoint: Float64Array;
  /** [V×2×9] derivative of the pixel by the camera. */
  readonly byCamera: Float64Array;
  readonly fragments: Fragments;
}

/** Gradients by the vertices' pixels and normals, and the weights of their squares. */
export interface SurfacePulls {
  /** [V×2] */
  readonly byPixel: Float64Array;
  /** [V×3] in the head's frame. */
  readonly byNormal: Float64Array;
  /** [V×3] xx, xy, yy */
  readonly pixelWeights: Float64Array;
  /** [V×3] of each coordinate in the head's frame. */
  readonly normalWeights: Float64Array;
  /** [V×3×2] sum over pixels of weight times how the picture's normal changes per pixel. */
  readonly normalSlopes: Float64Array;
}

/** Usual sizes of residuals, by which absolute values are turned into squares. */
export type UsualResiduals = Readonly<Record<"vertices" | "normals" | "uv", number>>;

/**
 * Evaluates the energy of a problem; see {@link surfaceGradient} for its gradient.
 *
 * @param usual sizes of residuals that weights of squares go by; 0 unless told
 */
export function surfaceEnergy(
  problem: SurfaceProblem,
  state: SurfaceState,
  usual: UsualResiduals = { vertices: 0, normals: 0, uv: 0 },
): SurfaceEnergy {
  const { observation, terms } = problem;
  const view = lookAt(problem, state);
  const vertexCount = view.positions.length / 3;
  const pulls: SurfacePulls = {
    byPixel: new Float64Array(2 * vertexCount),
    byNormal: new Float64Array(3 * vertexCount),
    pixelWeights: new Float64Array(3 * vertexCount),
    normalWeights: new Float64Array(3 * vertexCount),
    normalSlopes: new Float64Array(6 * vertexCount),
  };
  const size = Math.max(observation.width, observation.height);
  const softening = problem.softening;
  const indices = problem.unknowns.model.indices;
  const parts = { vertices: 0, normals: 0, uv: 0, silhouette: 0, points: 0, prior: 0 };
  if (observation.vertices && terms.vertices.weight > 0) {
    parts.vertices = addVertexTerm(
      pulls,
      view,
      observation.vertices,
      terms.vertices,
      size,
      softening,
      usual.vertices,
    );
  }
  const { uvs, uvIndices } = problem.unknowns.model;
  // Where the uv name another place than the head shows, its normal says nothing either.
  const elsewhere = new Uint8Array(observation.width * observation.height);
  if (observation.uv && terms.uv.weight > 0 && uvs) {
    parts.uv = addUvTerm(
      pulls,
      view,
      indices,
      { uvs, indices: uvIndices ?? indices },
      observation.uv,
      terms.uv,
      softening / 100,
      usual.uv,
      elsewhere,
    );
  }
  if (observation.normals && terms.normals.weight > 0) {
    parts.normals = addNormalTerm(
      pulls,
      view,
      indices,
      observation.normals,
      terms.normals,
      softening / 100,
      usual.normals,
      elsewhere,
    );
  }
  if (observation.background && terms.silhouette > 0) {
    parts.silhouette = addSilhouette(
      pulls,
      view,
      problem.scene,
      observation.background,
      terms.silhouette,
    );
  }
  if (observation.points && terms.points > 0) {
    parts.points = addPointTerm(pulls, view, indices, observation.points, terms.points, size);
  }
  parts.prior = priorEnergy(problem, state);
  let energy = 0;
  for (const value of Object.values(parts)) energy += value;
  return { energy, parts, view, pulls };
}

/** Mean sizes of residuals at an energy, for the weights of the next. */
export function usualResiduals(problem: SurfaceProblem, { parts }: SurfaceEnergy): UsualResiduals {
  const { observation, terms } = problem;
  const share = (weights: Float32Array | undefined): number => {
    if (!weights) return 1;
    let sum = 0;
    for (const weight of weights) sum += weight;
    return sum > 0 ? sum / weights.length : 1;
  };
  const mean = (part: "vertices" | "normals" | "uv", part01: number): number => {
    const { weight, power } = terms[part];
    return weight > 0 && power === 1 ? parts[part] / weight / part01 : 0;
  };
  return {
    vertices: mean("vertices", 1),
    normals: mean("normals", share(observation.normals?.weights)),
    uv: mean("uv", share(observation.uv?.weights)),
  };
}

/** Gradient [C + 9] of the energy by all unknowns, 0 for a camera's that may not move. */
export function surfaceGradient(
  problem: SurfaceProblem,
  state: SurfaceState,
  { view, pulls }: SurfaceEnergy,
): { readonly gradient: Float64Array; readonly motion: HeadMotion } {
  const { unknowns, scene, free } = problem;
  const { columns, model } = unknowns;
  const { byPoint, byCamera, positions, frame } = view;
  const gradient = new Float64Array(columns + SURFACE_CAMERA_UNKNOWNS);
  const motion = headMotion(unknowns, state.x, positions, scene.workspace);
  // 1. By the vertices: through the pixels, and through the normals.
  const byVertex = new Float64Array(positions.length);
  const { byPixel } = pulls;
  const byNormal = frame ? frame.toModel(pulls.byNormal) : pulls.byNormal;
  const scratch = new Float64Array(positions.length);
  addNormalGradient(byVertex, byNormal, view.surface, positions, model.indices, scratch);
  for (let v = 0; v < byPixel.length / 2; v++) {
    const gu = byPixel[2 * v];
    const gv = byPixel[2 * v + 1];
    if (gu === 0 && gv === 0) continue;
    for (let axis = 0; axis < 3; axis++) {
      byVertex[3 * v + axis] += gu * byPoint[6 * v + axis] + gv * byPoint[6 * v + 3 + axis];
    }
    const c = 2 * SURFACE_CAMERA_UNKNOWNS * v;
    for (let a = 0; a < SURFACE_CAMERA_UNKNOWNS; a++) {
      gradient[columns + a] +=
        gu * byCamera[c + a] + gv * byCamera[c + SURFACE_CAMERA_UNKNOWNS + a];
    }
  }
  for (let a = 0; a < SURFACE_CAMERA_UNKNOWNS; a++) gradient[columns + a] *= free[a];
  // 2. By the unknowns that move the vertices, and the prior.
  gradientOf(motion, byVertex, gradient);
  if (frame) frame.addGradient(gradient, view.surface.normals, byNormal);
  const { precisions, centers } = problem;
  const values = unknownsWithCamera(state);
  for (let k = 0; k < gradient.length; k++) {
    if (precisions[k] > 0) gradient[k] += 2 * precisions[k] * (values[k] - centers[k]);
  }
  return { gradient, motion };
}

/** Numbers [C + 9] the prior speaks about: coefficients; 0 for a turn; translation, logs, center. */
export function unknownsWithCamera({ x, camera }: SurfaceState): Float64Array {
  const { translation: t, focalLength, principalPoint } = camera;
  const out = new Float64Array(x.length + SURFACE_CAMERA_UNKNOWNS);
  out.set(x);
  out.set(
    [t[0], t[1], Math.log(focalLength / -t[2]), Math.log(-t[2]), ...principalPoint],
    x.length + 3,
  );
  return out;
}

function priorEnergy({ precisions, centers }: SurfaceProblem, state: SurfaceState): number {
  const values = unknownsWithCamera(state);
  let sum = 0;
  for (let k = 0; k < values.length; k++) {
    if (precisions[k] > 0) sum += precisions[k] * (values[k] - centers[k]) ** 2;
  }
  return sum;
}

function lookAt(problem: SurfaceProblem, { x, camera }: SurfaceState): SurfaceView {
  const { unknowns, scene, observation } = problem;
  const { indices } = unknowns.model;
  const rest = unknowns.model.kind === "skinned" ? unknowns.model.template : unknowns.model.mean;
  const positions = evaluateHead(unknowns, x, new Float32Array(rest.length), scene.workspace);
  const surface = createAreaNormals(positions.length / 3);
  writeAreaNormals(surface, positions, indices);
  const frame = headFrame(unknowns, scene.workspace);
  const { screen, w, byPoint, byCamera } = project(camera, positions);
  const { width, height } = observation;
  const fragments = rasterize({ positions: screen, indices, w, width, height, cull: "back" });
  return {
    positions,
    surface,
    normals: frame ? frame.toHead(surface.normals) : surface.normals,
    ...(frame && { frame }),
    screen,
    byPoint,
    byCamera,
    fragments,
  };
}

function project(
  { focalLength: f, principalPoint, rotation: R, translation }: PerspectiveCamera,
  positions: Float32Array,
): {
  readonly screen: Float64Array;
  readonly w: Float64Array;
  readonly byPoint: Float64Array;
  readonly byCamera: Float64Array;
} {
  const count = positions.length / 3;
  const screen = new Float64Array(3 * count);
  const w = new Float64Array(count);
  const byPoint = new Float64Array(6 * count);
  const byCamera = new Float64Array(2 * SURFACE_CAMERA_UNKNOWNS * count);
  const [cx, cy] = principalPoint;
  const [tx, ty, tz] = translation;
  for (let i = 0; i < count; i++) {
    const x = positions[3 * i];
    const y = positions[3 * i + 1];
    const z = positions[3 * i + 2];
    const rx = R[0] * x + R[1] * y + R[2] * z;
    const ry = R[3] * x + R[4] * y + R[5] * z;
    const rz = R[6] * x + R[7] * y + R[8] * z;
    const depth = -tz - rz;
    const g = f / depth;
    const hx = (rx + tx) / depth;
    const hy = (ry + ty) / depth;
    const u = f * hx;
    const v = -f * hy;
    screen[3 * i] = cx + u;
    screen[3 * i + 1] = cy + v;
    screen[3 * i + 2] = rz;
    w[i] = depth;
    for (let axis = 0; axis < 3; axis++) {
      byPoint[6 * i + axis] = g * (R[axis] + hx * R[6 + axis]);
      byPoint[6 * i + 3 + axis] = -g * (R[3 + axis] + hy * R[6 + axis]);
    }
    // R·X moves by ω × R·X; then tx, ty; log scale; log distance at constant scale; center.
    const c = 2 * SURFACE_CAMERA_UNKNOWNS * i;
    byCamera[c] = g * hx * ry;
    byCamera[c + 1] = g * (rz - hx * rx);
    byCamera[c + 2] = -g * ry;
    byCamera[c + 3] = g;
    byCamera[c + 5] = u;
    byCamera[c + 6] = (-u * rz) / depth;
    byCamera[c + 7] = 1;
    byCamera[c + 9] = -g * (-rz + hy * ry);
    byCamera[c + 10] = g * hy * rx;
    byCamera[c + 11] = -g * rx;
    byCamera[c + 13] = -g;
    byCamera[c + 14] = v;
    byCamera[c + 15] = (-v * rz) / depth;
    byCamera[c + 17] = 1;
  }
  return { screen, w, byPoint, byCamera };
}
