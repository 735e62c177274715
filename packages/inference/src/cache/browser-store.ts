import type { CachedFile, FileStore, KeptEntry, Part } from "./file-store.ts";
import { createMemoryPart } from "./memory-part.ts";

/** Headers of kept responses that are ours. */
const SHA256 = "x-headform-sha256";
const VERSION = "x-headform-version";
const USED = "x-headform-used";
/** A use is written down at most once in so many milliseconds, for it costs writing the file again. */
const USE_PRECISION = 24 * 3600 * 1000;

/**
 * Keeps files in Cache Storage, each under its own address, so that a service worker finds them too.
 *
 * @throws where there is none: a page that is not served securely, a browser told to store nothing
 */
export async function openBrowserStore(name: string): Promise<FileStore> {
  const cache = await caches.open(name);
  const put = (entry: KeptEntry, bytes: Uint8Array): Promise<void> =>
    cache.put(entry.url, responseOf(entry, bytes)).catch(() => {});

  const read: FileStore["read"] = async (url) => {
    const response = await cache.match(url);
    const sha256 = response?.headers.get(SHA256);
    if (!response || !sha256) return undefined;
    const bytes = new Uint8Array(await response.arrayBuffer());
    const version = response.headers.get(VERSION);
    return { bytes, entry: { url, bytes: bytes.length, sha256, ...(version && { version }) } };
  };

  return {
    read,
    async touch(url) {
      const used = Number((await cache.match(url))?.headers.get(USED));
      if (Date.now() - used < USE_PRECISION) return;
      const kept = await read(url);
      if (kept) await put(kept.entry, kept.bytes);
    },
    async remove(url) {
      await cache.delete(url);
    },
    alone(url, work, signal) {
      const { locks } = navigator;
      return locks
        ? (locks.request(`${name} ${url}`, signal ? { signal } : {}, work) as ReturnType<
            typeof work
          >)
        : work();
    },
    openPart: (url) => openPart(cache, url),
    async keep(part, entry) {
      // A full disk keeps nobody from the file itself.
      await put(entry, await part.read());
      await part.restart(undefined);
    },
    async evict(limit) {
      const files = await listCacheOf(cache);
      let total = files.reduce((sum, { bytes }) => sum + bytes, 0);
      for (const { url, bytes } of files.sort((a, b) => a.lastUsed - b.lastUsed)) {
        if (total <= limit) break;
        await cache.delete(url);
        total -= bytes;
      }
    },
  };
}

/** Every file that was kept in the cache by this package. */
export async function listCacheOf(cache: Cache): Promise<CachedFile[]> {
  const files: CachedFile[] = [];
  for (const request of await cache.keys()) {
    const headers = (await cache.match(request))?.headers;
    const sha256 = headers?.get(SHA256);
    if (!headers || !sha256) continue;
    const bytes = Number(headers.get("content-length"));
    files.push({ url: request.url, bytes, sha256, lastUsed: Number(headers.get(USED)) });
  }
  return files;
}

function responseOf({ sha256, version }: Partial<KeptEntry>, bytes: Uint8Array): Response {
  return new Response(bytes as Uint8Array<ArrayBuffer>, {
    headers: {
      "content-type": "application/octet-stream",
      "content-length": String(bytes.length),
      [USED]: String(Date.now()),
      ...(sha256 && { [SHA256]: sha256 }),
      ...(version && { [VERSION]: version }),
    },
  });
}

/** What an earlier visit left of a download, or nothing: in memory, and put aside if it is cut off. */
async function openPart(cache: Cache, url: string): Promise<Part> {
  const address = new URL(url);
  address.searchParams.set("headform-part", "");
  const left = await cache.match(address.href);
  const version = left?.headers.get(VERSION) ?? undefined;
  const part = createMemoryPart(
    version,
    version === undefined ? undefined : new Uint8Array(await left!.arrayBuffer()),
  );
  // Not a copy: its size and version change.
  return Object.assign(part, {
    async leave() {
      if (part.size > 0 && part.version !== undefined) {
        const response = responseOf({ version: part.version }, await part.read());
        await cache.put(address.href, response).catch(() => {});
      } else await cache.delete(address.href);
    },
  });
}
