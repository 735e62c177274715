import { PageFailure } from "./page-failure.ts";
import type { Answers, LoadProgress, Reply, Request, StageView } from "./protocol.ts";

/** What the page may hear before the answer. */
export interface AskOptions {
  readonly onLoading?: (progress: LoadProgress) => void;
  readonly onStage?: (stage: StageView) => void;
  readonly signal?: AbortSignal;
}

type Question = Exclude<Request, { kind: "stop" }>;

/** Puts a question to the worker; bitmaps in it are handed over. */
export type Ask = <Q extends Question>(
  question: Q,
  options?: AskOptions,
) => Promise<Answers[Q["kind"]]>;

interface Waiting extends AskOptions {
  readonly resolve: (value: never) => void;
  readonly reject: (reason: PageFailure) => void;
}

/** Starts the worker that does everything heavy; it answers in the order of its work. */
export function createAsk(): Ask {
  const worker = new Worker(new URL("./worker/worker.ts", import.meta.url), { type: "module" });
  const waiting = new Map<number, Waiting>();
  let count = 0;

  worker.onmessage = ({ data }: MessageEvent<Reply & { readonly question: number }>) => {
    const asked = waiting.get(data.question);
    if (!asked) return;
    if (data.kind === "loading") asked.onLoading?.(data.progress);
    else if (data.kind === "stage") asked.onStage?.(data.stage);
    else {
      waiting.delete(data.question);
      if (data.kind === "done") asked.resolve(data.value as never);
      else asked.reject(new PageFailure(data.failure.code, data.failure.detail));
    }
  };
  // The worker itself broke: its file did not load, or the browser took its memory away.
  worker.onerror = (event) => {
    const failure = new PageFailure("no-worker", event.message);
    for (const { reject } of waiting.values()) reject(failure);
    waiting.clear();
  };

  return (question, options = {}) => {
    const number = ++count;
    const bitmap =
      "photo" in question ? question.photo : "frame" in question ? question.frame : undefined;
    options.signal?.addEventListener("abort", () => {
      worker.postMessage({ kind: "stop", question: number });
    });
    return new Promise((resolve, reject) => {
      waiting.set(number, { ...options, resolve, reject });
      worker.postMessage({ ...question, question: number }, bitmap ? [bitmap] : []);
    });
  };
}
