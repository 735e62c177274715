import { checkImage, type Image } from "@headform/mesh";
import type { Box } from "@headform/raster";
import { now } from "./clock.ts";
import type { Reconstructor } from "./create-reconstructor.ts";
import { describeHead, poseHead } from "./describe-head.ts";
import type { Face } from "./face.ts";
import { type FitHeadOptions, fitHead } from "./fit-head.ts";
import { lookAround, VIEW_PIXELS, VIEWS } from "./look-around.ts";
import { addTimings, lookAtFace } from "./look-at-face.ts";
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
  /**
   * Crops that the head is fitted to, 1 to 5: after the first come ones a little larger, smaller and
   * turned. 5 unless told; 1 is fastest. The face's `maps` are those of the first.
   */
  readonly views?: number;
  /** Paint the head with the photo; true unless told. */
  readonly texture?: boolean;
  readonly fit?: FitHeadOptions;
  /** Told what is known before the head is, to show it: see {@link Stage}. */
  readonly onStage?: (stage: Stage) => void;
  /** An `AbortSignal`. */
  readonly signal?: { throwIfAborted(): void };
}

/**
 * Reconstructs the head of one face whose place is known: crop, network, camera, coefficients,
 * texture.
 *
 * @param reconstructor from `createReconstructor`
 * @param image the photo
 * @param place box of the landmarks with roll (counter-clockwise, radians), or [L×2] landmarks
 * @throws RangeError for an image or place that is malformed, or views that are not 1 to 5
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
  const { texture = true, views, fit: fitOptions = {} } = options;
  if (views !== undefined && !(Number.isInteger(views) && views >= 1 && views <= VIEWS)) {
    throw new RangeError(`reconstructFace: expected 1 to ${VIEWS} views, got ${views}`);
  }
  const { head, surface } = reconstructor;
  // 1. Look, until the face lies well in the crop.
  const { seen, crop, passes, timings } = await lookAtFace(reconstructor, image, place, options);

  // 2. Camera and head, from that look and some beside it.
  const size = [image.width, image.height] as const;
  const others = await lookAround(reconstructor, image, crop, options, timings);
  const fitted = fitHead(surface, seen.maps, crop, size, {
    ...(others.length > 0 && { maximum: VIEW_PIXELS, others }),
    ...fitOptions,
  });
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
