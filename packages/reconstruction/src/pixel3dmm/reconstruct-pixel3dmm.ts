import { checkImage, type Image } from "@headform/mesh";
import type { SurfaceMaps } from "@headform/networks/pixel3dmm";
import { type Crop, photoToCrop } from "@headform/raster";
import { now } from "../clock.ts";
import type { Reconstructor } from "../create-reconstructor.ts";
import { describeHead, poseHead } from "../describe-head.ts";
import type { Face } from "../face.ts";
import { lookAtFace } from "../look-at-face.ts";
import type { FacePlace, ReconstructFaceOptions } from "../reconstruct-face.ts";
import { ReconstructionError } from "../reconstruction-error.ts";
import { sampleTexture } from "../sample-texture.ts";
import { cameraInPhoto } from "./camera-in-photo.ts";
import { createSurfaceFitter } from "./create-surface-fitter.ts";
import { type FitSurfaceMapsOptions, fitSurfaceMaps } from "./fit-surface-maps.ts";
import { lookSegments, withSegments } from "./look-segments.ts";
import { checkMask, maskSurface } from "./mask-surface.ts";
import { surfaceOf } from "./surface-of.ts";

/** Options of {@link reconstructPixel3dmm} beside those of all methods. */
export interface ReconstructPixel3dmmOptions extends ReconstructFaceOptions {
  readonly pixel3dmm?: Pick<FitSurfaceMapsOptions, "preset" | "identity" | "solver"> & {
    /** As large as the photo: what is dark in it does not count, be it hair, a hand or glasses. */
    readonly mask?: Image;
  };
}

/**
 * Reconstructs the head of one face by fitting it to predicted uv coordinates and normals. They are
 * planes of the dense network, or follow from its PNCC and offsets where it has none.
 *
 * @param reconstructor from `createReconstructor`
 * @param image the photo
 * @param place box of the landmarks with roll (counter-clockwise, radians), or [L×2] landmarks
 * @throws RangeError for an image, mask or place that is malformed
 * @throws ReconstructionError "no-face" when the network sees no face there; "wrong-network" for a
 *   reconstructor with surface networks, whose uv are another head's
 * @see Pixel3DMM, section 3
 */
export async function reconstructPixel3dmm(
  reconstructor: Reconstructor,
  image: Image,
  place: FacePlace,
  options: ReconstructPixel3dmmOptions = {},
): Promise<Face> {
  checkImage(image, "reconstructPixel3dmm");
  const { texture = true, pixel3dmm = {} } = options;
  const { mask, ...fitOptions } = pixel3dmm;
  if (mask) checkMask("reconstructPixel3dmm", mask, image);
  const { head } = reconstructor;
  if (reconstructor.surfaces?.length) {
    throw new ReconstructionError(
      "wrong-network",
      "reconstructPixel3dmm: the surface networks' uv are FLAME's, the head is not: fit FLAME with reconstructModel",
    );
  }
  // 1. Look.
  const { seen, crop, passes, timings } = await lookAtFace(reconstructor, image, place, options);
  const looked = now();
  const own = surfaceOf(reconstructor, seen);
  const segments = await lookSegments(reconstructor, image, crop);
  const surface = segments ? withSegments(own, segments) : own;
  const maps = mask ? maskSurface(surface, mask, crop) : surface;
  timings.decode += now() - looked;
  options.onStage?.({ kind: "surfaces", maps, crop });

  // 2. Camera and head.
  const started = now();
  const fit = fitSurfaceMaps(createSurfaceFitter(head), maps, {
    ...fitOptions,
    principalPoint: centerOf(image, crop, maps),
  });
  const fitted = { ...fit, camera: cameraInPhoto(fit.camera, crop, maps) };
  timings.fit += now() - started;
  const positions = poseHead(head, fitted);

  // 3. Texture.
  const start = now();
  const { texels, neighbors } = reconstructor;
  const painted =
    texture && texels
      ? sampleTexture(head, texels, neighbors, {
          ...{ image, positions, camera: fitted.camera, maps: seen.maps, crop },
        })
      : undefined;
  timings.texture = now() - start;

  // 4. Plain data.
  return {
    method: "pixel3dmm",
    ...describeHead(head, fitted, positions, painted),
    score: "box" in place ? (place.score ?? 1) : 1,
    maps: seen.maps,
    crop,
    fit: {
      status: fit.status,
      iterations: fit.iterations,
      cost: fit.energy,
      points: fit.vertices,
      noise: fit.noise * (-fit.camera.translation[2] / fit.camera.focalLength),
      passes,
    },
    timings,
  };
}

/** The photo's center in the maps' pixels. */
function centerOf(image: Image, crop: Crop, maps: SurfaceMaps): readonly [number, number] {
  return photoToCrop(crop, maps, image.width / 2, image.height / 2);
}
