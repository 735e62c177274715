import { createBackend } from "@headform/inference/web";
import { readHead } from "@headform/morphable-model";
import { isOpenHeadError } from "@headform/open-head";
import { loadHead, loadNetwork } from "@headform/open-head/web";
import { createReconstructor, type Method, type Reconstructor } from "@headform/reconstruction";
import type { LoadProgress, RunsOn } from "../protocol.ts";
import { createGraphicsNetworks } from "./graphics-networks.ts";
import { createFileKeeper, type FileKeeper } from "./keep-files.ts";
import { loadRuntime } from "./load-runtime.ts";

/** Texels along each side: a phone's memory and a web page's head ask for no more. */
const TEXTURE_SIZE = 1024;

/** The large files of every method. */
const FIRST = [
  ...["head.safetensors", "dense.onnx", "detector.onnx"],
  "ort-wasm-simd-threaded.wasm",
] as const;

/** Everything that is loaded once and serves every photo. */
export interface Studio {
  /** Of WebAssembly. */
  readonly threads: number;
  /** The reconstructor with what the method needs, loading the missing networks. */
  prepare(method: Method, runsOn: RunsOn): Promise<Reconstructor>;
}

/**
 * Loads head, networks and runtime.
 *
 * @param onProgress told of the bytes, at every chunk, also of networks that `prepare` loads later
 */
export async function createStudio(onProgress: (progress: LoadProgress) => void): Promise<Studio> {
  const keeper = createFileKeeper(FIRST, onProgress);
  const options = { fetch: keeper.get };
  const [head, dense, detector, runtime] = await again(keeper, () =>
    Promise.all([
      loadHead(options),
      loadNetwork("dense", options),
      loadNetwork("detector", options),
      loadRuntime(keeper),
    ]),
  );
  const backend = await createBackend({ ort: runtime.ort, providers: ["wasm"] });
  const base = await createReconstructor(
    { backend, head: readHead(head.head), dense, detector },
    { textureSize: TEXTURE_SIZE },
  );
  runtime.forgetFile();
  let volume: Reconstructor["volume"] | undefined;
  let graphics: Awaited<ReturnType<typeof createGraphicsNetworks>> | undefined;

  return {
    threads: runtime.threads,
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
