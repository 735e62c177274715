export type MorphableModelErrorCode = "bad-file" | "too-few-constraints" | "degenerate";

/** What the world, not the caller, got wrong: a bad model file, or data that cannot carry a fit. */
export class MorphableModelError extends Error {
  readonly tag = "morphable-model";
  readonly code: MorphableModelErrorCode;

  constructor(code: MorphableModelErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = "MorphableModelError";
    this.code = code;
  }
}

/** True for a {@link MorphableModelError}, also one of another copy of this package. */
export function isMorphableModelError(value: unknown): value is MorphableModelError {
  return value instanceof Error && (value as { tag?: unknown }).tag === "morphable-model";
}
