import { readFileSync } from "node:fs";
import { Command, CommanderError } from "commander";
import { addCache } from "./commands/cache.ts";
import { addDoctor } from "./commands/doctor.ts";
import { addEvaluate } from "./commands/evaluate.ts";
import { addFit } from "./commands/fit.ts";
import { addModel } from "./commands/model.ts";
import { addNetwork } from "./commands/network.ts";
import { addReconstruct } from "./commands/reconstruct.ts";
import { addVolume } from "./commands/volume.ts";
import { EXIT_CODES, isFailure } from "./failure.ts";
import { type Terminal, usesColor } from "./terminal.ts";

export { EXIT_CODES } from "./failure.ts";
export type { Stream, Terminal } from "./terminal.ts";

const manifest = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
  readonly version: string;
};

/**
 * Runs one command line and returns its exit code: 0 done, 1 failed, 2 wrong usage, 3 no face found.
 *
 * Results go to `terminal.stdout`, everything else to `terminal.stderr`. Never throws for bad input.
 *
 * @param argv - the words after the program's name, e.g. `["reconstruct", "photo.jpg"]`
 */
export async function run(argv: readonly string[], terminal: Terminal): Promise<number> {
  let exitCode: number = EXIT_CODES.done;
  const program = createProgram(terminal, (code) => {
    exitCode = code;
  });
  try {
    if (argv.length === 0) {
      program.outputHelp({ error: true });
      return EXIT_CODES.usage;
    }
    await program.parseAsync(argv, { from: "user" });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) {
      // Help and version leave through an error too; only real mistakes are wrong usage.
      return error.exitCode === 0 ? EXIT_CODES.done : EXIT_CODES.usage;
    }
    reportError(error, terminal);
    return isFailure(error) ? EXIT_CODES[error.kind] : EXIT_CODES.failed;
  }
}

function createProgram(process: Terminal, setExitCode: (code: number) => void): Command {
  const program = new Command("headform")
    .description("A face photo in, a 3D head out. Everything runs on this machine.")
    .version(manifest.version, "-V, --version", "print the version")
    .option("--offline", "ask no server: what was given by address comes from the cache")
    .helpOption("-h, --help", "print this help")
    .helpCommand("help [command]", "print help for a command")
    .showHelpAfterError("(see headform --help)")
    .showSuggestionAfterError();
  const terminal: Terminal = {
    ...process,
    get offline() {
      return program.opts<{ readonly offline?: boolean }>().offline === true;
    },
  };
  program.exitOverride();
  program.configureOutput({
    writeOut: (text) => terminal.stdout.write(text),
    writeErr: (text) => terminal.stderr.write(text),
    getOutHasColors: () => usesColor(terminal.stdout, terminal.env),
    getErrHasColors: () => usesColor(terminal.stderr, terminal.env),
    getOutHelpWidth: () => terminal.stdout.columns || 100,
    getErrHelpWidth: () => terminal.stderr.columns || 100,
    outputError: (text, write) => write(text),
  });
  addReconstruct(program, terminal, setExitCode);
  addModel(program, terminal);
  addFit(program, terminal);
  addNetwork(program, terminal);
  addVolume(program, terminal);
  addEvaluate(program, terminal);
  addCache(program, terminal);
  addDoctor(program, terminal, manifest.version, setExitCode);
  return program;
}

/** One sentence on stderr; the stack only for whoever asks with HEADFORM_DEBUG=1. */
function reportError(error: unknown, terminal: Terminal): void {
  const color = usesColor(terminal.stderr, terminal.env);
  const label = color ? "\u001b[31merror:\u001b[0m" : "error:";
  const message = error instanceof Error ? error.message : String(error);
  const hint = isFailure(error)
    ? ""
    : "\n(This looks like a defect of headform; HEADFORM_DEBUG=1 prints where it happened.)";
  terminal.stderr.write(`${label} ${message}${hint}\n`);
  if (terminal.env.HEADFORM_DEBUG && error instanceof Error) {
    terminal.stderr.write(`${error.stack ?? ""}\n`);
  }
}
