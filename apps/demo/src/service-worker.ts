import { FILES_CACHE } from "./files-cache.ts";

// Serves the page when there is no connection. The page itself is stored when this worker is
// installed; models and runtime are stored by the page's own worker once a photo needs them.

interface Extendable extends Event {
  waitUntil(work: Promise<unknown>): void;
}
interface Fetching extends Extendable {
  readonly request: Request;
  respondWith(response: Promise<Response>): void;
}
interface Scope {
  readonly registration: { readonly scope: string };
  readonly clients: { claim(): Promise<void> };
  skipWaiting(): Promise<void>;
  addEventListener(name: "install" | "activate", listener: (event: Extendable) => void): void;
  addEventListener(name: "fetch", listener: (event: Fetching) => void): void;
}

const scope = globalThis as unknown as Scope;
/** Too large to be fetched by somebody who only looks in. */
const LARGE = /\.(onnx|safetensors|wasm)$|webgpu/;
const address = (file: string): string => new URL(file, scope.registration.scope).href;

scope.addEventListener("install", (event) => {
  const files = ["./", ...__FILES__.filter((file) => !LARGE.test(file))];
  event.waitUntil(
    caches
      .open(FILES_CACHE)
      .then((cache) =>
        cache.addAll(files.map((file) => new Request(address(file), { cache: "no-cache" }))),
      )
      .then(() => scope.skipWaiting()),
  );
});

scope.addEventListener("activate", (event) => {
  event.waitUntil(forgetOldFiles().then(() => scope.clients.claim()));
});

scope.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET" || !request.url.startsWith(scope.registration.scope)) return;
  event.respondWith(answer(request));
});

/** Names carry digests, so a stored file is the right one; the page itself is asked for first. */
async function answer(request: Request): Promise<Response> {
  const cache = await caches.open(FILES_CACHE);
  if (request.mode === "navigate") {
    return fetch(request).catch(async () => (await cache.match(address("./"))) ?? Response.error());
  }
  return (await cache.match(request, { ignoreVary: true })) ?? fetch(request);
}

async function forgetOldFiles(): Promise<void> {
  const cache = await caches.open(FILES_CACHE);
  const current = new Set(["./", ...__FILES__].map(address));
  for (const request of await cache.keys()) {
    if (!current.has(request.url)) await cache.delete(request);
  }
}
