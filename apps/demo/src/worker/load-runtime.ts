import moduleAddress from "onnxruntime-web/ort-wasm-simd-threaded.mjs?url";
import wasmAddress from "onnxruntime-web/ort-wasm-simd-threaded.wasm?url";
import * as ort from "onnxruntime-web/wasm";
import type { FileKeeper } from "./keep-files.ts";

/** Small networks gain nothing from more. */
const MOST_THREADS = 4;

/** The ONNX runtime on WebAssembly. */
export interface Runtime {
  readonly ort: typeof ort;
  readonly threads: number;
  /** Lets go of the runtime's file, of which a first session has compiled what it needs: 14 MB. */
  forgetFile(): void;
}

/**
 * Loads the runtime, with threads where the page is cross-origin isolated and with one elsewhere.
 *
 * @throws Error when its file cannot be had
 */
export async function loadRuntime(keeper: FileKeeper): Promise<Runtime> {
  const response = await keeper.get(new URL(wasmAddress, location.href));
  if (!response.ok) throw new Error(`HTTP status ${response.status} for ${response.url}`);
  const { wasm } = ort.env;
  wasm.wasmBinary = await response.arrayBuffer();
  wasm.numThreads = threadsHere();
  // Each thread starts from the runtime's own file; bundled, it would start this worker once more.
  if (wasm.numThreads > 1) {
    wasm.wasmPaths = { mjs: new URL(moduleAddress, location.href).href };
  }
  return {
    ort,
    threads: wasm.numThreads,
    forgetFile() {
      delete wasm.wasmBinary;
    },
  };
}

function threadsHere(): number {
  return crossOriginIsolated ? Math.min(MOST_THREADS, navigator.hardwareConcurrency) : 1;
}
