/** Where a command reads its surroundings and writes its words: the process, or a test's stand-in. */
export interface Terminal {
  readonly stdout: Stream;
  readonly stderr: Stream;
  /** Folder that relative paths start from. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** No server may be asked. */
  readonly offline?: boolean;
}

export interface Stream {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

/** Whether ANSI colors may be written to `stream`: only to a terminal, and never under NO_COLOR. */
export function usesColor(stream: Stream, env: Terminal["env"]): boolean {
  return stream.isTTY === true && !env.NO_COLOR && env.TERM !== "dumb";
}
