import { availableParallelism } from "node:os";
import type { RemoteRuntime } from "./connect-runtime.ts";
import { InferenceError } from "./inference-error.ts";
import { type OnnxRuntime, openSession } from "./onnx-runtime.ts";
import type { Backend, BackendAttempt, Session } from "./session.ts";
import { type RuntimeModule, startRuntimeThread } from "./start-runtime-thread.ts";
import { tryBackend } from "./try-backend.ts";

export { type CacheFolderOptions, cacheFolder } from "./cache/cache-folder.ts";
export { clearCache, fetchFile, fetchNetwork, listCache } from "./cache/node-cache.ts";

/** One way to run networks in Node: a provider of the native runtime, or WebAssembly. */
export type NodeBackendName = "cuda" | "directml" | "coreml" | "webgpu" | "cpu" | "wasm";

/**
 * Which backend to take: one by its name, `"auto"` for the CPU, natively or in WebAssembly where the
 * native runtime is missing, or `"gpu"` for the first graphics provider that can be trusted, then as
 * `"auto"`. The default networks take some 20 ms on a CPU, less than a graphics provider's start.
 */
export type BackendPreference = "auto" | "gpu" | NodeBackendName;

/** Backends by preference, in the order in which they are tried. */
const ORDER: Readonly<Record<BackendPreference, readonly NodeBackendName[]>> = {
  auto: ["cpu", "wasm"],
  gpu: ["cuda", "directml", "coreml", "webgpu", "cpu", "wasm"],
  cuda: ["cuda"],
  directml: ["directml"],
  coreml: ["coreml"],
  webgpu: ["webgpu"],
  cpu: ["cpu"],
  wasm: ["wasm"],
};

/** Every preference {@link createBackend} knows. */
export const BACKEND_PREFERENCES: readonly BackendPreference[] = Object.keys(
  ORDER,
) as BackendPreference[];

/** What {@link createBackend} takes unless told. */
export const DEFAULT_BACKEND_PREFERENCE: BackendPreference = "auto";

/** Options of {@link createBackend}; every one may be left out. */
export interface NodeBackendOptions {
  /** Default `"auto"`. */
  readonly prefer?: BackendPreference;
  /** Threads of one native session; default the machine's cores, eight at most. WebAssembly has one in Node. */
  readonly threads?: number;
  /**
   * Runs networks in a thread of its own, so that this one goes on meanwhile; default false. The
   * thread keeps no process alive while it is idle; `release()` of the backend ends it.
   */
  readonly worker?: boolean;
}

/**
 * Finds a runtime for ONNX networks in Node: `onnxruntime-node` with one of its providers, or the
 * slower WebAssembly of `onnxruntime-web` where the native one is not installed or does not load.
 *
 * Each backend is tried alone. Graphics providers may compute something else without a word, so one
 * is taken only when it passes {@link selfTest}; `tried` tells what it found.
 *
 * @throws InferenceError with code `"backend"` when none of them starts; the message names each reason
 * @throws RangeError when `threads` is not a whole number ≥ 1 or `prefer` is not known
 */
export async function createBackend(options: NodeBackendOptions = {}): Promise<Backend> {
  const {
    prefer = DEFAULT_BACKEND_PREFERENCE,
    threads = Math.min(8, availableParallelism()),
    worker = false,
  } = options;
  if (!Number.isSafeInteger(threads) || threads < 1) {
    throw new RangeError(`createBackend: expected whole threads ≥ 1, got ${threads}`);
  }
  if (!BACKEND_PREFERENCES.includes(prefer)) {
    throw new RangeError(
      `createBackend: expected prefer ${BACKEND_PREFERENCES.join(", ")}, got ${prefer}`,
    );
  }
  const tried: BackendAttempt[] = [];
  const started = new Map<RuntimeModule, RemoteRuntime>();
  const load = async (module: RuntimeModule): Promise<OnnxRuntime> => {
    if (!worker) return module === "onnxruntime-node" ? loadNative() : loadWasm();
    const runtime = started.get(module) ?? (await startRuntimeThread(module, import.meta.url));
    started.set(module, runtime);
    return runtime;
  };
  const release = async (): Promise<void> => {
    for (const runtime of started.values()) await runtime.end();
    started.clear();
  };

  // Since 1.30 the native runtime writes a device id and a log of its use into the user's cache, to
  // be sent home. It reads this when it is loaded, in whichever thread; whoever wants that says so in
  // the environment.
  if (prefer !== "wasm") process.env.ORT_DISABLE_TELEMETRY ??= "1";
  for (const name of ORDER[prefer]) {
    try {
      const runtime = await load(name === "wasm" ? "onnxruntime-web/wasm" : "onnxruntime-node");
      const createSession = (model: Uint8Array): Promise<Session> =>
        openSession(runtime, name, model, sessionOptions(name, threads));
      const attempt = await tryBackend(name, createSession);
      tried.push(attempt);
      if (attempt.ok) return { name, tried, createSession, release };
    } catch (cause) {
      tried.push({ name, ok: false, reason: cause instanceof Error ? cause.message : `${cause}` });
    }
  }
  await release();
  const reasons = tried.map(({ name, reason }) => `${name}: ${reason}`).join("; ");
  throw new InferenceError(
    "backend",
    `createBackend: no ONNX runtime starts here (${reasons}); ` +
      (prefer === "auto" || prefer === "gpu"
        ? "install onnxruntime-node or onnxruntime-web"
        : 'try another, such as "auto"'),
  );
}

function sessionOptions(name: NodeBackendName, threads: number): Record<string, unknown> {
  return {
    executionProviders: [name === "directml" ? "dml" : name],
    graphOptimizationLevel: "all",
    executionMode: "sequential",
    // Errors only: a library does not print the runtime's warnings.
    logSeverityLevel: 3,
    ...(name === "cpu" ? { intraOpNumThreads: threads, interOpNumThreads: 1 } : {}),
  };
}

async function loadNative(): Promise<OnnxRuntime> {
  const module = await import("onnxruntime-node");
  // A provider that is missing is reported in `tried`; the runtime would print it as well.
  (module.env ?? module.default.env).logLevel = "fatal";
  return pickRuntime(module);
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
