/**
 * What is wrong with a file that should hold a network: of `unknown` kind, without a tensor or setting
 * it must have (`missing`), with one of another `shape`, with a `layer` nobody here knows, or no `onnx`.
 */
export type NetworkErrorCode = "unknown" | "missing" | "shape" | "layer" | "onnx";

/** A file that is not the network it should be. */
export class NetworkError extends Error {
  override readonly name = "NetworkError";
  readonly tag = "network";
  readonly code: NetworkErrorCode;
  /** The tensor, layer or setting it is about, where there is one. */
  readonly subject: string | undefined;

  constructor(
    code: NetworkErrorCode,
    message: string,
    details: { readonly subject?: string; readonly cause?: unknown } = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.subject = details.subject;
  }
}

/** Whether something thrown is a {@link NetworkError}, also of another copy of this package. */
export function isNetworkError(error: unknown): error is NetworkError {
  return error instanceof Error && (error as { tag?: unknown }).tag === "network";
}
