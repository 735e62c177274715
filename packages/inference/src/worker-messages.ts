import type { TensorDataByType, TensorType } from "./tensor.ts";

/**
 * What a runtime's worker is asked: whether it is ready, for those who may have missed it saying so,
 * and all else; `session` is a number that the asker chose.
 */
export type WorkerRequest =
  | { readonly kind: "hello" }
  | {
      readonly kind: "create";
      readonly session: number;
      readonly model: Uint8Array;
      readonly options: Record<string, unknown> | undefined;
    }
  | {
      readonly kind: "run";
      readonly session: number;
      readonly feeds: Readonly<Record<string, TensorMessage>>;
    }
  | { readonly kind: "release"; readonly session: number };

/** A tensor on its way; its buffer is handed over. */
export interface TensorMessage {
  readonly type: TensorType;
  readonly dims: readonly number[];
  readonly data: TensorDataByType[TensorType];
}

/** What `create` is answered with. */
export interface CreatedMessage {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  readonly inputMetadata: readonly unknown[];
}

/** What a worker says: when it is ready, and once for each question its value or what went wrong. */
export type WorkerReply =
  | { readonly kind: "ready" }
  | { readonly kind: "done"; readonly question: number; readonly value: unknown }
  | { readonly kind: "failed"; readonly question: number; readonly reason: string };
