import { InferenceError } from "../inference-error.ts";
import { type NetworkManifest, readManifest } from "../network-manifest.ts";
import type { FetchFileOptions, FileRequest } from "./file-store.ts";

/** A network and what its input and output mean. */
export interface FetchedNetwork {
  readonly model: Uint8Array;
  readonly manifest: NetworkManifest;
}

/** The manifest, then the file it names, held against its digest; the same on every platform. */
export async function fetchNetworkWith(
  fetchFile: (request: FileRequest, options: FetchFileOptions) => Promise<Uint8Array>,
  url: string | URL,
  options: FetchFileOptions,
): Promise<FetchedNetwork> {
  const address = new URL(url);
  address.pathname = address.pathname.replace(/\.onnx$/i, ".json");
  const json = new TextDecoder().decode(await fetchFile({ url: address }, options));
  let manifest: NetworkManifest;
  try {
    manifest = readManifest(json);
  } catch (cause) {
    throw new InferenceError(
      "manifest",
      `fetchNetwork: ${address.href} is no network's manifest (${(cause as Error).message})`,
      { cause, field: address.href },
    );
  }
  const { file, sha256, bytes } = manifest;
  const model = await fetchFile({ url: new URL(file, address), sha256, bytes }, options);
  return { model, manifest };
}
