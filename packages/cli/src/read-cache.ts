import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { cacheFolder, listCache } from "@headform/inference/node";
import { downloadsFolder } from "./fetch-input.ts";
import type { Terminal } from "./terminal.ts";

/** What the cache holds. */
export interface CacheContents {
  readonly folder: string;
  readonly bytes: number;
  readonly files: readonly CacheFile[];
}

interface CacheFile {
  /** Where it was downloaded from, or its name where it was computed here. */
  readonly name: string;
  readonly bytes: number;
  /** ISO date. */
  readonly lastUsed: string;
}

/** Looks through the cache: downloads, and what was computed once. */
export async function readCache(env: Terminal["env"]): Promise<CacheContents> {
  const folder = cacheFolder({ env });
  const files: CacheFile[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
    if (!entry.isFile()) continue;
    const { size, mtimeMs } = await stat(join(folder, entry.name));
    files.push({ name: entry.name, bytes: size, lastUsed: new Date(mtimeMs).toISOString() });
  }
  for (const { url, bytes, lastUsed } of await listCache({ cache: downloadsFolder(env) })) {
    files.push({ name: url, bytes, lastUsed: new Date(lastUsed).toISOString() });
  }
  return { folder, bytes: files.reduce((sum, file) => sum + file.bytes, 0), files };
}
