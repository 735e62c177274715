// What browser.test.ts runs in the page: a network in a module worker, as a site would have it, and
// the cache of downloads.
import { createTensor, isInferenceError, type Tensor } from "@headform/inference";
import { clearCache, createBackend, fetchFile, listCache } from "@headform/inference/web";

const feeds = (input: readonly number[], dims: readonly number[]): Record<string, Tensor> => ({
  image: createTensor("float32", dims, Float32Array.from(input)),
});

async function inWorker(
  kind: "wasm" | "webgpu",
  model: readonly number[],
  input: readonly number[],
  dims: readonly number[],
): Promise<object> {
  const worker =
    kind === "wasm"
      ? new Worker(new URL("./runtime-worker.ts", import.meta.url), { type: "module" })
      : new Worker(new URL("./graphics-worker.ts", import.meta.url), { type: "module" });
  const backend = await createBackend({ worker, providers: [kind] });
  const session = await backend.createSession(Uint8Array.from(model));
  const first = await session.run(feeds(input, dims));
  const aborted = await session
    .run(feeds(input, dims), { signal: AbortSignal.abort() })
    .catch((error: Error) => error.name);
  const runs = async (count: number): Promise<number> => {
    for (let i = 0; i < count && kind === "wasm"; i++) await session.run(feeds(input, dims));
    return memory();
  };
  const warm = await runs(300);
  const grown = (await runs(1000)) - warm;
  const running = session.run(feeds(input, dims)).catch(codeOf);
  await backend.release();
  return {
    output: Array.from(first.planes!.data as Float32Array),
    tried: backend.tried,
    aborted,
    grown,
    running: await running,
    released: await session.run(feeds(input, dims)).catch(codeOf),
  };
}

/** A worker that never serves, and one that breaks later. */
async function broken(model: readonly number[]): Promise<object> {
  const later = new Worker(new URL("./breaking-worker.ts", import.meta.url), { type: "module" });
  const backend = await createBackend({ worker: later, providers: ["wasm"] });
  return {
    missing: await createBackend({
      worker: new Worker("/missing.js", { type: "module" }),
    }).catch(codeOf),
    later: await backend.createSession(Uint8Array.from(model)).catch(codeOf),
  };
}

async function keepsFiles(url: string, sha256: string): Promise<object> {
  const get = async (options: object = {}, request: object = { sha256 }): Promise<string> =>
    fetchFile({ url, ...request }, options).then(digest);
  const fetched = await get();
  const again = await get();
  const offline = await get({ offline: true }, {});
  const cache = await caches.open("headform-downloads");
  const kept = (await cache.match(url))!;
  await cache.put(url, new Response(Uint8Array.of(1, 2, 3), { headers: kept.headers }));
  const spoiled = await get();
  const listed = (await listCache()).map((file) => [file.url, file.bytes, file.sha256]);
  const aborted = await get({ signal: AbortSignal.abort() }).catch((error: Error) => error.name);
  const wrong = await get({}, { sha256: "0".repeat(64) }).catch(codeOf);
  const missing = await fetchFile({ url: `${url}2` }, { offline: true }).catch(codeOf);
  await clearCache();
  const cleared = (await listCache()).length;
  return { fetched, again, offline, spoiled, listed, aborted, wrong, missing, cleared };
}

async function keepsTwo(urls: readonly string[], limit: number): Promise<string[]> {
  for (const url of urls) await fetchFile({ url }, { cache: "small", limit });
  return (await listCache({ cache: "small" })).map(({ url }) => url);
}

async function digest(bytes: Uint8Array): Promise<string> {
  const data = await crypto.subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>);
  return Array.from(new Uint8Array(data), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function memory(): number {
  (globalThis as { gc?: () => void }).gc?.();
  return (performance as unknown as { memory: { usedJSHeapSize: number } }).memory.usedJSHeapSize;
}

const codeOf = (error: unknown): string => (isInferenceError(error) ? error.code : String(error));

Object.assign(globalThis, { inWorker, broken, keepsFiles, keepsTwo });
