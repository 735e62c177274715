import { createBackend } from "@headform/inference/web";
import { readHead } from "@headform/morphable-model";
import { isOpenHeadError } from "@headform/open-head";
import { loadHead, loadNetwork } from "@headform/open-head/web";
import { createReconstructor, type Method, type Reconstructor } from "@headform/reconstruction";
import wasmAddress from "onnxruntime-web/ort-wasm-simd-threaded.wasm?url";
import * as ort from "onnxruntime-web/wasm";
import type { LoadProgress, RunsOn } from "../protocol.ts";
import { createGraphicsNetworks } from "./graphics-networks.ts";
import { createFileKeeper, type FileKeeper } from "./keep-files.ts";

/** Texels along each side: a phone's memory and a web page's head ask for no more. */
const TEXTURE_SIZE = 1024;

/** Everything that is loaded once and serves every photo. */
export interface Studio {
  /** The reconstructor with what the method needs, loading the missing networks. */
  prepare(method: Method, runsOn: RunsOn): Promise<Reconstructor>;
}

/**
 * Loads head, networks and runtime.
 *
 * @param onProgress told of the bytes, at every chunk, also of networks that `prepare` loads later
 */
export async function createStudio(onProgress: (progress: LoadProgress) => void): Promise<Studio> {
  const keeper = createFileKeeper(onProgress);
  const options = { fetch: keeper.get };
  const [head, dense, detector, wasm] = await again(keeper, () =>
    Promise.all([
      loadHead(options),
      loadNetwork("dense", options),
      loadNetwork("detector", options),
      loadRuntime(keeper),
    ]),
  );
  // One thread: more need a page that is cross-origin isolated, which a static host seldom is.
  ort.env.wasm.numThreads = 1;
  ort.env.wasm.wasmBinary = wasm;
  const backend = await createBackend({ ort });
  const base = await createReconstructor(
    { backend, head: readHead(head.head), dense, detector },
    { textureSize: TEXTURE_SIZE },
  );
  // The runtime has compiled it: nobody needs these 14 MB again.
  delete ort.env.wasm.wasmBinary;
  let volume: Reconstructor["volume"] | undefined;
  let graphics: Awaited<ReturnType<typeof createGraphicsNetworks>> | undefined;

  return {
    async prepare(method, runsOn) {
      if (method === "vrn" && !volume) {
        const network = await again(keeper, () => loadNetwork("volume", options));
        const session = await backend.createSession(network.model);
        volume = { session, manifest: network.manifest };
      }
      if (runsOn === "webgpu") graphics ??= await createGraphicsNetworks(keeper, base);
      return { ...base, ...(runsOn === "webgpu" && graphics), ...(volume && { volume }) };
    },
  };
}

async function loadRuntime(keeper: FileKeeper): Promise<ArrayBuffer> {
  const response = await keeper.get(new URL(wasmAddress, location.href));
  if (!response.ok) throw new Error(`HTTP status ${response.status} for ${response.url}`);
  return response.arrayBuffer();
}

/** A kept file that is not what its manifest says is fetched again, once. */
async function again<T>(keeper: FileKeeper, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    if (!isOpenHeadError(error) || error.code === "missing") throw error;
    await keeper.forget();
    return load();
  }
}
