import { InferenceError } from "./inference-error.ts";
import { type OnnxRuntime, openSession } from "./onnx-runtime.ts";
import type { Backend, BackendAttempt, Session } from "./session.ts";

export type { OnnxRuntime, OnnxSession, OnnxTensor } from "./onnx-runtime.ts";

/** Options of {@link createBackend}. */
export interface WebBackendOptions {
  /** The runtime, e.g. `import * as ort from "onnxruntime-web/wasm"`; its settings are the caller's. */
  readonly ort: OnnxRuntime;
  /** The runtime's execution providers, best first; default `["wasm"]`. */
  readonly providers?: readonly string[];
}

/**
 * Runs networks on the ONNX runtime handed in, in a browser or a worker.
 *
 * Whether a provider works shows only when a network is loaded: each is tried alone, in order, by the
 * first `createSession`, and the one that loads it is kept for all later ones.
 *
 * @throws TypeError when `ort` is not an ONNX runtime or `providers` is empty
 */
export async function createBackend(options: WebBackendOptions): Promise<Backend> {
  const { ort, providers = ["wasm"] } = options;
  if (typeof ort?.InferenceSession?.create !== "function" || typeof ort.Tensor !== "function") {
    throw new TypeError("createBackend: expected ort to be an ONNX runtime module");
  }
  if (providers.length === 0) {
    throw new TypeError("createBackend: expected at least one provider, got none");
  }
  const tried: BackendAttempt[] = [];
  let chosen: string | undefined;

  const createSession = async (model: Uint8Array): Promise<Session> => {
    const causes: unknown[] = [];
    for (const name of chosen === undefined ? providers : [chosen]) {
      try {
        const session = await openSession(ort, name, model, {
          executionProviders: [name],
          graphOptimizationLevel: "all",
          logSeverityLevel: 3,
        });
        if (chosen === undefined) tried.push({ name, ok: true });
        chosen = name;
        return session;
      } catch (cause) {
        const reason = cause instanceof Error ? cause.message : String(cause);
        if (chosen === undefined) tried.push({ name, ok: false, reason });
        causes.push(cause);
      }
    }
    const reasons = causes.map((cause) => (cause as Error).message).join("; ");
    throw new InferenceError("model", reasons, { cause: causes.at(-1) });
  };

  return {
    get name(): string {
      return chosen ?? providers[0]!;
    },
    tried,
    createSession,
  };
}
