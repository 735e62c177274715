import { readFile } from "node:fs/promises";
import {
  DEFAULT_DETAIL,
  get,
  type LoadedHead,
  type LoadedNetwork,
  type LoadHeadOptions,
  type LoadOptions,
  loadHeadWith,
  loadNetworkWith,
  type NetworkName,
  type ReadData,
} from "./load-data.ts";

/**
 * Loads the open head model from the package's folder.
 *
 * @param options.detail "low" and "high" bring, beside the head, how that level is mixed from it
 * @throws OpenHeadError when a data file is missing or altered
 * @throws RangeError when there is no such level of detail
 */
export function loadHead(options: LoadOptions & LoadHeadOptions = {}): Promise<LoadedHead> {
  return loadHeadWith(reader(options), options.detail ?? DEFAULT_DETAIL);
}

/**
 * Loads a default network and its manifest from the package's folder.
 *
 * @throws OpenHeadError when a data file is missing or altered
 * @throws RangeError when there is no network of that name
 */
export function loadNetwork<Name extends NetworkName>(
  name: Name,
  options: LoadOptions = {},
): Promise<LoadedNetwork<Name>> {
  return loadNetworkWith(reader(options), name);
}

/**
 * Loads the bytes of the sample portrait (JPEG), a rendered person who does not exist.
 *
 * @throws OpenHeadError when the file is missing
 */
export function loadSample(options: LoadOptions = {}): Promise<Uint8Array> {
  return get(reader(options), "sample.jpg");
}

function reader({ baseUrl, signal }: LoadOptions): ReadData {
  const folder = new URL(baseUrl ?? new URL("../data/", import.meta.url));
  return async (file) => {
    const bytes = await readFile(new URL(file, folder), signal ? { signal } : {});
    return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  };
}
