import { readFile } from "node:fs/promises";
import type { LoadOptions, ReadData } from "./load-data.ts";
import { createLoaders, type Loaders } from "./loaders.ts";

const loaders: Loaders<LoadOptions> = createLoaders(reader);

/** Loads the open head model from the package's folder; see {@link Loaders.loadHead}. */
export const loadHead: Loaders<LoadOptions>["loadHead"] = loaders.loadHead;
/** Loads a default network from the package's folder; see {@link Loaders.loadNetwork}. */
export const loadNetwork: Loaders<LoadOptions>["loadNetwork"] = loaders.loadNetwork;
/** Loads the sample portrait from the package's folder; see {@link Loaders.loadSample}. */
export const loadSample: Loaders<LoadOptions>["loadSample"] = loaders.loadSample;

function reader({ baseUrl, signal }: LoadOptions): ReadData {
  const folder = new URL(baseUrl ?? new URL("../data/", import.meta.url));
  return async (file) => {
    const bytes = await readFile(new URL(file, folder), signal ? { signal } : {});
    return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  };
}
