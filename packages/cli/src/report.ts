import type { PcaModel, SkinnedModel } from "@headform/morphable-model";
import type { Face, Method, TransferredFace } from "@headform/reconstruction";

export const REPORT_VERSION = 1 as const;

/** What `--json` prints: one document for all photos. */
export interface Report {
  readonly version: typeof REPORT_VERSION;
  readonly images: readonly ImageReport[];
}

export interface ImageReport {
  readonly file: string;
  /** Of the upright photo, in pixels. */
  readonly width: number;
  readonly height: number;
  readonly faces: readonly FaceReport[];
  /** Present when this photo gave no result. */
  readonly error?: { readonly code: string; readonly message: string };
}

export interface FaceReport {
  readonly method: Method;
  /** x, y, width, height in pixels of the upright photo. */
  readonly box: readonly number[];
  readonly score: number;
  /** x, y in pixels of the photo (centres at half-integers), z in the same unit towards the viewer. */
  readonly landmarks68: readonly (readonly number[])[];
  readonly camera: Readonly<Record<string, unknown>>;
  readonly pose: {
    /** Model to camera, x, y, z, w. */
    readonly rotation: readonly number[];
    readonly yawPitchRollDeg: readonly number[];
  };
  readonly shape: readonly number[];
  readonly expression: Readonly<Record<string, number>>;
  /** x, y, z of each joint's axis times its angle, radians; of skinned models. */
  readonly joints?: Readonly<Record<string, readonly number[]>>;
  /** Left, right; of models that have them. */
  readonly eyelids?: readonly number[];
  readonly outputs: readonly string[];
  readonly timings: Readonly<Record<string, number>>;
  readonly fit: { readonly status: string; readonly iterations: number; readonly cost: number };
}

/** The plain JSON form of one face. */
export function describeFace(
  face: Face & Pick<TransferredFace, "pose" | "eyelids">,
  { expressionNames, ...model }: PcaModel | SkinnedModel,
  outputs: readonly string[],
): FaceReport {
  const { box, camera, yawPitchRoll, pose, eyelids } = face;
  const degrees = (angle: number): number => round((angle * 180) / Math.PI, 3);
  const landmarks68 = Array.from({ length: face.landmarks68.length / 3 }, (_, i) =>
    Array.from(face.landmarks68.subarray(3 * i, 3 * i + 3), (value) => round(value, 3)),
  );
  return {
    method: face.method,
    box: [box.x, box.y, box.width, box.height].map((value) => round(value, 2)),
    score: round(face.score, 4),
    landmarks68,
    camera: {
      kind: camera.kind,
      focalLength: camera.focalLength,
      principalPoint: Array.from(camera.principalPoint),
      rotation: Array.from(camera.rotation),
      translation: Array.from(camera.translation),
    },
    pose: {
      rotation: Array.from(face.quaternion, (value) => round(value, 6)),
      yawPitchRollDeg: [yawPitchRoll.yaw, yawPitchRoll.pitch, yawPitchRoll.roll].map(degrees),
    },
    shape: Array.from(face.shape, (value) => round(value, 5)),
    expression: Object.fromEntries(
      expressionNames.map((name, i) => [name, round(face.expression[i] as number, 5)]),
    ),
    ...(pose &&
      model.kind === "skinned" && {
        joints: Object.fromEntries(
          model.jointNames.map((name, j) => [
            name,
            Array.from(pose.subarray(3 * j, 3 * j + 3), (value) => round(value, 5)),
          ]),
        ),
      }),
    ...(eyelids && { eyelids: Array.from(eyelids, (value) => round(value, 5)) }),
    outputs,
    timings: Object.fromEntries(
      Object.entries(face.timings).map(([stage, ms]) => [stage, round(ms as number, 2)]),
    ),
    fit: { status: face.fit.status, iterations: face.fit.iterations, cost: face.fit.cost },
  };
}

function round(value: number, digits: number): number {
  const scale = 10 ** digits;
  return Math.round(value * scale) / scale;
}
