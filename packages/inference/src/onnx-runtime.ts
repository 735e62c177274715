import { InferenceError, isInferenceError } from "./inference-error.ts";
import type { InputDescription, Session } from "./session.ts";
import { checkTensor, type Tensor, type TensorType } from "./tensor.ts";

/**
 * The part of an ONNX runtime that is used: `onnxruntime-web` and `onnxruntime-node` both have it.
 * Structural, so that a caller may hand in any version, or a stand-in (parameters of type never accept
 * each runtime's own overloads).
 */
export interface OnnxRuntime {
  readonly InferenceSession: {
    create(model: Uint8Array, options?: Record<string, unknown>): Promise<OnnxSession>;
  };
  readonly Tensor: new (type: never, data: never, dims: readonly number[]) => OnnxTensor;
}

/** A runtime's tensor. */
export interface OnnxTensor {
  readonly type: string;
  readonly dims: readonly number[];
  getData(): Promise<unknown>;
}

/** A runtime's session. */
export interface OnnxSession {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  readonly inputMetadata?: readonly unknown[];
  run(feeds: never): Promise<object>;
  release(): Promise<void>;
}

/**
 * Loads a network on one runtime and wraps it as a {@link Session}.
 *
 * @param backend name the session carries
 * @param options the runtime's own session options
 */
export async function openSession(
  runtime: OnnxRuntime,
  backend: string,
  model: Uint8Array,
  options: Record<string, unknown>,
): Promise<Session> {
  let inner: OnnxSession;
  try {
    inner = await runtime.InferenceSession.create(model, options);
  } catch (cause) {
    if (isInferenceError(cause)) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new InferenceError(
      "model",
      `createSession: ${backend} cannot load these ${model.byteLength} bytes as an ONNX network: ${reason}`,
      { cause },
    );
  }
  const inputs = describeInputs(inner);
  let tail: Promise<unknown> = Promise.resolve();
  let released = false;

  const runNow = async (feeds: Record<string, OnnxTensor>): Promise<Record<string, Tensor>> => {
    let outputs: Record<string, OnnxTensor>;
    try {
      outputs = (await inner.run(feeds as never)) as Record<string, OnnxTensor>;
    } catch (cause) {
      if (isInferenceError(cause)) throw cause;
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new InferenceError("run", `run: ${backend} failed: ${reason}`, { cause });
    }
    const result: Record<string, Tensor> = {};
    for (const name of inner.outputNames) {
      const output = outputs[name]!;
      result[name] = {
        type: output.type as TensorType,
        dims: [...output.dims],
        data: (await output.getData()) as Tensor["data"],
      };
    }
    return result;
  };

  return {
    inputNames: [...inner.inputNames],
    outputNames: [...inner.outputNames],
    inputs,
    backend,
    async run(feeds, { signal } = {}) {
      signal?.throwIfAborted();
      if (released) {
        throw new InferenceError("released", "run: expected a live session, got a released one");
      }
      checkFeeds(inner.inputNames, inputs, feeds);
      const wrapped: Record<string, OnnxTensor> = {};
      for (const name of inner.inputNames) {
        const { type, data, dims } = feeds[name]!;
        wrapped[name] = new runtime.Tensor(type as never, data as never, dims);
      }
      const turn = tail.then(() => {
        signal?.throwIfAborted();
        return runNow(wrapped);
      });
      tail = turn.catch(() => {});
      return signal ? untilAborted(turn, signal) : turn;
    },
    async release() {
      if (released) return;
      released = true;
      await tail;
      await inner.release();
    },
  };
}

/** What the work gives, unless the signal comes first. */
async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let stop = (): void => {};
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
    signal.addEventListener("abort", stop, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

interface TensorMetadata {
  readonly name: string;
  readonly isTensor: boolean;
  readonly type: TensorType;
  readonly shape: readonly (number | string)[];
}

function describeInputs(session: OnnxSession): readonly InputDescription[] {
  const metadata = (session.inputMetadata ?? []) as readonly TensorMetadata[];
  return metadata
    .filter((input) => input.isTensor)
    .map(({ name, type, shape }) => ({ name, type, dims: [...shape] }));
}

function checkFeeds(
  names: readonly string[],
  inputs: readonly InputDescription[],
  feeds: Readonly<Record<string, Tensor>>,
): void {
  for (const name of Object.keys(feeds)) {
    if (!names.includes(name)) {
      throw new InferenceError(
        "input",
        `run: expected inputs ${names.join(", ")}, got one named "${name}"`,
        { field: name },
      );
    }
  }
  for (const name of names) {
    const tensor = feeds[name];
    if (!tensor) {
      throw new InferenceError("input", `run: expected an input named "${name}", got none`, {
        field: name,
      });
    }
    checkTensor(tensor, `run: input "${name}"`);
    const wanted = inputs.find((input) => input.name === name);
    if (!wanted) continue;
    // A size below one means "unknown" in some exports.
    const fits =
      wanted.dims.length === 0 ||
      (wanted.dims.length === tensor.dims.length &&
        wanted.dims.every(
          (dim, i) => typeof dim === "string" || dim < 1 || dim === tensor.dims[i],
        ));
    if (wanted.type !== tensor.type || !fits) {
      throw new InferenceError(
        "input",
        `run: input "${name}": expected ${wanted.type} [${wanted.dims}], got ${tensor.type} [${tensor.dims}]`,
        { field: name },
      );
    }
  }
}
