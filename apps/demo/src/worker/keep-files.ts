import { FILES_CACHE } from "../files-cache.ts";
import type { LoadProgress } from "../protocol.ts";

/** Gets files once: from the browser's store where they are kept, else over the network. */
export interface FileKeeper {
  /** As `fetch`, for a file that never changes under its address. */
  get(address: URL, init?: { readonly signal?: AbortSignal }): Promise<Response>;
  /** Makes the next `get` of everything fetch again. */
  forget(): Promise<void>;
}

/**
 * Keeps model files in Cache Storage and counts their bytes as they come, of as many as the build says
 * they have: servers that compress do not say it.
 *
 * @param coming names of the large files that will be asked for first; others count once they are
 * @param onProgress told of every chunk
 */
export function createFileKeeper(
  coming: readonly string[],
  onProgress: (progress: LoadProgress) => void,
): FileKeeper {
  const sizes = new Map(coming.map((name) => [name, __BYTES__[name] ?? 0]));
  const arrived = new Map<string, number>();
  let fetched = false;

  const report = (): void => {
    let loaded = 0;
    for (const bytes of arrived.values()) loaded += bytes;
    let total = 0;
    for (const bytes of sizes.values()) total += bytes;
    onProgress({ loaded, total: Math.max(total, loaded), fetched });
  };

  const get = async (
    address: URL,
    init: { readonly signal?: AbortSignal } = {},
  ): Promise<Response> => {
    const name = stem(address);
    sizes.set(name, __BYTES__[name] ?? 0);
    const cache = await openCache();
    const kept = await cache?.match(address.href);
    let bytes: Uint8Array<ArrayBuffer>;
    let type: string;
    if (kept) {
      bytes = new Uint8Array(await kept.arrayBuffer());
      type = kept.headers.get("content-type") ?? "";
    } else {
      const response = await fetch(address, init);
      if (!response.ok) return response;
      fetched = true;
      type = response.headers.get("content-type") ?? "";
      bytes = await readCounting(response, (count) => {
        arrived.set(name, count);
        report();
      });
      // A full disk keeps nobody from a head.
      await cache
        ?.put(address.href, new Response(bytes, { headers: { "content-type": type } }))
        .catch(() => {});
    }
    sizes.set(name, bytes.length);
    arrived.set(name, bytes.length);
    report();
    return new Response(bytes, { headers: { "content-type": type } });
  };

  return {
    get,
    async forget() {
      const cache = await openCache();
      for (const request of (await cache?.keys()) ?? []) {
        if (/\.(onnx|safetensors|wasm|json)$/.test(request.url)) await cache?.delete(request);
      }
    },
  };
}

/** Absent where the page is not served securely. */
async function openCache(): Promise<Cache | undefined> {
  return typeof caches === "undefined"
    ? undefined
    : caches.open(FILES_CACHE).catch(() => undefined);
}

async function readCounting(
  response: Response,
  onCount: (bytes: number) => void,
): Promise<Uint8Array<ArrayBuffer>> {
  const reader = response.body!.getReader();
  const chunks: Uint8Array[] = [];
  let count = 0;
  while (true) {
    const { done, value } = await reader.read();
    if (done) break;
    chunks.push(value);
    count += value.length;
    onCount(count);
  }
  const bytes = new Uint8Array(count);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

/** The file's name without the digest that the build puts before its ending. */
function stem(address: URL): string {
  const file = address.pathname.slice(address.pathname.lastIndexOf("/") + 1);
  return file.replace(/-[\w-]{8}(\.\w+)$/, "$1");
}
