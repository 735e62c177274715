import type { PerspectiveCamera } from "@headform/camera";
import { quaternionFromRotation, yawPitchRollFromRotation } from "@headform/core-math";
import { computeNormals, type Image } from "@headform/mesh";
import {
  evaluate,
  landmarkVisibility,
  type PcaModel,
  projectLandmarks,
  toMesh,
} from "@headform/morphable-model";
import { boxOf } from "./box-of.ts";
import type { Face } from "./face.ts";

/** A head and the camera that sees it, as every method ends with. */
export interface FittedHead {
  readonly camera: PerspectiveCamera;
  /** [Ks] */
  readonly shape: Float64Array;
  /** [Ke] */
  readonly expression: Float64Array;
  /** [V×3] what the coefficients cannot say: added to the neutral head and to the posed one. */
  readonly offsets?: Float32Array;
}

/** The part of a {@link Face} that follows from camera and head. */
export type HeadDescription = Pick<
  Face,
  | "box"
  | "landmarks68"
  | "landmarkVisibility"
  | "camera"
  | "quaternion"
  | "yawPitchRoll"
  | "shape"
  | "expression"
  | "mesh"
  | "posedPositions"
>;

/** [V×3] the head as the photo shows it. */
export function poseHead(head: PcaModel, { shape, expression, offsets }: FittedHead): Float32Array {
  return add(evaluate(head, { shape, expression }), offsets);
}

/**
 * What is told of a head in a photo, whichever method found it. Private to the package.
 *
 * @param positions [V×3] from {@link poseHead}
 * @param texture absent: the mesh stays without
 */
export function describeHead(
  head: PcaModel,
  fitted: FittedHead,
  positions: Float32Array,
  texture: Image | undefined,
): HeadDescription {
  const { camera, shape, expression, offsets } = fitted;
  const landmarks68 = projectLandmarks(head, positions, camera);
  const plain = toMesh(head, { shape, expression }, texture ? { texture } : {});
  const mesh = offsets ? { ...plain, positions: add(plain.positions, offsets) } : plain;
  return {
    box: boxOf(landmarks68, 3),
    landmarks68,
    landmarkVisibility: landmarkVisibility(head, positions, camera),
    camera,
    quaternion: quaternionFromRotation(camera.rotation),
    yawPitchRoll: yawPitchRollFromRotation(camera.rotation),
    shape,
    expression,
    mesh: { ...mesh, normals: computeNormals(mesh) },
    posedPositions: positions,
  };
}

function add(positions: Float32Array, offsets: Float32Array | undefined): Float32Array {
  return offsets ? positions.map((value, i) => value + offsets[i]) : positions;
}
