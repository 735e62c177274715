import type { Answers, Reply, Request } from "../protocol.ts";
import { type CurrentHead, poseHead } from "./current-head.ts";
import { explainFailure } from "./explain-failure.ts";
import { exportHead } from "./export-head.ts";
import { readBitmap } from "./read-bitmap.ts";
import { reconstructHead } from "./reconstruct-head.ts";
import { createStudio, type Studio } from "./studio.ts";
import { type Track, trackHead } from "./track-head.ts";
import { buffersOf } from "./transfer.ts";

// The whole state of the page's heavy side: what is loaded, and the head on show.
interface State {
  studio?: Promise<Studio>;
  current?: CurrentHead;
  track?: Track | undefined;
  /** Tells the question under way what is loading. */
  tell?: (reply: Reply) => void;
}

interface Scope {
  onmessage: ((event: MessageEvent<Request & { readonly question: number }>) => void) | null;
  postMessage(message: object, transfer: Transferable[]): void;
}

const scope = globalThis as unknown as Scope;
const state: State = {};
const running = new Map<number, AbortController>();

scope.onmessage = ({ data }) => {
  const { question } = data;
  if (data.kind === "stop") {
    running.get(question)?.abort();
    return;
  }
  const controller = new AbortController();
  running.set(question, controller);
  const say = (reply: Reply): void => {
    scope.postMessage({ question, ...reply }, buffersOf(reply));
  };
  answer(data, controller.signal, say)
    .then((value) => say({ kind: "done", value }))
    .catch((error) => say({ kind: "failed", failure: explainFailure(error) }))
    .finally(() => running.delete(question));
};

async function answer(
  request: Exclude<Request, { kind: "stop" }>,
  signal: AbortSignal,
  say: (reply: Reply) => void,
): Promise<Answers[keyof Answers]> {
  if (request.kind === "reconstruct") {
    const image = readBitmap(request.photo);
    state.tell = say;
    const studio = await open();
    signal.throwIfAborted();
    const { current, view } = await reconstructHead(studio, image, {
      method: request.method,
      runsOn: request.runsOn,
      signal,
      onStage: (stage) => say({ kind: "stage", stage }),
    });
    state.current = current;
    state.track = undefined;
    return view;
  }
  if (!state.current) throw new Error("there is no head yet");
  if (request.kind === "pose") return poseHead(state.current, request);
  if (request.kind === "export") return exportHead(state.current, request.format, request);
  const studio = await open();
  const last = state.track;
  // Whatever happens to this frame, the next must not look where no face was.
  state.track = undefined;
  const { track, view } = await trackHead(studio, state.current, readBitmap(request.frame), last);
  state.track = track;
  return view;
}

/** Loads once; after a failure, the next photo tries again. */
function open(): Promise<Studio> {
  state.studio ??= createStudio((progress) => {
    state.tell?.({ kind: "loading", progress });
  }).catch((error) => {
    delete state.studio;
    throw error;
  });
  return state.studio;
}
