import { yawPitchRollFromRotation } from "@headform/core-math";
import { checkImage, type Image } from "@headform/mesh";
import { evaluate, type PcaModel, projectLandmarks } from "@headform/morphable-model";
import { cropFace } from "@headform/networks/pix2face";
import type { Box, Crop } from "@headform/raster";
import { boxOf } from "./box-of.ts";
import { now } from "./clock.ts";
import type { Reconstructor } from "./create-reconstructor.ts";
import { describeHead, poseHead } from "./describe-head.ts";
import type { Face } from "./face.ts";
import { type FitHeadOptions, type FittedFace, fitHead } from "./fit-head.ts";
import { type Look, look } from "./look.ts";
import { ReconstructionError } from "./reconstruction-error.ts";
import { sampleTexture } from "./sample-texture.ts";
import type { Stage } from "./stage.ts";

/** Where a face is: a box around its landmarks, turned or not, or the landmarks themselves. */
export type FacePlace =
  | { readonly box: Box; readonly roll?: number; readonly score?: number }
  | { readonly landmarks: ArrayLike<number> };

export interface ReconstructFaceOptions {
  /** Run the network on the mirror image as well and average; true unless told. */
  readonly mirrored?: boolean;
  /** Looks at most; a second follows when the face lies elsewhere in the crop. 2 unless told. */
  readonly maxPasses?: number;
  /** Paint the head with the photo; true unless told. */
  readonly texture?: boolean;
  readonly fit?: FitHeadOptions;
  /** Told what is known before the head is, to show it: see {@link Stage}. */
  readonly onStage?: (stage: Stage) => void;
  /** An `AbortSignal`. */
  readonly signal?: { throwIfAborted(): void };
}

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

/**
 * Reconstructs the head of one face whose place is known: crop, network, camera, coefficients,
 * texture.
 *
 * @param reconstructor from `createReconstructor`
 * @param image the photo
 * @param place box of the landmarks with roll (counter-clockwise, radians), or [L×2] landmarks
 * @throws RangeError for an image or place that is malformed
 * @throws ReconstructionError "no-face" when the network sees no face there
 * @throws InferenceError when the network fails; the signal's reason when it is aborted
 * @see Pix2Face, section 3
 */
export async function reconstructFace(
  reconstructor: Reconstructor,
  image: Image,
  place: FacePlace,
  options: ReconstructFaceOptions = {},
): Promise<Face> {
  checkImage(image, "reconstructFace");
  const { mirrored = true, maxPasses = 2, texture = true, fit: fitOptions = {}, signal } = options;
  const { head, surface, dense } = reconstructor;
  const box = "box" in place ? place.box : boxOf(place.landmarks, 2);
  const roll = "box" in place ? (place.roll ?? 0) : 0;

  // 1. Look; where a quick fit says that the face lies elsewhere in the crop, look again.
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
    throw new ReconstructionError("no-face", "reconstructFace: the network sees no face there");
  }

  // 2. Camera and head.
  const fitted = fitHead(surface, seen.maps, crop, size, fitOptions);
  addTimings(timings, fitted.timings);
  const positions = poseHead(head, fitted);

  // 3. Texture.
  const start = now();
  const painted =
    texture && reconstructor.texels
      ? sampleTexture(head, reconstructor.texels, reconstructor.neighbors, {
          image,
          positions,
          camera: fitted.camera,
          maps: seen.maps,
          crop,
        })
      : undefined;
  timings.texture = now() - start;

  // 4. Plain data.
  return {
    method: "pix2face",
    ...describeHead(head, fitted, positions, painted),
    score: "box" in place ? (place.score ?? 1) : 1,
    maps: seen.maps,
    crop,
    fit: {
      status: fitted.status,
      iterations: fitted.iterations,
      cost: fitted.cost,
      points: fitted.points,
      noise: fitted.noise,
      passes,
    },
    timings,
  };
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

function addTimings(sum: Record<string, number>, more: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(more)) sum[name] += value;
}

function moved(from: Crop, to: Crop): boolean {
  const shift = Math.hypot(to.centerX - from.centerX, to.centerY - from.centerY) / from.side;
  const turn = Math.abs(to.rotation - from.rotation);
  return shift > MOVED || Math.abs(Math.log(to.side / from.side)) > 2 * MOVED || turn > UPRIGHT;
}
