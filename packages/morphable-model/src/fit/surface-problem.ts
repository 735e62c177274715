import type { PerspectiveCamera } from "@headform/camera";
import type { SurfacePoints } from "../skinned-model.ts";
import { createSkinnedWorkspace, type SkinnedWorkspace } from "../skinned-workspace.ts";
import type { HeadUnknowns } from "./head-unknowns.ts";

/** Unknowns of the camera: rotation (3), translation x, y, log scale, log distance, center (2). */
export const SURFACE_CAMERA_UNKNOWNS = 9;

/** What an image says about a head: everything in pixels of maps of one size. */
export interface SurfaceObservation {
  readonly width: number;
  readonly height: number;
  /** Where single vertices are seen. */
  readonly vertices?: {
    /** [N] */
    readonly indices: Uint32Array;
    /** [N×2] */
    readonly pixels: Float64Array;
  };
  /** Unit normals in the head's frame. */
  readonly normals?: {
    /** [H×W×3] */
    readonly values: Float32Array;
    /** [H×W] 0 where nothing is known. */
    readonly weights: Float32Array;
  };
  /** Texture coordinates, origin bottom-left. */
  readonly uv?: {
    /** [H×W×2] */
    readonly values: Float32Array;
    /** [H×W] 0 where nothing is known. */
    readonly weights: Float32Array;
  };
  /** [H×W] distance to the nearest pixel that is not background, pixels. */
  readonly background?: Float32Array;
  /** Landmarks, or any other points of the surface. */
  readonly points?: {
    readonly at: SurfacePoints;
    /** [L×2] */
    readonly pixels: Float64Array;
    /** [L] */
    readonly weights: Float64Array;
  };
}

/** A term's weight, whether its residuals count by their size or its square, and where they are cut. */
export interface SurfaceTerm {
  readonly weight: number;
  readonly power: 1 | 2;
  /** Mean absolute residual of a pixel or vertex from which on it only counts as that. */
  readonly cut: number;
}

/** The energy's terms; residuals of pixels are divided by the maps' longer side. */
export interface SurfaceTerms {
  /** Mean over vertices and coordinates of |p* − π(v)|/size. */
  readonly vertices: SurfaceTerm;
  /** Mean over all pixels and coordinates of |N − n|. */
  readonly normals: SurfaceTerm;
  /** Mean over all pixels and coordinates of |U − u|. */
  readonly uv: SurfaceTerm;
  /** Part of the picture that the head covers though it is background. */
  readonly silhouette: number;
  /** Mean over points and coordinates of (p − π(x))²/size². */
  readonly points: number;
}

/** What is minimized, and over what. */
export interface SurfaceProblem {
  readonly unknowns: HeadUnknowns;
  readonly observation: SurfaceObservation;
  readonly terms: SurfaceTerms;
  /** [C + 9] quadratic pull of each unknown towards `center`: Σ precision·(x − center)². */
  readonly precisions: Float64Array;
  readonly centers: Float64Array;
  /** [9] 1 for each unknown of the camera that may move. */
  readonly free: readonly number[];
  /** What |r| is near 0: √(r² + ε²) − ε, in pixels; normals and uvs have a hundredth of it. */
  readonly softening: number;
  readonly scene: SurfaceScene;
}

export interface SurfaceState {
  /** [C] */
  readonly x: Float64Array;
  readonly camera: PerspectiveCamera;
}

/** What is prepared once for a model: memory and the neighborhood of vertices. */
export interface SurfaceScene {
  readonly model: HeadUnknowns["model"];
  readonly workspace?: SkinnedWorkspace;
  /** [V + 1], [3F] triangles at each vertex. */
  readonly fanStarts: Uint32Array;
  readonly fans: Uint32Array;
  /** Most triangles at one vertex. */
  readonly widestFan: number;
  /** [V] vertices so that neighbors in space are neighbors here. */
  readonly order: Uint32Array;
}

/** Prepares a model for fits to maps. Belongs to one thread. */
export function createSurfaceScene(model: HeadUnknowns["model"]): SurfaceScene {
  const rest = model.kind === "skinned" ? model.template : model.mean;
  const vertexCount = rest.length / 3;
  const fanStarts = new Uint32Array(vertexCount + 1);
  for (const v of model.indices) fanStarts[v + 1]++;
  for (let v = 0; v < vertexCount; v++) fanStarts[v + 1] += fanStarts[v];
  const next = fanStarts.slice();
  const fans = new Uint32Array(model.indices.length);
  model.indices.forEach((v, i) => {
    fans[next[v]++] = Math.floor(i / 3);
  });
  return {
    model,
    ...(model.kind === "skinned" && { workspace: createSkinnedWorkspace(model) }),
    fanStarts,
    fans,
    widestFan: fanStarts.reduce(
      (most, start, v) => Math.max(most, (fanStarts[v + 1] ?? 0) - start),
      0,
    ),
    order: spatialOrder(rest),
  };
}

/** Vertices along a Z-order curve through their bounding cube. */
function spatialOrder(rest: Float32Array): Uint32Array {
  let [low, high] = [Infinity, -Infinity];
  for (const value of rest) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const codes = Float64Array.from({ length: rest.length / 3 }, (_, v) => {
    let code = 0;
    for (let bit = 9; bit >= 0; bit--) {
      for (let axis = 0; axis < 3; axis++) {
        const cell = Math.min(1023, Math.floor((1024 * (rest[3 * v + axis] - low)) / (high - low)));
        code = 2 * code + ((cell >> bit) & 1);
      }
    }
    return code;
  });
  return Uint32Array.from(codes, (_, v) => v).sort((a, b) => codes[a] - codes[b]);
}
