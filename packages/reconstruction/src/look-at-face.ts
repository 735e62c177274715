import { yawPitchRollFromRotation } from "@headform/core-math";
import type { Image } from "@headform/mesh";
import { evaluate, type PcaModel, projectLandmarks } from "@headform/morphable-model";
import { cropFace } from "@headform/networks/pix2face";
import type { Crop } from "@headform/raster";
import { boxOf } from "./box-of.ts";
import type { Reconstructor } from "./create-reconstructor.ts";
import { type FitHeadOptions, type FittedFace, fitHead } from "./fit-head.ts";
import { type Look, look } from "./look.ts";
import type { FacePlace, ReconstructFaceOptions } from "./reconstruct-face.ts";
import { ReconstructionError } from "./reconstruction-error.ts";

/** A head that leans less than this is looked at upright, radians. */
const UPRIGHT = 0.2;
/** The fit that decides whether to look again needs to know only where the face is. */
const GLANCE: FitHeadOptions = { maximum: 300, maxIterations: 2 };
/** Movement of the crop, relative to its side, that calls for a second look. */
const MOVED = 0.05;
/**
 * Least share of the map's pixels on which the network is this sure to see a face. Photos of faces,
 * also half hidden, blurred to 12 pixels or boxed twice too large, have 0.12 and more; boxes beside
 * a face and noise have less than 0.01, though the fit makes a head of any map.
 */
const SEEN_SHARE = 0.02;
const SURELY_SEEN = 0.8;

/** What the dense network saw of a face, where it looked last, and the time so far. */
export interface FaceLook {
  readonly seen: Look;
  readonly crop: Crop;
  readonly passes: number;
  readonly timings: Record<
    "detect" | "crop" | "network" | "decode" | "camera" | "fit" | "texture",
    number
  >;
}

/**
 * Looks at a face; where a quick fit says that it lies elsewhere in the crop, looks again. Private to
 * the package.
 *
 * @throws ReconstructionError "no-face" when the network sees no face there
 */
export async function lookAtFace(
  reconstructor: Reconstructor,
  image: Image,
  place: FacePlace,
  options: ReconstructFaceOptions,
): Promise<FaceLook> {
  const { mirrored = true, maxPasses = 2, fit: fitOptions = {}, signal } = options;
  const { head, surface, dense } = reconstructor;
  const box = "box" in place ? place.box : boxOf(place.landmarks, 2);
  const roll = "box" in place ? (place.roll ?? 0) : 0;
  const size = [image.width, image.height] as const;
  const timings = { detect: 0, crop: 0, network: 0, decode: 0, camera: 0, fit: 0, texture: 0 };
  let crop: Crop = cropFace(box, dense.manifest, Math.abs(roll) > UPRIGHT ? -roll : 0);
  let seen: Look;
  let passes = 0;
  while (true) {
    passes++;
    signal?.throwIfAborted();
    seen = await look(reconstructor, image, crop, mirrored);
    signal?.throwIfAborted();
    addTimings(timings, seen.timings);
    options.onStage?.({ kind: "maps", maps: seen.maps, crop });
    if (passes >= maxPasses) break;
    const glance = fitHead(surface, seen.maps, crop, size, { ...fitOptions, ...GLANCE });
    addTimings(timings, glance.timings);
    const next = cropAround(head, glance, dense.manifest);
    if (!moved(crop, next)) break;
    crop = next;
  }
  if (shareSeen(seen.maps.visible) < SEEN_SHARE) {
    throw new ReconstructionError("no-face", "lookAtFace: the network sees no face there");
  }
  return { seen, crop, passes, timings };
}

function shareSeen(visible: Float32Array): number {
  let count = 0;
  for (const probability of visible) if (probability > SURELY_SEEN) count++;
  return count / visible.length;
}

/** The crop the network would want for the fitted head; upright heads get an upright crop. */
function cropAround(
  head: PcaModel,
  fitted: FittedFace,
  manifest: Reconstructor["dense"]["manifest"],
): Crop {
  const positions = evaluate(head, { shape: fitted.shape, expression: fitted.expression });
  const landmarks = projectLandmarks(head, positions, fitted.camera);
  const { roll } = yawPitchRollFromRotation(fitted.camera.rotation);
  return cropFace(boxOf(landmarks, 3), manifest, Math.abs(roll) > UPRIGHT ? -roll : 0);
}

export function addTimings(
  sum: Record<string, number>,
  more: Readonly<Record<string, number>>,
): void {
  for (const [name, value] of Object.entries(more)) sum[name] += value;
}

function moved(from: Crop, to: Crop): boolean {
  const shift = Math.hypot(to.centerX - from.centerX, to.centerY - from.centerY) / from.side;
  const turn = Math.abs(to.rotation - from.rotation);
  return shift > MOVED || Math.abs(Math.log(to.side / from.side)) > 2 * MOVED || turn > UPRIGHT;
}
