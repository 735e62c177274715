import type { Method } from "@headform/reconstruction";
import type {
  Coefficients,
  Failure,
  HeadView,
  LoadProgress,
  RunsOn,
  StageView,
} from "./protocol.ts";
import type { Look } from "./scene/head-surface.ts";

/** What is on show. */
export interface AppState {
  readonly method: Method;
  readonly runsOn: RunsOn;
  readonly look: Look;
  readonly photo: ImageBitmap | undefined;
  readonly stages: readonly StageView[];
  readonly head: HeadView | undefined;
  readonly coefficients: Coefficients | undefined;
  /** Whether a photo is on its way to a head. */
  readonly working: boolean;
  readonly loading: LoadProgress | undefined;
  readonly failure: Failure | undefined;
  /** For screen readers. */
  readonly status: string;
  /** The camera's, while it is on. */
  readonly stream: MediaStream | undefined;
  /** Whether the camera drives the head. */
  readonly live: boolean;
  /** Frames of the camera a second. */
  readonly rate: number;
  /** How the camera's face is turned, model to camera, x y z w; absent while the head rests. */
  readonly quaternion: readonly number[] | undefined;
  /** Whether a file hangs over the page. */
  readonly over: boolean;
}
