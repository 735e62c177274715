/** What the process returns, and why. */
export const EXIT_CODES = { done: 0, failed: 1, usage: 2, noFace: 3 } as const;

export type FailureKind = "failed" | "usage" | "noFace";

/**
 * Something the person at the keyboard can mend: one sentence that says what is wrong and one that
 * says what to do. Anything else that is thrown is a bug of ours.
 */
export class Failure extends Error {
  readonly tag = "Failure";
  readonly kind: FailureKind;
  /** Short machine-readable word for `--json`. */
  readonly code: string;

  constructor(kind: FailureKind, code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
    this.code = code;
  }
}

export function isFailure(error: unknown): error is Failure {
  return error instanceof Error && (error as { tag?: unknown }).tag === "Failure";
}
