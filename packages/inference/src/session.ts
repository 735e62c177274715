import type { SelfTest } from "./self-test.ts";
import type { Tensor, TensorType } from "./tensor.ts";

/** What a network says of one of its inputs: a name stands for a size that is free. */
export interface InputDescription {
  readonly name: string;
  readonly type: TensorType;
  readonly dims: readonly (number | string)[];
}

/** Options of a run. */
export interface RunOptions {
  /** Stops waiting: a run that waits for its turn is not begun, the result of one under way is dropped. */
  readonly signal?: AbortSignal;
}

/** One network, loaded and ready to run. Runs of one session take turns, in the order they were asked for. */
export interface Session {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  /** Inputs with type and shape, as far as the runtime tells them. */
  readonly inputs: readonly InputDescription[];
  /** Name of the backend that made it, e.g. `"cpu"` or `"wasm"`. */
  readonly backend: string;
  /**
   * Runs the network once. In a worker the inputs are copied there and the outputs handed over; else
   * inputs must stay as they are until the run ends.
   *
   * @throws InferenceError with code `"input"` (missing, unknown, of another type or shape),
   *   `"run"` (the runtime failed), `"released"`, `"worker"` (its worker broke)
   * @throws the signal's reason, an AbortError unless told, when the signal is aborted
   */
  run(
    feeds: Readonly<Record<string, Tensor>>,
    options?: RunOptions,
  ): Promise<Record<string, Tensor>>;
  /** Frees the network's memory, after the runs under way; a second call does nothing. */
  release(): Promise<void>;
}

/** What became of one way to run networks. */
export interface BackendAttempt {
  readonly name: string;
  readonly ok: boolean;
  /** Why not, where `ok` is false. */
  readonly reason?: string;
  /** What the self-test found, where one was run: on graphics providers. */
  readonly selfTest?: SelfTest;
}

/** Something that runs networks. */
export interface Backend {
  readonly name: string;
  /** Every backend that was looked at, in order, with the reason where it was passed over. */
  readonly tried: readonly BackendAttempt[];
  /**
   * Loads a network.
   *
   * @param model bytes of an ONNX file
   * @throws InferenceError with code `"model"` when the runtime cannot read it
   */
  createSession(model: Uint8Array): Promise<Session>;
  /**
   * Ends the worker, where there is one, with every session in it; a second call does nothing. Without
   * a worker there is nothing to end: sessions release themselves.
   */
  release(): Promise<void>;
}
