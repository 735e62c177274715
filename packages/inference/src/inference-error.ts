/**
 * What went wrong: no `backend` could be started, the `model` could not be read, an `input` does not
 * fit the network, the `run` failed, the session was `released`, its `worker` broke, the `manifest` is
 * not one, the bytes' `digest` is not the expected one, a `download` failed, or a file that is not kept
 * was asked for `offline`.
 */
export type InferenceErrorCode =
  | "backend"
  | "model"
  | "input"
  | "run"
  | "released"
  | "worker"
  | "manifest"
  | "digest"
  | "download"
  | "offline";

/** The world's mistakes while finding a runtime and running a network; the cause is kept. */
export class InferenceError extends Error {
  readonly tag = "InferenceError";
  readonly code: InferenceErrorCode;
  /** Input, output, manifest field, file or address it is about, where there is one. */
  readonly field: string | undefined;

  constructor(
    code: InferenceErrorCode,
    message: string,
    options: { readonly cause?: unknown; readonly field?: string } = {},
  ) {
    super(message, "cause" in options ? { cause: options.cause } : undefined);
    this.name = "InferenceError";
    this.code = code;
    this.field = options.field;
  }
}

/** Whether something thrown is an {@link InferenceError}, also of another copy of this package. */
export function isInferenceError(error: unknown): error is InferenceError {
  return error instanceof Error && (error as { tag?: unknown }).tag === "InferenceError";
}
