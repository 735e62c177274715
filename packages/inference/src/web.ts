import { connectRuntime, type RemoteRuntime } from "./connect-runtime.ts";
import { InferenceError, isInferenceError } from "./inference-error.ts";
import { type OnnxRuntime, openSession } from "./onnx-runtime.ts";
import type { Backend, BackendAttempt, Session } from "./session.ts";
import { tryBackend } from "./try-backend.ts";

export { clearCache, fetchFile, fetchNetwork, listCache } from "./cache/web-cache.ts";
export type { OnnxRuntime, OnnxSession, OnnxTensor } from "./onnx-runtime.ts";

/** Options of {@link createBackend}. */
export type WebBackendOptions = WebRuntime & {
  /**
   * The runtime's execution providers, best first; default `["webgpu", "wasm"]` where the browser has
   * WebGPU, else `["wasm"]`.
   */
  readonly providers?: readonly string[];
};

/** Where the networks run: here, or in a worker. */
export type WebRuntime =
  /** The runtime, e.g. `import * as ort from "onnxruntime-web/wasm"`; its settings are the caller's. */
  | { readonly ort: OnnxRuntime; readonly worker?: never }
  /**
   * A new worker whose file hands the runtime to `serveRuntime`; `release()` of the backend ends it.
   * Hand it in at once: nobody hears of a file that does not load before.
   */
  | { readonly worker: Worker; readonly ort?: never };

/**
 * Runs networks on the ONNX runtime handed in, in a browser or a worker, or on that of a worker.
 *
 * Whether a provider works shows only when a network is loaded: each is tried alone, in order, by the
 * first `createSession`, and the one that loads it is kept for all later ones. WebGPU may compute
 * something else without a word, so it is taken only when it passes {@link selfTest}.
 *
 * @throws InferenceError with code `"worker"` when the worker does not start
 * @throws TypeError when `ort` is not an ONNX runtime or `providers` is empty
 */
export async function createBackend(options: WebBackendOptions): Promise<Backend> {
  const { worker, providers = hasWebGpu() ? ["webgpu", "wasm"] : ["wasm"] } = options;
  if (providers.length === 0) {
    throw new TypeError("createBackend: expected at least one provider, got none");
  }
  const remote = worker && (await connectWorker(worker));
  const ort = remote ?? options.ort;
  if (typeof ort?.InferenceSession?.create !== "function" || typeof ort.Tensor !== "function") {
    throw new TypeError("createBackend: expected ort to be an ONNX runtime module");
  }
  const tried: BackendAttempt[] = [];
  let chosen: string | undefined;

  const load = (name: string, model: Uint8Array): Promise<Session> =>
    openSession(ort, name, model, {
      executionProviders: [name],
      graphOptimizationLevel: "all",
      logSeverityLevel: 3,
    });

  const createSession = async (model: Uint8Array): Promise<Session> => {
    if (chosen !== undefined) return load(chosen, model);
    const refused: BackendAttempt[] = [];
    for (const name of providers) {
      try {
        const attempt = await tryBackend(name, (bytes) => load(name, bytes));
        if (attempt.ok) {
          const session = await load(name, model);
          tried.push(...refused, attempt);
          chosen = name;
          return session;
        }
        refused.push(attempt);
      } catch (cause) {
        // No provider of a worker that is gone can take over.
        if (isInferenceError(cause) && ["worker", "released"].includes(cause.code)) throw cause;
        const reason = cause instanceof Error ? cause.message : String(cause);
        refused.push({ name, ok: false, reason });
      }
    }
    tried.push(...refused);
    const reasons = refused.map(({ name, reason }) => `${name}: ${reason}`).join("; ");
    throw new InferenceError("model", `createSession: no provider loads the network (${reasons})`);
  };

  return {
    get name(): string {
      return chosen ?? providers[0]!;
    },
    tried,
    createSession,
    release: async () => remote?.end(),
  };
}

/** Waits until the worker serves its runtime. */
function connectWorker(worker: Worker): Promise<RemoteRuntime> {
  return connectRuntime({
    post: (message, transfer) => worker.postMessage(message, transfer),
    listen(onReply, onBroken) {
      worker.onmessage = ({ data }) => onReply(data);
      // An event without a message: the worker's file could not be fetched or parsed.
      worker.onerror = ({ message }) => onBroken(message ?? "its file does not load");
      worker.onmessageerror = () => onBroken("it said something that cannot be read");
      worker.postMessage({ kind: "hello" });
    },
    end: async () => worker.terminate(),
  });
}

function hasWebGpu(): boolean {
  return typeof navigator === "object" && "gpu" in navigator;
}
