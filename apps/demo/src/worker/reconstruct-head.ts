import type { Image } from "@headform/mesh";
import {
  detectFaces,
  type Face,
  type Method,
  ReconstructionError,
  reconstructPhoto,
} from "@headform/reconstruction";
import type { HeadView, RunFacts, RunsOn, StageView } from "../protocol.ts";
import { type CurrentHead, createCurrentHead, drawableSurface } from "./current-head.ts";
import { meshPicture, stagePictures } from "./stage-pictures.ts";
import type { Studio } from "./studio.ts";

export interface ReconstructHeadOptions {
  readonly method: Method;
  readonly runsOn: RunsOn;
  readonly signal: AbortSignal;
  readonly onStage: (stage: StageView) => void;
}

/**
 * The largest face of a photo as a head, each stage told as it is known.
 *
 * @throws ReconstructionError "no-face" when there is none
 */
export async function reconstructHead(
  studio: Studio,
  image: Image,
  { method, runsOn, signal, onStage }: ReconstructHeadOptions,
): Promise<{ readonly current: CurrentHead; readonly view: HeadView }> {
  const reconstructor = await studio.prepare(method, runsOn);
  const { head } = reconstructor;
  const start = performance.now();
  let last = start;
  const lap = (): number => {
    const milliseconds = performance.now() - last;
    last += milliseconds;
    return milliseconds;
  };

  // 1. Where the faces are; the largest is meant.
  const found = await detectFaces(reconstructor, image, { signal });
  const detection = found.toSorted((a, b) => b.box.width - a.box.width)[0];
  if (!detection) throw new ReconstructionError("no-face", "no face was found in the photo");
  const detected = lap();
  onStage({
    name: "box",
    box: detection.box,
    roll: detection.roll ?? 0,
    milliseconds: detected,
  });

  // 2. Its head.
  const [face] = await reconstructPhoto(reconstructor, image, {
    method,
    boxes: [detection.box],
    signal,
    onStage: (stage) => {
      const milliseconds = lap();
      for (const picture of stagePictures(stage, head)) onStage({ ...picture, milliseconds });
    },
  });
  const total = performance.now() - start;
  onStage({ name: "mesh", picture: meshPicture(face!.mesh), milliseconds: lap() });
  const current = createCurrentHead(head, face!);
  const backend = reconstructor.dense.session.backend;
  const threads = backend === "wasm" ? studio.threads : 1;
  const facts = { backend, threads, timings: timingsOf(face!, detected), total };
  return { current, view: viewOf(current, found.length, facts) };
}

function viewOf(current: CurrentHead, faces: number, facts: RunFacts): HeadView {
  const { face, model } = current;
  const { yaw, pitch, roll } = face.yawPitchRoll;
  return {
    method: face.method,
    surface: drawableSurface(current),
    shape: face.shape.slice(),
    expression: face.expression.slice(),
    quaternion: Array.from(face.quaternion),
    yawPitchRoll: [yaw, pitch, roll],
    expressionNames: model.expressionNames,
    landmarks68: face.landmarks68.slice(),
    box: face.box,
    faces,
    facts,
  };
}

/** In the order of the work; stages that a method does not have took no time. */
function timingsOf(face: Face, detect: number): RunFacts["timings"] {
  const timings = Object.entries({ ...face.timings, detect }) as [string, number][];
  return timings.filter(([, milliseconds]) => milliseconds > 0);
}
