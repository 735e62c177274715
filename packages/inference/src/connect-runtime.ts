import { InferenceError } from "./inference-error.ts";
import type { OnnxRuntime, OnnxSession, OnnxTensor } from "./onnx-runtime.ts";
import type { TensorType } from "./tensor.ts";
import type {
  CreatedMessage,
  TensorMessage,
  WorkerReply,
  WorkerRequest,
} from "./worker-messages.ts";

/** A worker as this side sees it. */
export interface RuntimePort {
  post(message: object, transfer: ArrayBuffer[]): void;
  /** Passes on what the worker says, and why it broke if it does. */
  listen(onReply: (reply: WorkerReply) => void, onBroken: (reason: string) => void): void;
  end(): Promise<void>;
}

/** A runtime in a worker, used as if it were here. */
export interface RemoteRuntime extends OnnxRuntime {
  /** Ends the worker and frees its memory; runs under way fail as released. */
  end(): Promise<void>;
}

/** One question is under way: how it ends. */
interface Waiting {
  readonly resolve: (value: never) => void;
  readonly reject: (error: Error) => void;
}

/** A tensor to be sent, copied when it is made; a class because runtimes have one. */
class RemoteTensor implements OnnxTensor, TensorMessage {
  readonly type: TensorType;
  readonly dims: readonly number[];
  readonly data: TensorMessage["data"];

  constructor(type: TensorType, data: TensorMessage["data"], dims: readonly number[]) {
    this.type = type;
    this.dims = dims;
    this.data = data.slice();
  }

  async getData(): Promise<unknown> {
    return this.data;
  }
}

/**
 * Waits until a worker serves a runtime, and gives that runtime.
 *
 * @throws InferenceError with code "worker" when the worker breaks before
 */
export async function connectRuntime(port: RuntimePort): Promise<RemoteRuntime> {
  const waiting = new Map<number, Waiting>();
  let ended: InferenceError | undefined;
  let count = 0;

  const endWith = (error: InferenceError): void => {
    ended ??= error;
    for (const { reject } of waiting.values()) reject(ended);
    waiting.clear();
  };
  const request = <T>(message: WorkerRequest, transfer: ArrayBuffer[] = []): Promise<T> =>
    new Promise((resolve, reject) => {
      if (ended) return reject(ended);
      const question = ++count;
      waiting.set(question, { resolve, reject });
      port.post({ ...message, question }, transfer);
    });

  await new Promise<void>((resolve, reject) => {
    waiting.set(0, { resolve, reject });
    port.listen(
      (reply) => {
        const question = reply.kind === "ready" ? 0 : reply.question;
        const asked = waiting.get(question);
        waiting.delete(question);
        if (reply.kind === "failed") asked?.reject(new Error(reply.reason));
        else asked?.resolve((reply.kind === "done" ? reply.value : undefined) as never);
      },
      (reason) => {
        endWith(
          new InferenceError(
            "worker",
            `the worker that runs the networks broke (${reason}): create a new backend`,
          ),
        );
      },
    );
  });

  const create = async (
    model: Uint8Array,
    options?: Record<string, unknown>,
  ): Promise<OnnxSession> => {
    const session = ++count;
    const own = model.slice();
    const created = await request<CreatedMessage>(
      { kind: "create", session, model: own, options },
      [own.buffer],
    );
    return {
      ...created,
      async run(feeds: Readonly<Record<string, RemoteTensor>>) {
        const messages: Record<string, TensorMessage> = {};
        for (const [name, { type, dims, data }] of Object.entries(feeds)) {
          messages[name] = { type, dims, data };
        }
        const outputs = await request<Record<string, TensorMessage>>(
          { kind: "run", session, feeds: messages },
          Object.values(messages).map(({ data }) => data.buffer as ArrayBuffer),
        );
        return Object.fromEntries(
          Object.entries(outputs).map(([name, output]) => [
            name,
            { ...output, getData: async () => output.data },
          ]),
        );
      },
      async release() {
        if (!ended) await request({ kind: "release", session });
      },
    };
  };

  return {
    InferenceSession: { create },
    Tensor: RemoteTensor as unknown as OnnxRuntime["Tensor"],
    async end() {
      endWith(new InferenceError("released", "run: expected a live backend, got a released one"));
      await port.end();
    },
  };
}
