import type { Unit } from "@headform/mesh";
import type { Coefficients } from "./pca-model.ts";

/** Points on a mesh: point i is `Σ barycentrics[i,p]·X[indices[3·triangles[i]+p]]`. */
export interface SurfacePoints {
  /** [N] triangle each point lies on. */
  readonly triangles: Uint32Array;
  /** [N×3] barycentric coordinates within that triangle. */
  readonly barycentrics: Float32Array;
}

/** Contour points that slide over the jaw as the head turns: one row per degree of yaw. */
export interface DynamicContour {
  /** [79×C] triangles: rows 0…39 for 0°…39° of one sense, rows 40…78 for 1°…39° of the other. */
  readonly triangles: Uint32Array;
  /** [79×C×3] barycentric coordinates within those triangles. */
  readonly barycentrics: Float32Array;
  /** Which sense of yaw rows 0…39 are for; published code disagrees, files do not say. */
  readonly sign: "smplx" | "mica";
}

/**
 * A skinned model of heads, the form of FLAME: blendshapes, joints regressed from the expressed
 * shape, pose correctives and linear blend skinning.
 *
 * ```text
 * S(s, e)  = template + Σ sₖ·Sₖ + Σ eₖ·Eₖ          expressed shape
 * J(s, e)  = jointRegressor · S                      joints
 * P(θ)     = Σ (R(θ) − I)ₘ·Pₘ                        pose correctives, joints 1…J−1, row-major
 * X        = Σⱼ weightⱼ · Gⱼ(θ, J) · (S + P) + Σ lₖ·Lₖ   skinned vertices, then the eyelids
 * ```
 *
 * The model frame has +Y up, +Z out of the face and +X to the subject's left. Bases hold the
 * displacement of every vertex for a coefficient of 1, mode by mode: V8 or SIMD streams them.
 *
 * @see Li et al., Learning a model of facial shape and expression from 4D scans, 2017, section 4
 */
export interface SkinnedModel {
  readonly kind: "skinned";
  readonly name: string;
  readonly version: string;
  readonly licence: string;
  readonly unit: Unit;
  /** [V×3] vertices of the head at rest with all coefficients 0. */
  readonly template: Float32Array;
  /** [F×3] triangles, counter-clockwise seen from outside. */
  readonly indices: Uint32Array;
  /** [T×2] texture coordinates, origin bottom-left. */
  readonly uvs?: Float32Array;
  /** [F×3] into `uvs`; absent: T = V and `indices` serve both. */
  readonly uvIndices?: Uint32Array;
  /** [Ks×V×3] displacement for a shape coefficient of 1 (shapedirs, first part). */
  readonly shapeBasis: Float32Array;
  /** [Ks] prior standard deviation of each shape coefficient, in coefficient units. */
  readonly shapeStandardDeviations: Float32Array;
  /** [Ke×V×3] displacement for an expression coefficient of 1 (shapedirs, second part). */
  readonly expressionBasis: Float32Array;
  /** [Ke] prior standard deviation of each expression coefficient, in coefficient units. */
  readonly expressionStandardDeviations: Float32Array;
  /** [Ke] names. */
  readonly expressionNames: readonly string[];
  /** Lowest and highest sensible expression coefficient; absent: unbounded. */
  readonly expressionRange?: readonly [number, number];
  /** [9(J−1)×V×3] displacement per entry of R − I, joints 1…J−1, row-major (posedirs). */
  readonly poseBasis: Float32Array;
  /** [J×V] weights of the expressed vertices in each joint. */
  readonly jointRegressor: Float32Array;
  /** [V×J] weights of each vertex' joints; rows sum to 1. */
  readonly skinningWeights: Float32Array;
  /** [J] parent joint, before its child; −1 for the root, which is joint 0. */
  readonly parents: Int32Array;
  /** [J] names, in FLAME root, neck, jaw, leftEye, rightEye. */
  readonly jointNames: readonly string[];
  readonly landmarks?: {
    /** The landmarks that stay on the skin: 51 in FLAME, all 68 where there is no contour. */
    readonly static: SurfacePoints;
    /** All 68, the jaw line where it is at rest, beside static ones and a contour. */
    readonly full?: SurfacePoints;
    readonly dynamicContour?: DynamicContour;
    readonly mediapipe?: SurfacePoints & {
      /** [N] index of each point among MediaPipe's 478. */
      readonly indices: Uint32Array;
    };
  };
  /** [2×V×3] displacement that closes the left, the right eyelid, added after skinning. */
  readonly eyelids?: Float32Array;
  /** Named sets of vertices. */
  readonly masks?: ReadonlyMap<string, Uint32Array>;
}

/** Coefficients of a skinned head; what is absent is 0: without `pose` the head is neutral. */
export interface SkinnedCoefficients extends Coefficients {
  /** [≤J×3] axis times angle of each joint's rotation, rad, relative to its parent. */
  readonly pose?: ArrayLike<number>;
  /** [2] left and right eyelid. */
  readonly eyelids?: ArrayLike<number>;
}
