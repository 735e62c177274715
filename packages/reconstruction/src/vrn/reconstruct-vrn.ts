import type { PerspectiveCamera } from "@headform/camera";
import { checkImage, computeNormals, type Image, type Mesh, type Similarity } from "@headform/mesh";
import { type PcaModel, type RegisteredHead, registerHead } from "@headform/morphable-model";
import { cropVolume, type ProbabilityGrid } from "@headform/networks/vrn";
import type { Box } from "@headform/raster";
import { boxOf } from "../box-of.ts";
import { now } from "../clock.ts";
import type { Reconstructor } from "../create-reconstructor.ts";
import { describeHead, poseHead } from "../describe-head.ts";
import type { Face } from "../face.ts";
import { lookAtFace } from "../look-at-face.ts";
import {
  type FacePlace,
  type ReconstructFaceOptions,
  reconstructFace,
} from "../reconstruct-face.ts";
import { ReconstructionError } from "../reconstruction-error.ts";
import { sampleTexture } from "../sample-texture.ts";
import { lookVolume } from "./look-volume.ts";
import { photoColors, photoSurface, type VolumeSurface } from "./photo-surface.ts";
import { isInBox, placeHead } from "./place-head.ts";

/** Options of {@link reconstructVrn}. */
export interface ReconstructVrnOptions extends ReconstructFaceOptions {
  readonly vrn?: {
    /** How the volume becomes the surface that is given out; softly unless told. */
    readonly surface?: VolumeSurface;
  };
}

/** A head that leans less than this is looked at upright, radians. */
const UPRIGHT = 0.2;
/** Least share of the volume that is inside; a face's own bounding box alone is a twentieth. */
const FILLED_SHARE = 0.02;
/** Of the volume that finds where the head stands, every so many samples are taken. */
const COARSE = 3;
/** Places of the head, nearest first, from which the registration is tried. */
const PLACES = 4;
/**
 * Regions that a volume rounds off: drawn to it, lips get a jagged seam and the ear that a turned head
 * hides curls up.
 */
const FOLLOWING = ["eyelids", "lips", "ears"];
/**
 * How far the camera stands, in metres: a volume is seen along parallel lines, and from here their
 * difference from a camera's is a thousandth of the head's depth.
 */
const FAR = 100;

/**
 * Reconstructs the head of one face by VRN's way: a volume of the face straight from the photo, its
 * isosurface, and the head registered to it, so that the result has the head's vertices, landmarks,
 * expressions and texture like any other.
 *
 * A guided network gets the caller's 68 landmarks, or those that the dense network's head has.
 *
 * @param reconstructor from `createReconstructor`, with a volume network
 * @param image the photo
 * @param place box of the landmarks with roll (counter-clockwise, radians), or [L×2] landmarks
 * @throws RangeError for an image or place that is malformed
 * @throws ReconstructionError "missing-network" without a volume network, "no-face" when the dense network
 *   sees none there or the volume is empty
 * @throws InferenceError when a network fails; the signal's reason when it is aborted
 * @see VRN, §3
 */
export async function reconstructVrn(
  reconstructor: Reconstructor,
  image: Image,
  place: FacePlace,
  options: ReconstructVrnOptions = {},
): Promise<Face> {
  checkImage(image, "reconstructVrn");
  const { mirrored = true, texture = true, vrn: { surface = "soft" } = {}, signal } = options;
  const { head, volume } = reconstructor;
  if (!volume) {
    throw new ReconstructionError(
      "missing-network",
      "reconstructVrn: expected a reconstructor with a volume network, got none",
    );
  }
  const { manifest } = volume;
  const roll = "box" in place ? (place.roll ?? 0) : 0;

  // 1. Where to look, and what guides the network. A volume network makes a head of anything: the
  //    dense one says whether there is a face, and, for the texture, what hides it.
  const once = { mirrored, maxPasses: 1, ...(signal && { signal }) };
  const dense = await lookAtFace(reconstructor, image, place, once);
  const landmarks = await landmarksOf(reconstructor, image, place, options);
  const box = "box" in place ? place.box : boxOf(place.landmarks, 2);
  signal?.throwIfAborted();
  const turn = Math.abs(roll) > UPRIGHT ? -roll : 0;
  const crop = cropVolume({ box, ...(landmarks && { landmarks }) }, manifest, turn);

  // 2. The volume and its surface.
  const seen = await lookVolume(volume, image, crop, manifest.guide && landmarks, mirrored);
  signal?.throwIfAborted();
  const { grid } = seen;
  options.onStage?.({ kind: "volume", grid, crop });
  if (shareFilled(grid.data) < FILLED_SHARE) {
    throw new ReconstructionError("no-face", "reconstructVrn: the network sees no face there");
  }
  const start = now();
  const soft = photoSurface(grid, crop, manifest.input, "soft");
  const given = surface === "soft" ? soft : photoSurface(grid, crop, manifest.input, surface);
  const cut = now();

  // 3. The head on the surface.
  const coarse = photoSurface(thin(grid), crop, manifest.input, "soft");
  const places = placeHead(head, coarse, {
    box,
    roll,
    ...(seen.landmarks && { landmarks: seen.landmarks }),
  });
  const placed = now();
  const registered = registerNear(head, soft, places, box);
  const fitted = {
    camera: farCamera(registered.similarity, image, head),
    shape: registered.shape,
    expression: withoutEyes(registered.expression, head),
    offsets: registered.offsets,
  };
  const positions = poseHead(head, fitted);
  const done = now();
  signal?.throwIfAborted();

  // 4. Texture, and plain data.
  const painted =
    texture && reconstructor.texels
      ? sampleTexture(head, reconstructor.texels, reconstructor.neighbors, {
          image,
          positions,
          camera: fitted.camera,
          maps: dense.seen.maps,
          crop: dense.crop,
        })
      : undefined;
  const { scale } = registered.similarity;
  return {
    method: "vrn",
    ...describeHead(head, fitted, positions, painted),
    score: "box" in place ? (place.score ?? 1) : 1,
    crop,
    surface: { ...given, normals: computeNormals(given), colors: photoColors(given, image) },
    fit: {
      status: registered.status,
      iterations: registered.iterations,
      cost: registered.cost,
      points: registered.inliers,
      noise: registered.residual / scale,
      passes: 1,
    },
    timings: {
      detect: 0,
      crop: dense.timings.crop + seen.timings.crop,
      network: dense.timings.network + seen.timings.network,
      decode: dense.timings.decode + seen.timings.decode + cut - start,
      camera: placed - cut,
      fit: done - placed,
      texture: now() - done,
    },
  };
}

/** The head registered from the nearest place; where that leads out of the box, from the next ones. */
function registerNear(
  head: PcaModel,
  surface: Mesh,
  places: readonly Similarity[],
  box: Box,
): RegisteredHead {
  const attempts: RegisteredHead[] = [];
  for (const initial of places.slice(0, PLACES)) {
    const registered = registerHead(head, surface, { initial, following: FOLLOWING });
    if (isInBox(head, registered.similarity, box)) return registered;
    attempts.push(registered);
  }
  return attempts[0];
}

/** The caller's 68, or of a network that needs them, those of the head that the dense network sees. */
async function landmarksOf(
  reconstructor: Reconstructor,
  image: Image,
  place: FacePlace,
  { onStage: _, ...options }: ReconstructVrnOptions,
): Promise<ArrayLike<number> | undefined> {
  if ("landmarks" in place && place.landmarks.length === 2 * 68) return place.landmarks;
  const { guide, crop } = reconstructor.volume!.manifest;
  if (!guide && crop.rule !== "vrn-mean") return undefined;
  const { landmarks68 } = await reconstructFace(reconstructor, image, place, {
    ...options,
    texture: false,
  });
  return Float64Array.from({ length: 2 * 68 }, (_, i) => landmarks68[3 * (i >> 1) + (i & 1)]);
}

/** A volume is closed over the eyes: what the registration makes of lids and gaze is noise. */
function withoutEyes(expression: Float64Array, { expressionNames }: PcaModel): Float64Array {
  return expression.map((weight, i) => (/^eye/.test(expressionNames[i]) ? 0 : weight));
}

function shareFilled(data: Float32Array): number {
  let count = 0;
  for (const probability of data) if (probability > 0.5) count++;
  return count / data.length;
}

/** Every third sample along each axis. */
function thin({ data, dims, spacing, origin }: ProbabilityGrid): ProbabilityGrid {
  const small = dims.map((size) => Math.ceil(size / COARSE)) as [number, number, number];
  const out = new Float32Array(small[0] * small[1] * small[2]);
  let at = 0;
  for (let z = 0; z < small[2]; z++) {
    for (let y = 0; y < small[1]; y++) {
      const row = COARSE * (z * dims[1] + y) * dims[0];
      for (let x = 0; x < small[0]; x++) out[at++] = data[row + COARSE * x];
    }
  }
  const wide = spacing.map((step) => COARSE * step) as [number, number, number];
  return { data: out, dims: small, spacing: wide, origin };
}

/** A camera so far away that its lines of sight are nearly parallel, as those of a volume are. */
function farCamera(
  { scale, rotation, translation: [x, y] }: Similarity,
  image: Image,
  head: PcaModel,
): PerspectiveCamera {
  const distance = head.unit === "mm" ? 1000 * FAR : FAR;
  const [cx, cy] = [image.width / 2, image.height / 2];
  return {
    kind: "perspective",
    focalLength: scale * distance,
    principalPoint: Float64Array.of(cx, cy),
    rotation,
    translation: Float64Array.of((x - cx) / scale, (y + cy) / scale, -distance),
  };
}
