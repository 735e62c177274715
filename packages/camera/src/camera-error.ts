/** Why a camera cannot be estimated from correspondences that are well-formed numbers. */
export type CameraErrorCode = "degenerate-points" | "degenerate-pixels";

/**
 * Correspondences that determine no camera: points that lie in a plane, on a line or in one place,
 * or pixels that do.
 */
export class CameraError extends Error {
  readonly tag = "CameraError";
  readonly code: CameraErrorCode;

  constructor(code: CameraErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "CameraError";
    this.code = code;
  }
}

/** Whether a caught value is a {@link CameraError}, from whichever copy of this package. */
export function isCameraError(error: unknown): error is CameraError {
  return error instanceof Error && "tag" in error && error.tag === "CameraError";
}
