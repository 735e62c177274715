import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";

/** The machine, as far as the cache's place depends on it; each part may be given. */
export interface CacheFolderOptions {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly platform?: string;
  readonly home?: string;
}

/**
 * Where headform keeps what it can get again: `$XDG_CACHE_HOME/headform` where that is set, else
 * `~/.cache/headform`, on macOS `~/Library/Caches/headform`, on Windows `%LOCALAPPDATA%\headform\Cache`.
 */
export function cacheFolder(options: CacheFolderOptions = {}): string {
  const { env = process.env, platform = process.platform, home = homedir() } = options;
  const { XDG_CACHE_HOME: xdg, LOCALAPPDATA: local } = env;
  // The specification of XDG says that relative paths are to be ignored.
  if (xdg && isAbsolute(xdg)) return join(xdg, "headform");
  if (platform === "darwin") return join(home, "Library", "Caches", "headform");
  if (platform === "win32") {
    return join(local || join(home, "AppData", "Local"), "headform", "Cache");
  }
  return join(home, ".cache", "headform");
}
