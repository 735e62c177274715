export type ReconstructionErrorCode = "no-face" | "wrong-network" | "missing-network";

/** What the photo or the networks, not the caller, got wrong. */
export class ReconstructionError extends Error {
  readonly tag = "reconstruction";
  readonly code: ReconstructionErrorCode;

  constructor(code: ReconstructionErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = "ReconstructionError";
    this.code = code;
  }
}

/** True for a {@link ReconstructionError}, also one of another copy of this package. */
export function isReconstructionError(value: unknown): value is ReconstructionError {
  return value instanceof Error && (value as { tag?: unknown }).tag === "reconstruction";
}
