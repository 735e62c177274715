import type { PerspectiveCamera } from "@headform/camera";
import type { Mesh } from "@headform/mesh";
import type { DenseMaps } from "@headform/networks/pix2face";
import type { Box, Crop } from "@headform/raster";
import type { Method } from "./method.ts";

/** One head out of a photo, as plain data; the same whichever method made it. */
export interface Face {
  readonly method: Method;
  /** Bounding box of the landmarks, photo pixels. */
  readonly box: Box;
  /** The detector's confidence; 1 for a face the caller pointed out. */
  readonly score: number;
  /** [68×3] x and y in photo pixels, and depth towards the viewer in pixels. */
  readonly landmarks68: Float64Array;
  /** [68] 1 where the head itself does not hide the landmark. */
  readonly landmarkVisibility: Uint8Array;
  /** Maps the model frame to the photo. */
  readonly camera: PerspectiveCamera;
  /** The camera's rotation as a quaternion x, y, z, w. */
  readonly quaternion: Float64Array;
  /** The head's turn, radians; see `yawPitchRollFromRotation` for the signs. */
  readonly yawPitchRoll: { readonly yaw: number; readonly pitch: number; readonly roll: number };
  /** [Ks] shape coefficients, standard deviations. */
  readonly shape: Float64Array;
  /** [Ke] expression weights, in the order of the mesh' morph targets. */
  readonly expression: Float64Array;
  /** The identity at rest, with the fitted expression as morph target weights. */
  readonly mesh: Mesh;
  /** [V×3] vertices with the expression applied, model frame. */
  readonly posedPositions: Float32Array;
  /** The square of the photo that was looked at. */
  readonly crop: Crop;
  /** What the dense network saw in the crop, where it was asked. */
  readonly maps?: DenseMaps;
  /**
   * The method's own surface, where it has one that is not the head's: VRN's isosurface, x to the right
   * and y up in photo pixels (y = −row), z towards the viewer in the same unit, colored by the photo.
   */
  readonly surface?: Mesh;
  readonly fit: FaceFit;
  readonly timings: FaceTimings;
}

/** How the fit went. */
export interface FaceFit {
  readonly status: "converged" | "stalled" | "max-iterations";
  readonly iterations: number;
  readonly cost: number;
  /** Number of pixels the fit rests on. */
  readonly points: number;
  /** Robust standard deviation of the reprojection, model unit. */
  readonly noise: number;
  /** Times the network looked: 2 when the first look found the face elsewhere in its crop. */
  readonly passes: number;
}

/** Milliseconds spent on one face; `detect` is the photo's, shared by its faces. */
export interface FaceTimings {
  readonly detect: number;
  readonly crop: number;
  readonly network: number;
  readonly decode: number;
  readonly camera: number;
  readonly fit: number;
  readonly texture: number;
}
