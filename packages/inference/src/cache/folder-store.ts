import { createHash } from "node:crypto";
import { constants } from "node:fs";
import {
  access,
  type FileHandle,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  utimes,
  writeFile,
} from "node:fs/promises";
import { join } from "node:path";
import type { CachedFile, FileStore, KeptEntry, Part } from "./file-store.ts";
import { withLock } from "./folder-lock.ts";
import { noStore } from "./no-store.ts";

/**
 * Keeps files in a folder: of each, its bytes and beside them a `.json` of what is known of them.
 * Both come into being whole, by a rename, the `.json` last. From a folder that cannot be written,
 * files are only read.
 */
export async function openFolderStore(folder: string): Promise<FileStore> {
  const pathOf = (url: string): string => join(folder, keyOf(url));
  const paths = new WeakMap<Part, string>();
  const read: FileStore["read"] = async (url) => {
    const entry = await readEntry(`${pathOf(url)}.json`);
    const bytes = entry && (await readFile(pathOf(url)).catch(() => undefined));
    if (!entry || !bytes) return undefined;
    return { entry, bytes: new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength) };
  };
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK);
  } catch {
    return { ...noStore, read };
  }

  return {
    read,
    async touch(url) {
      const now = new Date();
      await utimes(pathOf(url), now, now).catch(() => {});
    },
    remove: (url) => removeBoth(pathOf(url)),
    alone: (url, work, signal) => withLock(`${pathOf(url)}.lock`, work, signal),
    async openPart(url) {
      const path = `${pathOf(url)}.part`;
      const part = await openPart(path, url);
      paths.set(part, path);
      return part;
    },
    async keep(part, entry) {
      const path = pathOf(entry.url);
      await part.leave();
      await rename(paths.get(part)!, path);
      await writeWhole(`${path}.json`, `${JSON.stringify(entry)}\n`);
      await rm(`${path}.part.json`, { force: true });
    },
    async evict(limit) {
      const files = await listFolder(folder);
      let total = files.reduce((sum, { bytes }) => sum + bytes, 0);
      for (const { url, bytes } of files.sort((a, b) => a.lastUsed - b.lastUsed)) {
        if (total <= limit) break;
        await removeBoth(pathOf(url));
        total -= bytes;
      }
    },
  };
}

/** Every file of the folder, by name. */
export async function listFolder(folder: string): Promise<CachedFile[]> {
  const names = await readdir(folder).catch(() => []);
  const files: CachedFile[] = [];
  for (const name of names.sort()) {
    if (!name.endsWith(".json") || name.endsWith(".part.json")) continue;
    const entry = await readEntry(join(folder, name));
    const status = await stat(join(folder, name.slice(0, -5))).catch(() => undefined);
    if (!entry || !status) continue;
    const { url, sha256 } = entry;
    files.push({ url, bytes: status.size, sha256, lastUsed: status.mtimeMs });
  }
  return files;
}

/** The address's digest, and its last word for people who look into the folder. */
function keyOf(url: string): string {
  const digest = createHash("sha256").update(url).digest("hex").slice(0, 24);
  const word = new URL(url).pathname
    .split("/")
    .at(-1)!
    .replace(/[^\w.-]+/g, "_");
  return `${digest}-${word.slice(-60)}`;
}

async function readEntry(path: string): Promise<KeptEntry | undefined> {
  try {
    const entry = JSON.parse(await readFile(path, "utf8")) as Partial<KeptEntry>;
    return typeof entry.url === "string" && typeof entry.sha256 === "string"
      ? (entry as KeptEntry)
      : undefined;
  } catch {
    return undefined;
  }
}

async function removeBoth(path: string): Promise<void> {
  await rm(`${path}.json`, { force: true });
  await rm(path, { force: true });
}

async function writeWhole(path: string, text: string): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  await writeFile(temporary, text);
  await rename(temporary, path);
}

/** What an earlier download left, or an empty file. */
async function openPart(path: string, url: string): Promise<Part> {
  const note = `${path}.json`;
  const left = await readFile(note, "utf8")
    .then((text) => (JSON.parse(text) as { version?: string }).version)
    .catch(() => undefined);
  const file: FileHandle = await open(path, "a+");
  if (left === undefined) await file.truncate(0);
  let closed = false;
  const part = {
    size: (await file.stat()).size,
    version: left,
    async restart(version: string | undefined) {
      await file.truncate(0);
      part.size = 0;
      part.version = version;
      if (version === undefined) await rm(note, { force: true });
      else await writeWhole(note, JSON.stringify({ url, version }));
    },
    async append(chunk: Uint8Array) {
      await file.appendFile(chunk);
      part.size += chunk.length;
    },
    async read() {
      const bytes = new Uint8Array(part.size);
      await file.read(bytes, 0, bytes.length, 0);
      return bytes;
    },
    async leave() {
      if (closed) return;
      closed = true;
      await file.close();
      if (part.size === 0) await rm(path, { force: true });
    },
  };
  return part;
}
