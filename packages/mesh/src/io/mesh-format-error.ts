/** The file formats of this entry point. */
export type MeshFormat = "obj" | "ply" | "stl" | "glb" | "png";

/** A file that is not what it claims to be: truncated, contradictory, too large or unsupported. */
export class MeshFormatError extends Error {
  override readonly name = "MeshFormatError";
  readonly tag = "mesh-format";
  readonly format: MeshFormat;
  /** Line of a text file, counted from 1. */
  readonly line: number | undefined;
  /** Byte of a binary file. */
  readonly offset: number | undefined;

  constructor(
    format: MeshFormat,
    message: string,
    where: { line?: number; offset?: number; cause?: unknown } = {},
  ) {
    const place =
      where.line !== undefined
        ? ` at line ${where.line}`
        : where.offset !== undefined
          ? ` at byte ${where.offset}`
          : "";
    super(`${format}: ${message}${place}`, "cause" in where ? { cause: where.cause } : undefined);
    this.format = format;
    this.line = where.line;
    this.offset = where.offset;
  }
}

/** Whether a thrown value is a {@link MeshFormatError}, also one from another copy of this package. */
export function isMeshFormatError(error: unknown): error is MeshFormatError {
  return error instanceof Error && (error as Partial<MeshFormatError>).tag === "mesh-format";
}
