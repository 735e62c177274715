/** A data file is `missing`, was `altered` since its digest was taken, or is not `readable` as what it should be. */
export type OpenHeadErrorCode = "missing" | "altered" | "readable";

/** The world's mistakes while loading the package's data; the cause is kept. */
export class OpenHeadError extends Error {
  readonly tag = "OpenHeadError";
  readonly code: OpenHeadErrorCode;
  /** Name of the data file. */
  readonly file: string;

  constructor(code: OpenHeadErrorCode, file: string, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = "OpenHeadError";
    this.code = code;
    this.file = file;
  }
}

/** Whether something thrown is an {@link OpenHeadError}, also of another copy of this package. */
export function isOpenHeadError(error: unknown): error is OpenHeadError {
  return error instanceof Error && (error as { tag?: unknown }).tag === "OpenHeadError";
}
