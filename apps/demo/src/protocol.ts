import type { Method } from "@headform/reconstruction";

/** What the page asks of its worker; every message carries the number of the question. */
export type Request =
  | {
      readonly kind: "reconstruct";
      readonly photo: ImageBitmap;
      readonly method: Method;
      readonly runsOn: RunsOn;
    }
  | { readonly kind: "track"; readonly frame: ImageBitmap }
  | ({ readonly kind: "pose" } & Coefficients)
  | ({ readonly kind: "export"; readonly format: ExportFormat } & Coefficients)
  | { readonly kind: "stop"; readonly question: number };

/** Where the networks run. */
export type RunsOn = "wasm" | "webgpu";

/** What it answers, and tells on the way. */
export type Reply =
  | { readonly kind: "loading"; readonly progress: LoadProgress }
  | { readonly kind: "stage"; readonly stage: StageView }
  | { readonly kind: "done"; readonly value: unknown }
  | { readonly kind: "failed"; readonly failure: Failure };

/** What each question is answered with. */
export interface Answers {
  readonly reconstruct: HeadView;
  readonly track: TrackedHead;
  readonly pose: PosedHead;
  readonly export: ExportedFile;
  readonly stop: undefined;
}

export interface Coefficients {
  /** [Ks] */
  readonly shape: Float64Array;
  /** [Ke] */
  readonly expression: Float64Array;
}

export type ExportFormat = "glb" | "obj" | "ply" | "json";

/** Bytes of the models and of the runtime that have arrived, of those known to come. */
export interface LoadProgress {
  readonly loaded: number;
  readonly total: number;
  /** Whether they come over the network, and not out of the browser's own store. */
  readonly fetched: boolean;
}

/** RGBA pixels. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8ClampedArray<ArrayBuffer>;
}

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** One step on the way to a head, to be shown. */
export type StageView =
  | {
      readonly name: "box";
      readonly box: Box;
      /** Radians, counter-clockwise. */
      readonly roll: number;
      readonly milliseconds: number;
    }
  | {
      readonly name: "pncc" | "uv" | "normals" | "volume" | "mesh";
      readonly picture: Picture;
      readonly milliseconds: number;
    };

/** A surface as a graphics card wants it: one texture coordinate per vertex. */
export interface Surface {
  /** [V×3] */
  readonly positions: Float32Array<ArrayBuffer>;
  /** [V×3] */
  readonly normals: Float32Array<ArrayBuffer>;
  /** [F×3] */
  readonly indices: Uint32Array<ArrayBuffer>;
  /** [V×2] origin bottom-left */
  readonly uvs?: Float32Array<ArrayBuffer>;
  readonly texture?: Picture;
  /** [V×3] sRGB, where each vertex lies on the mean head. */
  readonly pncc: Uint8Array<ArrayBuffer>;
}

/** A finished head. */
export interface HeadView extends Coefficients {
  readonly method: Method;
  readonly surface: Surface;
  /** Model to camera, x y z w. */
  readonly quaternion: readonly number[];
  readonly yawPitchRoll: readonly [number, number, number];
  readonly expressionNames: readonly string[];
  readonly landmarks68: Float64Array;
  readonly box: Box;
  readonly faces: number;
  readonly facts: RunFacts;
}

/** What ran the networks, and how long each part took. */
export interface RunFacts {
  readonly backend: string;
  readonly threads: number;
  /** Milliseconds, in the order of the work. */
  readonly timings: readonly (readonly [string, number])[];
  readonly total: number;
}

export interface PosedHead {
  /** [V×3] */
  readonly positions: Float32Array<ArrayBuffer>;
  /** [V×3] */
  readonly normals: Float32Array<ArrayBuffer>;
}

/** One frame of the camera: the head of the last photo, moved as the face in the frame. */
export interface TrackedHead extends PosedHead {
  readonly quaternion: readonly number[];
  readonly expression: Float64Array;
  readonly box: Box;
  readonly milliseconds: number;
}

export interface ExportedFile {
  readonly name: string;
  readonly type: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

export type FailureCode =
  | "no-camera"
  | "camera-denied"
  | "not-an-image"
  | "unreadable-image"
  | "no-face"
  | "no-method"
  | "no-files"
  | "no-webgl"
  | "no-webgpu"
  | "untrusted-webgpu"
  | "no-worker"
  | "out-of-memory"
  | "stopped"
  | "unknown";

/** What went wrong, in a word for the program and the message of its cause for the curious. */
export interface Failure {
  readonly code: FailureCode;
  readonly detail: string;
}
