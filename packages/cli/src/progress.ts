import { type Terminal, usesColor } from "./terminal.ts";

/** What a long command tells the person while it works. */
export interface Progress {
  /** Shows the stage at hand; a bar on a terminal, nothing elsewhere. */
  stage(label: string, done: number, total: number): void;
  /** A line that stays. */
  message(text: string): void;
  /** Takes the bar away. */
  end(): void;
}

const BAR_WIDTH = 24;

/** Progress on stderr: a bar only where stderr is a terminal, messages unless `quiet`. */
export function createProgress(terminal: Terminal, quiet: boolean): Progress {
  const { stderr } = terminal;
  const live = stderr.isTTY === true && !quiet && terminal.env.TERM !== "dumb";
  const color = usesColor(stderr, terminal.env);
  let shown = false;
  const clear = (): void => {
    if (shown) stderr.write("\r\u001b[K");
    shown = false;
  };
  return {
    stage(label, done, total) {
      if (!live) return;
      const filled = Math.round((BAR_WIDTH * Math.min(done, total)) / Math.max(total, 1));
      const bar = "█".repeat(filled) + "░".repeat(BAR_WIDTH - filled);
      const text = `${bar} ${label}`.slice(0, (stderr.columns || 80) - 1);
      stderr.write(`\r\u001b[K${color ? text.replace(bar, `\u001b[36m${bar}\u001b[0m`) : text}`);
      shown = true;
    },
    message(text) {
      clear();
      if (!quiet) stderr.write(`${text}\n`);
    },
    end: clear,
  };
}
