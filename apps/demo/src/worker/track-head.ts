import type { Image } from "@headform/mesh";
import {
  detectFaces,
  type FacePlace,
  ReconstructionError,
  reconstructFace,
} from "@headform/reconstruction";
import type { TrackedHead } from "../protocol.ts";
import { type CurrentHead, poseHead } from "./current-head.ts";
import type { Studio } from "./studio.ts";

/** What one frame leaves to the next. */
export interface Track {
  readonly place: FacePlace;
  readonly expression: Float64Array;
  readonly quaternion: readonly number[];
}

/** Share of the new frame in what is shown: below 1 calms the jitter of single frames. */
const FRESH = 0.6;
/** A frame gets one look and a quick fit: the identity is known from the photo. */
const QUICK = {
  mirrored: false,
  maxPasses: 1,
  views: 1,
  texture: false,
  fit: { maximum: 500, maxIterations: 4, shapeCount: 20 },
} as const;

/**
 * Moves the current head as the face in one frame of the camera.
 *
 * @param last what the last frame left; absent: the face is looked for in the whole frame
 * @throws ReconstructionError "no-face" when there is none
 */
export async function trackHead(
  studio: Studio,
  current: CurrentHead,
  image: Image,
  last: Track | undefined,
): Promise<{ readonly track: Track; readonly view: TrackedHead }> {
  const start = performance.now();
  const reconstructor = await studio.prepare("pix2face", "wasm");
  const place = last?.place ?? (await detectFaces(reconstructor, image))[0];
  if (!place) throw new ReconstructionError("no-face", "no face was found in the frame");
  const face = await reconstructFace(reconstructor, image, place, QUICK);
  const seen = Array.from(face.quaternion);
  const expression = last
    ? face.expression.map((value, k) => mix(last.expression[k]!, value))
    : face.expression;
  const quaternion = last ? mixRotations(last.quaternion, seen) : seen;
  const view: TrackedHead = {
    ...poseHead(current, { shape: current.face.shape, expression }),
    quaternion,
    expression: expression.slice(),
    box: face.box,
    milliseconds: performance.now() - start,
  };
  const next = { box: face.box, roll: face.yawPitchRoll.roll };
  return { track: { place: next, expression, quaternion }, view };
}

function mix(from: number, to: number): number {
  return from + FRESH * (to - from);
}

/** Between two near rotations the normalized mean is as good as an arc. */
function mixRotations(from: readonly number[], to: readonly number[]): number[] {
  const dot = from.reduce((sum, value, i) => sum + value * to[i]!, 0);
  const mixed = from.map((value, i) => mix(value, dot < 0 ? -to[i]! : to[i]!));
  const length = Math.hypot(...mixed);
  return mixed.map((value) => value / length);
}
