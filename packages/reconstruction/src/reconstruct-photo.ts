import type { Image } from "@headform/mesh";
import { type Detection, detectFaces as detect } from "@headform/networks/detector";
import type { Box } from "@headform/raster";
import { now } from "./clock.ts";
import type { Reconstructor } from "./create-reconstructor.ts";
import type { Face } from "./face.ts";
import { DEFAULT_METHOD, METHODS, type Method } from "./method.ts";
import {
  type ReconstructPixel3dmmOptions,
  reconstructPixel3dmm,
} from "./pixel3dmm/reconstruct-pixel3dmm.ts";
import { type FacePlace, reconstructFace } from "./reconstruct-face.ts";
import { isReconstructionError } from "./reconstruction-error.ts";
import { type ReconstructVrnOptions, reconstructVrn } from "./vrn/reconstruct-vrn.ts";

export interface ReconstructPhotoOptions
  extends ReconstructVrnOptions,
    ReconstructPixel3dmmOptions {
  /** How; Pix2Face's way unless told. */
  readonly method?: Method;
  /** Boxes around the landmarks of the faces, instead of detection. */
  readonly boxes?: readonly Box[];
  /** [L×2] landmarks of each face, instead of detection. */
  readonly landmarks?: readonly ArrayLike<number>[];
  /** Faces at most, the surest first. */
  readonly maxFaces?: number;
  /** Least score of a detected face; the detector's own unless told. */
  readonly threshold?: number;
  /** Told how many of the photo's faces are done. */
  readonly onProgress?: (done: number, faces: number) => void;
}

/** Noise of the fit from which a detected face is none, meters. */
const MOST_NOISE = 0.006;

/** The verb of each method: from the place of one face to its head. */
const RECONSTRUCT = {
  pix2face: reconstructFace,
  pixel3dmm: reconstructPixel3dmm,
  vrn: reconstructVrn,
} as const satisfies Record<Method, typeof reconstructFace>;

/**
 * Finds the faces in a photo.
 *
 * @returns best first
 * @throws RangeError when the reconstructor has no detector, or the image is malformed
 */
export async function detectFaces(
  reconstructor: Reconstructor,
  image: Image,
  options: { readonly threshold?: number; readonly signal?: { throwIfAborted(): void } } = {},
): Promise<Detection[]> {
  const { detector } = reconstructor;
  if (!detector) {
    throw new RangeError("detectFaces: expected a reconstructor with a detector, got none");
  }
  return detect(detector.session, image, detector.manifest, options);
}

/**
 * Reconstructs every head in a photo.
 *
 * Faces are detected unless the caller says where they are. A detected face in which the network
 * sees none, or to which no head can be fitted, is left out; a box or landmarks of the caller's must show one.
 *
 * @param reconstructor from `createReconstructor`
 * @param image the photo, sRGB
 * @returns surest first, or in the order of the caller's boxes; empty when there is no face
 * @throws as {@link detectFaces} and {@link reconstructFace}
 * @see Pix2Face, section 3
 */
export async function reconstructPhoto(
  reconstructor: Reconstructor,
  image: Image,
  options: ReconstructPhotoOptions = {},
): Promise<Face[]> {
  const { boxes, landmarks, maxFaces = Infinity, threshold, onProgress, signal } = options;
  const { method = DEFAULT_METHOD } = options;
  if (!Object.hasOwn(RECONSTRUCT, method)) {
    throw new RangeError(`reconstructPhoto: expected method ${METHODS.join(", ")}, got ${method}`);
  }
  // 1. Where the faces are.
  const start = now();
  let places: FacePlace[];
  const given = boxes !== undefined || landmarks !== undefined;
  if (given) {
    places = [
      ...(landmarks ?? []).map((points) => ({ landmarks: points })),
      ...(boxes ?? []).map((box) => ({ box })),
    ];
  } else {
    places = await detectFaces(reconstructor, image, {
      ...(threshold !== undefined && { threshold }),
      ...(signal && { signal }),
    });
  }
  const detectTime = given ? 0 : now() - start;
  // 2. Each of them.
  const faces: Face[] = [];
  const count = Math.min(places.length, maxFaces);
  for (let i = 0; i < count; i++) {
    try {
      const face = await RECONSTRUCT[method](reconstructor, image, places[i], options);
      if (given || !isPoorFit(face)) {
        faces.push({ ...face, timings: { ...face.timings, detect: detectTime } });
      }
    } catch (error) {
      if (given || !isReconstructionError(error)) throw error;
    }
    onProgress?.(i + 1, count);
  }
  return faces;
}

/**
 * The detector's false finds: the dense network sees some skin there, but no head fits it. Photos of
 * faces, and hard synthetic ones, have at most 5 mm of noise, false boxes 9 and more.
 */
function isPoorFit({ method, fit }: Face): boolean {
  return method === "pix2face" && fit.noise > MOST_NOISE;
}
