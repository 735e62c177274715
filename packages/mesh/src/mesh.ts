import type { Image } from "./image.ts";

/** Length of one unit of the positions; `"none"` where it is unknown. */
export type Unit = "m" | "mm" | "none";

/** A named displacement that a weight scales: positions + Σ weight · offsets. */
export interface MorphTarget {
  readonly name: string;
  /** [V×3] displacement at weight 1, in the mesh's unit. */
  readonly offsets: Float32Array;
  readonly weight: number;
}

/**
 * A triangle mesh: the one mesh format of the whole family.
 *
 * Right-handed, +Y up, +Z out of the face, +X to the subject's left. Plain data, never changed in
 * place: every verb returns a new mesh that may share arrays with the old one.
 */
export interface Mesh {
  /** [V×3] in `unit`. */
  readonly positions: Float32Array;
  /** [F×3] into positions, counter-clockwise seen from outside. */
  readonly indices: Uint32Array;
  readonly unit: Unit;
  /** [V×3] of length 1. */
  readonly normals?: Float32Array;
  /** [T×2] texture coordinates, origin at the bottom left. */
  readonly uvs?: Float32Array;
  /** [F×3] into uvs; where absent T = V and `indices` serve both. */
  readonly uvIndices?: Uint32Array;
  /** [V×3] sRGB. */
  readonly colors?: Uint8Array;
  /** sRGB picture addressed by `uvs`. */
  readonly texture?: Image;
  readonly morphTargets?: readonly MorphTarget[];
}
