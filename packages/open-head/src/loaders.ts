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

/** The loaders of one platform: the same on each, but for how it gets a file. */
export interface Loaders<Options extends LoadOptions> {
  /**
   * Loads the open head model.
   *
   * @param options.detail "low" and "high" bring, beside the head, how that level is mixed from it
   * @throws OpenHeadError when a data file is missing or altered
   * @throws RangeError when there is no such level of detail
   */
  loadHead(options?: Options & LoadHeadOptions): Promise<LoadedHead>;
  /**
   * Loads a default network and its manifest.
   *
   * @throws OpenHeadError when a data file is missing or altered
   * @throws RangeError when there is no network of that name
   */
  loadNetwork<Name extends NetworkName>(
    name: Name,
    options?: Options,
  ): Promise<LoadedNetwork<Name>>;
  /**
   * Loads the bytes of the sample portrait (JPEG), a rendered person who does not exist.
   *
   * @throws OpenHeadError when the file is missing
   */
  loadSample(options?: Options): Promise<Uint8Array>;
}

/** @param readerOf how the platform gets a file, by the caller's options */
export function createLoaders<Options extends LoadOptions>(
  readerOf: (options: Partial<Options>) => ReadData,
): Loaders<Options> {
  return {
    loadHead: async (options = {} as Options & LoadHeadOptions) =>
      loadHeadWith(readerOf(options), options.detail ?? DEFAULT_DETAIL),
    loadNetwork: async (name, options = {} as Options) => loadNetworkWith(readerOf(options), name),
    loadSample: async (options = {} as Options) => get(readerOf(options), "sample.jpg"),
  };
}
