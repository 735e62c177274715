#!/usr/bin/env node
import { EXIT_CODES, run } from "./index.ts";

// A reader that closes early (`headform … | head`) is no failure of ours; a full disk is no defect.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(EXIT_CODES.done);
  process.stderr.write(`error: the results could not be printed (${error.message}).\n`);
  process.exit(EXIT_CODES.failed);
});

process.exitCode = await run(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  cwd:
    process.env.INIT_CWD && process.env.HEADFORM_FROM_CLONE ? process.env.INIT_CWD : process.cwd(),
  env: process.env,
});
