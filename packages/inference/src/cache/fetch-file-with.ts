import { InferenceError } from "../inference-error.ts";
import { sha256 as digest } from "../sha256.ts";
import { download } from "./download.ts";
import type { FetchFileOptions, FileRequest, FileStore } from "./file-store.ts";
import { noStore } from "./no-store.ts";

/** Bytes that a cache may hold unless told. */
const DEFAULT_LIMIT = 2e9;

/** A file from the store, or else from its server; the same on every platform. */
export async function fetchFileWith(
  openStore: () => Promise<FileStore>,
  request: FileRequest,
  options: FetchFileOptions,
): Promise<Uint8Array> {
  const { limit = DEFAULT_LIMIT, offline = false, signal, onProgress } = options;
  const { sha256, bytes } = request;
  const url = addressOf(request.url);
  checkRequest(request, limit);
  signal?.throwIfAborted();
  // A cache that cannot be had costs time, not the result.
  const store = await openStore().catch(() => noStore);

  const kept = await readSound(store, url, sha256);
  if (kept && (offline || sha256 !== undefined)) {
    await store.touch(url);
    return kept.bytes;
  }
  if (offline) {
    throw new InferenceError(
      "offline",
      `fetchFile: ${url} is not in the cache and servers are not to be asked: fetch it once while online`,
      { field: url },
    );
  }
  const work = async (): Promise<Uint8Array> => {
    const known = await readSound(store, url, sha256);
    // Somebody else fetched it while we waited.
    if (known && sha256 !== undefined) return known.bytes;
    const part = await store.openPart(url);
    try {
      for (;;) {
        const resumed = part.size > 0;
        const isNew = await download(url, part, {
          limit,
          ...(bytes !== undefined && { bytes }),
          ...(known?.entry.version && { known: known.entry.version }),
          ...(signal && { signal }),
          ...(onProgress && { onProgress }),
        });
        if (!isNew) {
          await store.touch(url);
          return known!.bytes;
        }
        const file = await part.read();
        const found = await digest(file);
        const { version } = part;
        if (sha256 === undefined || found === sha256.toLowerCase()) {
          const entry = { url, bytes: file.length, sha256: found, ...(version && { version }) };
          await store.keep(part, entry);
          await store.evict(limit);
          return file;
        }
        await part.restart(undefined);
        // Its beginning came from an earlier attempt: once more from the start.
        if (!resumed) throw another(url, sha256, found, file.length);
      }
    } catch (error) {
      // Without a connection, what was last seen is better than nothing.
      if (known && error instanceof InferenceError && error.code === "download") return known.bytes;
      throw error;
    } finally {
      await part.leave();
    }
  };
  return store.alone(url, work, signal);
}

/** What is kept, if it is what it was; anything else is removed. */
async function readSound(
  store: FileStore,
  url: string,
  sha256: string | undefined,
): Promise<Awaited<ReturnType<FileStore["read"]>>> {
  const kept = await store.read(url);
  if (!kept) return undefined;
  const found = await digest(kept.bytes);
  if (found === kept.entry.sha256 && (sha256 === undefined || found === sha256.toLowerCase())) {
    return kept;
  }
  await store.remove(url);
  return undefined;
}

function another(url: string, sha256: string, found: string, bytes: number): InferenceError {
  return new InferenceError(
    "digest",
    `fetchFile: expected ${url} with SHA-256 ${sha256}, got ${found} (${bytes} bytes): it is another file than its manifest says; ask whoever publishes it`,
    { field: url },
  );
}

function addressOf(url: string | URL): string {
  let address: URL;
  try {
    address = new URL(url);
  } catch {
    throw new TypeError(`fetchFile: expected a URL, got "${url}"`);
  }
  if (address.protocol !== "https:" && address.protocol !== "http:") {
    throw new TypeError(`fetchFile: expected an http or https URL, got "${url}"`);
  }
  address.hash = "";
  return address.href;
}

function checkRequest({ sha256, bytes }: FileRequest, limit: number): void {
  if (sha256 !== undefined && !/^[0-9a-f]{64}$/i.test(sha256)) {
    throw new TypeError(`fetchFile: expected 64 hexadecimal digits, got "${sha256}"`);
  }
  if (bytes !== undefined && !(Number.isSafeInteger(bytes) && bytes > 0)) {
    throw new RangeError(`fetchFile: expected whole bytes > 0, got ${bytes}`);
  }
  if (!(limit >= 0)) throw new RangeError(`fetchFile: expected limit ≥ 0, got ${limit}`);
}
