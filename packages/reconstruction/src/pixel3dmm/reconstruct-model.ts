import { type PerspectiveCamera, projectPoints } from "@headform/camera";
import { quaternionFromRotation } from "@headform/core-math";
import { checkImage, computeNormals, type Image } from "@headform/mesh";
import { evaluate, type PcaModel, type SkinnedModel, toMesh } from "@headform/morphable-model";
import { photoToCrop, visibleVertices } from "@headform/raster";
import type { Reconstructor } from "../create-reconstructor.ts";
import type { Face } from "../face.ts";
import { look } from "../look.ts";
import { sampleImage } from "../sample-image.ts";
import type { ModelFace } from "../transfer-face.ts";
import { cameraInPhoto } from "./camera-in-photo.ts";
import type { SurfaceFitter } from "./create-surface-fitter.ts";
import { type FitSurfaceMapsOptions, fitSurfaceMaps, type SurfaceFit } from "./fit-surface-maps.ts";
import { guessIdentity } from "./guess-identity.ts";
import { lookSegments, withSegments } from "./look-segments.ts";
import { lookSurfaces } from "./look-surfaces.ts";
import { checkMask, maskSurface } from "./mask-surface.ts";
import { surfaceOf } from "./surface-of.ts";

export interface ReconstructModelOptions
  extends Pick<FitSurfaceMapsOptions, "preset" | "identity" | "solver"> {
  /** As large as the photo: what is dark in it does not count. */
  readonly mask?: Image;
  /** Run the networks on the mirrored crop as well and average; true unless told. */
  readonly mirrored?: boolean;
}

/** A head model fitted straight to what networks of its own uv say. */
export interface FittedModelFace extends ModelFace {
  readonly fit: Pick<
    SurfaceFit,
    "energy" | "parts" | "vertices" | "noise" | "iterations" | "status"
  >;
}

/**
 * Fits another head model, FLAME above all, to the uv and normals of networks that speak of it
 * (`surfaces` of the reconstructor), in the crop of a face that was found before.
 *
 * Skin is what the segmentation network says, or the dense network where there is none; the identity is
 * kept near the one given, the identity network's, or the mean.
 *
 * @param face from `reconstructPhoto`: where the face is
 * @param fitter of the model, from `createSurfaceFitter`
 * @throws RangeError for an image or mask that is malformed
 * @throws ReconstructionError "missing-network" without networks of uv and of normals, "no-face" when
 *   fewer than 60 vertices are found in the maps
 * @see Pixel3DMM, section 3.2
 */
export async function reconstructModel(
  reconstructor: Reconstructor,
  image: Image,
  face: Pick<Face, "crop" | "landmarks68">,
  fitter: SurfaceFitter,
  { mask, mirrored = true, identity, ...options }: ReconstructModelOptions = {},
): Promise<FittedModelFace> {
  checkImage(image, "reconstructModel");
  if (mask) checkMask("reconstructModel", mask, image);
  const { crop } = face;
  // 1. Maps.
  const surfaces = await lookSurfaces(reconstructor, image, crop, mirrored);
  const segments =
    (await lookSegments(reconstructor, image, crop)) ??
    surfaceOf(reconstructor, await look(reconstructor, image, crop, mirrored));
  const whole = withSegments(surfaces, segments);
  const maps = mask ? maskSurface(whole, mask, crop) : whole;
  // 2. Head and camera.
  const guess = identity ? undefined : await guessIdentity(reconstructor, image, face.landmarks68);
  const known = identity ?? guess?.subarray(0, fitter.model.shapeStandardDeviations.length);
  const fit = fitSurfaceMaps(fitter, maps, {
    ...options,
    ...(known && { identity: known }),
    principalPoint: photoToCrop(crop, maps, image.width / 2, image.height / 2),
  });
  const camera = cameraInPhoto(fit.camera, crop, maps);
  // 3. Plain data.
  const { model } = fitter;
  const { shape, expression, pose, eyelids, energy, parts, vertices, noise, iterations, status } =
    fit;
  const coefficients = { shape, expression, ...(pose && { pose }), ...(eyelids && { eyelids }) };
  const mesh = toMesh(model, coefficients);
  const posedPositions = evaluate(model, coefficients);
  const colors = seenColors(model, posedPositions, camera, image);
  return {
    camera,
    quaternion: quaternionFromRotation(camera.rotation),
    ...coefficients,
    mesh: { ...mesh, normals: computeNormals(mesh), colors },
    posedPositions,
    fit: { energy, parts, vertices, noise, iterations, status },
  };
}

/** [V×3] the photo's color of each vertex that it shows, the mean of these elsewhere. */
function seenColors(
  { indices }: PcaModel | SkinnedModel,
  positions: Float32Array,
  camera: PerspectiveCamera,
  image: Image,
): Uint8Array {
  const seen = visibleVertices({ positions, indices }, camera);
  const colors = new Uint8Array(positions.length);
  const pixels = projectPoints(camera, positions);
  const color = new Float32Array(3);
  const sum = [0, 0, 0];
  let count = 0;
  for (let v = 0; v < seen.length; v++) {
    if (seen[v] !== 1) continue;
    sampleImage(color, image, pixels[3 * v], pixels[3 * v + 1]);
    colors.set(color, 3 * v);
    for (let c = 0; c < 3; c++) sum[c] += color[c];
    count++;
  }
  const mean = sum.map((value) => (count > 0 ? value / count : 128));
  for (let v = 0; v < seen.length; v++) if (seen[v] !== 1) colors.set(mean, 3 * v);
  return colors;
}
