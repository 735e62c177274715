#!/usr/bin/env node
import { run } from "./index.ts";

// A reader that closes early (`headform … | head`) is no failure of ours.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});

process.exitCode = await run(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  cwd:
    process.env.INIT_CWD && process.env.HEADFORM_FROM_CLONE ? process.env.INIT_CWD : process.cwd(),
  env: process.env,
});
