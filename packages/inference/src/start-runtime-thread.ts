import { Worker } from "node:worker_threads";
import { connectRuntime, type RemoteRuntime } from "./connect-runtime.ts";
import { serveRuntime } from "./serve-runtime.ts";

/** A runtime's module in Node. */
export type RuntimeModule = "onnxruntime-node" | "onnxruntime-web/wasm";

/**
 * The thread's whole program. A text and no file, so that it is there wherever this module went: into
 * a bundle, or into a test that reads sources.
 */
const PROGRAM = `
// Bundlers that keep the names of functions write calls of it.
const __name = (named) => named;
const { createRequire } = require("node:module");
const { parentPort, workerData } = require("node:worker_threads");
const runtime = createRequire(workerData.from)(workerData.module);
// As without a thread: the runtime prints nothing, and WebAssembly's own threads need a browser.
runtime.env.logLevel = "fatal";
runtime.env.wasm.numThreads = 1;
(${serveRuntime})(runtime, parentPort);
`;

/**
 * Starts a thread that runs networks.
 *
 * @param from URL of the module beside whose packages the runtime lies
 * @throws InferenceError with code "worker" when the runtime does not load there
 */
export function startRuntimeThread(module: RuntimeModule, from: string): Promise<RemoteRuntime> {
  const thread = new Worker(PROGRAM, { eval: true, workerData: { module, from } });
  let asked = 0;
  return connectRuntime({
    post(message, transfer) {
      // Only while it works does it keep the process from ending.
      if (asked++ === 0) thread.ref();
      thread.postMessage(message, transfer);
    },
    listen(onReply, onBroken) {
      thread.on("message", (reply) => {
        if (reply.kind === "ready" || --asked === 0) thread.unref();
        onReply(reply);
      });
      thread.on("error", ({ message }) => onBroken(message));
      thread.on("messageerror", ({ message }) => onBroken(message));
      thread.on("exit", (code) => onBroken(`it ended with exit code ${code}`));
    },
    async end() {
      await thread.terminate();
    },
  });
}
