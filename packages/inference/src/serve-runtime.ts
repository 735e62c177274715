import type { OnnxRuntime, OnnxSession, OnnxTensor } from "./onnx-runtime.ts";
import type {
  CreatedMessage,
  TensorMessage,
  WorkerReply,
  WorkerRequest,
} from "./worker-messages.ts";

/** The side of a worker that hears and answers: its global scope, or Node's `parentPort`. */
export interface ServingPort {
  onmessage: unknown;
  postMessage(message: object, transfer?: ArrayBuffer[]): void;
}

/**
 * Runs networks for the page that started this worker: `createBackend({ worker })` of
 * `@headform/inference/web` is the other end. Outputs are handed over, not copied.
 *
 * @param runtime an ONNX runtime, set up as the worker's author wishes
 * @param port default the worker's own scope
 */
export function serveRuntime(
  runtime: OnnxRuntime,
  port: ServingPort = globalThis as unknown as ServingPort,
): void {
  // Node's worker is started from this function's text: it uses nothing from outside itself.
  const sessions = new Map<number, OnnxSession>();

  const create = async ({
    session,
    model,
    options,
  }: WorkerRequest & { kind: "create" }): Promise<CreatedMessage> => {
    const created = await runtime.InferenceSession.create(model, options);
    sessions.set(session, created);
    return {
      inputNames: [...created.inputNames],
      outputNames: [...created.outputNames],
      inputMetadata: JSON.parse(JSON.stringify(created.inputMetadata ?? [])) as unknown[],
    };
  };

  const run = async ({
    session,
    feeds,
  }: WorkerRequest & { kind: "run" }): Promise<Record<string, TensorMessage>> => {
    const inputs: Record<string, OnnxTensor> = {};
    for (const [name, { type, data, dims }] of Object.entries(feeds)) {
      inputs[name] = new runtime.Tensor(type as never, data as never, dims);
    }
    const outputs = (await sessions.get(session)!.run(inputs as never)) as Record<
      string,
      OnnxTensor
    >;
    const result: Record<string, TensorMessage> = {};
    for (const [name, output] of Object.entries(outputs)) {
      const data = (await output.getData()) as Uint8Array;
      // A part of a larger buffer, such as the runtime's memory, stays where it is.
      const own = data.byteLength === data.buffer.byteLength ? data : data.slice();
      result[name] = {
        type: output.type as TensorMessage["type"],
        dims: [...output.dims],
        data: own as TensorMessage["data"],
      };
    }
    return result;
  };

  const release = async ({ session }: WorkerRequest & { kind: "release" }): Promise<void> => {
    const released = sessions.get(session);
    sessions.delete(session);
    await released?.release();
  };

  const say = (reply: WorkerReply, transfer: ArrayBuffer[] = []): void => {
    port.postMessage(reply, transfer);
  };
  port.onmessage = ({ data }: { data: WorkerRequest & { readonly question: number } }) => {
    const { question } = data;
    const fail = (error: unknown): void => {
      const reason = error instanceof Error ? error.message : String(error);
      say({ kind: "failed", question, reason });
    };
    if (data.kind === "hello") {
      say({ kind: "ready" });
    } else if (data.kind === "run") {
      run(data)
        .then((value) => {
          const buffers = Object.values(value).map((output) => output.data.buffer as ArrayBuffer);
          say({ kind: "done", question, value }, buffers);
        })
        .catch(fail);
    } else {
      (data.kind === "create" ? create(data) : release(data))
        .then((value) => say({ kind: "done", question, value }))
        .catch(fail);
    }
  };
  say({ kind: "ready" });
}
