import { fetchFile } from "@headform/inference/web";
import type { LoadOptions, ReadData } from "./load-data.ts";
import { createLoaders, type Loaders } from "./loaders.ts";

/** Options of the loaders in a browser. */
export interface WebLoadOptions extends LoadOptions {
  /**
   * Keeps the files in Cache Storage, in the cache of this name, and takes them from there as long as
   * their digests are right; false keeps nothing. Default: a cache of headform's own.
   */
  readonly cache?: string | false;
  /** Gets one file instead, for whoever counts bytes or keeps files in another way. */
  readonly fetch?: (address: URL, init: { readonly signal?: AbortSignal }) => Promise<Response>;
}

const loaders: Loaders<WebLoadOptions> = createLoaders(reader);

/** Fetches the open head model; see {@link Loaders.loadHead}. */
export const loadHead: Loaders<WebLoadOptions>["loadHead"] = loaders.loadHead;
/** Fetches a default network; see {@link Loaders.loadNetwork}. */
export const loadNetwork: Loaders<WebLoadOptions>["loadNetwork"] = loaders.loadNetwork;
/** Fetches the sample portrait; see {@link Loaders.loadSample}. */
export const loadSample: Loaders<WebLoadOptions>["loadSample"] = loaders.loadSample;

// Written out one by one: this is the form in which bundlers see an asset and give it an address.
const addresses: Readonly<Record<string, () => URL>> = {
  "head.safetensors": () => new URL("../data/head.safetensors", import.meta.url),
  "head.json": () => new URL("../data/head.json", import.meta.url),
  "head-low.safetensors": () => new URL("../data/head-low.safetensors", import.meta.url),
  "head-low.json": () => new URL("../data/head-low.json", import.meta.url),
  "head-high.safetensors": () => new URL("../data/head-high.safetensors", import.meta.url),
  "head-high.json": () => new URL("../data/head-high.json", import.meta.url),
  "dense.onnx": () => new URL("../data/dense.onnx", import.meta.url),
  "dense.json": () => new URL("../data/dense.json", import.meta.url),
  "detector.onnx": () => new URL("../data/detector.onnx", import.meta.url),
  "detector.json": () => new URL("../data/detector.json", import.meta.url),
  "volume.onnx": () => new URL("../data/volume.onnx", import.meta.url),
  "volume.json": () => new URL("../data/volume.json", import.meta.url),
  "volume-guided.onnx": () => new URL("../data/volume-guided.onnx", import.meta.url),
  "volume-guided.json": () => new URL("../data/volume-guided.json", import.meta.url),
  "sample.jpg": () => new URL("../data/sample.jpg", import.meta.url),
};

function reader({ baseUrl, signal, cache, fetch: ask }: WebLoadOptions): ReadData {
  return async (file, sha256) => {
    const own = addresses[file];
    if (baseUrl === undefined && !own) throw new Error("no such file in this package");
    const address = baseUrl === undefined ? own!() : new URL(file, baseUrl);
    // Bundlers write small files into the page itself, as data: addresses.
    if (!ask && cache !== false && /^https?:$/.test(address.protocol)) {
      return fetchFile(
        { url: address, ...(sha256 && { sha256 }) },
        { ...(cache && { cache }), ...(signal && { signal }) },
      );
    }
    const response = await (ask ?? fetch)(address, signal ? { signal } : {});
    if (!response.ok) throw new Error(`HTTP status ${response.status} for ${address}`);
    return new Uint8Array(await response.arrayBuffer());
  };
}
