/** A file that is not what it claims to be: truncated, contradictory, too large or of an unknown kind. */
export class FormatError extends Error {
  override readonly name = "FormatError";
  readonly tag = "format";
  /** The file format that was being read or written. */
  readonly format: string;
  /** Byte at which the trouble was noticed, where one is known. */
  readonly offset: number | undefined;

  constructor(format: string, message: string, details?: { offset?: number; cause?: unknown }) {
    super(message, details?.cause === undefined ? undefined : { cause: details.cause });
    this.format = format;
    this.offset = details?.offset;
  }
}

/** Whether a thrown value is a {@link FormatError}, also one from another copy of this package. */
export function isFormatError(error: unknown): error is FormatError {
  return error instanceof Error && (error as Partial<FormatError>).tag === "format";
}
