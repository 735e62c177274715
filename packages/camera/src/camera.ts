/** Any camera; `kind` tells which. Model frame: +Y up, +Z out of the face. Pixels: y down. */
export type Camera = AffineCamera | ScaledOrthographicCamera | PerspectiveCamera;

/** (u, v)ᵀ = M·(X, Y, Z, 1)ᵀ. */
export interface AffineCamera {
  readonly kind: "affine";
  /** [2×4] row-major, pixels per model unit; last column in pixels. */
  readonly matrix: Float64Array;
}

/** u = tx + s·(R·X).x, v = ty − s·(R·X).y. */
export interface ScaledOrthographicCamera {
  readonly kind: "scaled-orthographic";
  /** s, pixels per model unit. */
  readonly scale: number;
  /** R [3×3] row-major, from the model frame to the camera frame. */
  readonly rotation: Float64Array;
  /** [2] tx, ty, pixels. */
  readonly translation: Float64Array;
}

/** Xc = R·X + t; u = cx + f·Xc.x/(−Xc.z), v = cy − f·Xc.y/(−Xc.z). */
export interface PerspectiveCamera {
  readonly kind: "perspective";
  /** f, pixels. */
  readonly focalLength: number;
  /** [2] cx, cy, pixels. */
  readonly principalPoint: Float64Array;
  /** R [3×3] row-major, from the model frame to the camera frame. */
  readonly rotation: Float64Array;
  /** t [3], model units; t.z < 0 in front of the camera. */
  readonly translation: Float64Array;
}
