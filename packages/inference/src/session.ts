import type { SelfTest } from "./self-test.ts";
import type { Tensor, TensorType } from "./tensor.ts";

/** What a network says of one of its inputs: a name stands for a size that is free. */
export interface InputDescription {
  readonly name: string;
  readonly type: TensorType;
  readonly dims: readonly (number | string)[];
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
   * Runs the network once.
   *
   * @throws InferenceError with code `"input"` (missing, unknown, of another type or shape),
   *   `"run"` (the runtime failed), `"released"`
   */
  run(feeds: Readonly<Record<string, Tensor>>): Promise<Record<string, Tensor>>;
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
}
