import { availableParallelism } from "node:os";
import { InferenceError } from "./inference-error.ts";
import { type OnnxRuntime, openSession } from "./onnx-runtime.ts";
import type { Backend, BackendAttempt } from "./session.ts";

/** Which runtime to take: `"auto"` is the native one, or WebAssembly where that is missing. */
export type BackendPreference = "auto" | "cpu" | "wasm";

/** Every preference {@link createBackend} knows. */
export const BACKEND_PREFERENCES: readonly BackendPreference[] = ["auto", "cpu", "wasm"];

/** What {@link createBackend} takes unless told. */
export const DEFAULT_BACKEND_PREFERENCE: BackendPreference = "auto";

/** Options of {@link createBackend}; every one may be left out. */
export interface NodeBackendOptions {
  /** Default `"auto"`. */
  readonly prefer?: BackendPreference;
  /** Threads of one native session; default the machine's cores, eight at most. WebAssembly has one in Node. */
  readonly threads?: number;
}

/**
 * Finds a runtime for ONNX networks in Node: `onnxruntime-node` on the CPU, and the slower
 * WebAssembly of `onnxruntime-web` where the native one is not installed or does not load.
 *
 * @throws InferenceError with code `"backend"` when none of them starts; the message names each reason
 * @throws RangeError when `threads` is not a whole number ≥ 1 or `prefer` is none of the three
 */
export async function createBackend(options: NodeBackendOptions = {}): Promise<Backend> {
  const { prefer = DEFAULT_BACKEND_PREFERENCE, threads = Math.min(8, availableParallelism()) } =
    options;
  if (!Number.isSafeInteger(threads) || threads < 1) {
    throw new RangeError(`createBackend: expected whole threads ≥ 1, got ${threads}`);
  }
  if (!BACKEND_PREFERENCES.includes(prefer)) {
    throw new RangeError(
      `createBackend: expected prefer ${BACKEND_PREFERENCES.join(", ")}, got ${prefer}`,
    );
  }
  const tried: BackendAttempt[] = [];
  for (const name of prefer === "auto" ? (["cpu", "wasm"] as const) : [prefer]) {
    try {
      const runtime = name === "cpu" ? await loadNative() : await loadWasm();
      tried.push({ name, ok: true });
      const sessionOptions = {
        executionProviders: [name],
        graphOptimizationLevel: "all",
        executionMode: "sequential",
        // Errors only: a library does not print the runtime's warnings.
        logSeverityLevel: 3,
        ...(name === "cpu" ? { intraOpNumThreads: threads, interOpNumThreads: 1 } : {}),
      };
      return {
        name,
        tried,
        createSession: (model) => openSession(runtime, name, model, sessionOptions),
      };
    } catch (cause) {
      tried.push({ name, ok: false, reason: cause instanceof Error ? cause.message : `${cause}` });
    }
  }
  const reasons = tried.map(({ name, reason }) => `${name}: ${reason}`).join("; ");
  throw new InferenceError(
    "backend",
    `createBackend: no ONNX runtime starts here (${reasons}); install onnxruntime-node or onnxruntime-web`,
  );
}

async function loadNative(): Promise<OnnxRuntime> {
  // Since 1.30 the native runtime writes a device id and a log of its use into the user's cache, to
  // be sent home. It reads this when it is loaded; whoever wants that says so in the environment.
  process.env.ORT_DISABLE_TELEMETRY ??= "1";
  return pickRuntime(await import("onnxruntime-node"));
}

async function loadWasm(): Promise<OnnxRuntime> {
  const module = await import("onnxruntime-web/wasm");
  const runtime = pickRuntime(module);
  // Its worker threads need a browser; asking for one keeps it from trying.
  (module.env ?? module.default.env).wasm.numThreads = 1;
  return runtime;
}

/** A CommonJS runtime may come with its names under `default` only. */
function pickRuntime(module: object): OnnxRuntime {
  const runtime = "InferenceSession" in module ? module : (module as { default?: object }).default;
  return runtime as OnnxRuntime;
}
