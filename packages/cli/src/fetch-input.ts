import { join } from "node:path";
import { type FetchFileOptions, isInferenceError } from "@headform/inference";
import { cacheFolder, fetchFile, fetchNetwork } from "@headform/inference/node";
import { Failure } from "./failure.ts";
import { createProgress } from "./progress.ts";
import type { Terminal } from "./terminal.ts";

/** Where downloads are kept, of the cache's folder. */
export function downloadsFolder(env: Terminal["env"]): string {
  return join(cacheFolder({ env }), "downloads");
}

/** Whether a word of the command line is an address and no file. */
export function isAddress(file: string): boolean {
  return /^https?:\/\//i.test(file);
}

/**
 * The bytes at an address: from the cache, or downloaded into it.
 *
 * @throws {Failure} when it cannot be had
 */
export function fetchInput(url: string, terminal: Terminal): Promise<Uint8Array> {
  return fetching(terminal, (options) => fetchFile({ url }, options));
}

/**
 * The network at an address, with its manifest.
 *
 * @throws {Failure} when it cannot be had
 */
export function fetchInputNetwork(
  url: string,
  terminal: Terminal,
): ReturnType<typeof fetchNetwork> {
  return fetching(terminal, (options) => fetchNetwork(url, options));
}

async function fetching<T>(
  terminal: Terminal,
  fetchIt: (options: FetchFileOptions) => Promise<T>,
): Promise<T> {
  const progress = createProgress(terminal, false);
  try {
    return await fetchIt({
      cache: downloadsFolder(terminal.env),
      offline: terminal.offline === true,
      ...limitOf(terminal.env),
      onProgress: ({ url, loaded, total }) =>
        progress.stage(`downloading ${url}`, loaded, total ?? loaded),
    });
  } catch (cause) {
    if (!isInferenceError(cause)) throw cause;
    const message = cause.message.replace(/^\w+: /, "");
    const hint = cause.code === "offline" ? " (without --offline)" : "";
    throw new Failure("failed", cause.code, `${message}${hint}.`, { cause });
  } finally {
    progress.end();
  }
}

function limitOf({ HEADFORM_CACHE_LIMIT: text }: Terminal["env"]): Pick<FetchFileOptions, "limit"> {
  if (!text) return {};
  const limit = Number(text);
  if (limit >= 0) return { limit };
  throw new Failure("usage", "cache-limit", `HEADFORM_CACHE_LIMIT is bytes, not "${text}".`);
}
