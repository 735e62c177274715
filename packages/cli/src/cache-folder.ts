import { homedir } from "node:os";
import { join } from "node:path";
import type { Terminal } from "./terminal.ts";

/** Where what was computed once is kept: `$XDG_CACHE_HOME/headform`, else `~/.cache/headform`. */
export function cacheFolder(env: Terminal["env"]): string {
  return join(env.XDG_CACHE_HOME || join(homedir(), ".cache"), "headform");
}
