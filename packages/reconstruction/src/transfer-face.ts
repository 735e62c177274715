import type { PerspectiveCamera } from "@headform/camera";
import { composeRotations, quaternionFromRotation } from "@headform/core-math";
import { colorsFromTexture, computeNormals, type Mesh, type Similarity } from "@headform/mesh";
import {
  type Correspondence,
  evaluate,
  evaluateSurfacePoints,
  toMesh,
  transferCoefficients,
} from "@headform/morphable-model";
import type { Face } from "./face.ts";

/** A face told in the coefficients of another head model. */
export interface ModelFace
  extends Pick<Face, "camera" | "quaternion" | "shape" | "expression" | "mesh" | "posedPositions"> {
  /** [J×3] axis-angles of a skinned model's joints, radians. */
  readonly pose?: Float64Array;
  /** [2] left and right eyelid of a model that has them. */
  readonly eyelids?: Float64Array;
}

/** One that was carried over from the open head's. */
export interface TransferredFace extends ModelFace {
  /** Root mean square distance of the neutral heads where they correspond, unit of the model. */
  readonly shapeResidual: number;
}

/**
 * A reconstructed face as one of another head model: its coefficients, its mesh in that model's
 * vertices and unit, colored by the photo, and the camera that shows it in the photo.
 *
 * @param face from `reconstructFace`, with the model that is `map.from`
 * @param map from `fitCorrespondence`, made once
 * @throws RangeError when the face's coefficients are not those of `map.from`
 */
export function transferFace(face: Face, map: Correspondence): TransferredFace {
  const { shape, expression } = face;
  const found = transferCoefficients(map, { shape, expression });
  const coefficients = {
    shape: found.shape,
    expression: found.expression,
    ...(found.pose && { pose: found.pose }),
    ...(found.eyelids && { eyelids: found.eyelids }),
  };
  const mesh = toMesh(map.to, coefficients);
  const colors = face.mesh.texture && carryColors(face.mesh, map);
  const camera = moveCamera(face.camera, map.similarity);
  return {
    camera,
    quaternion: quaternionFromRotation(camera.rotation),
    ...coefficients,
    mesh: { ...mesh, normals: computeNormals(mesh), ...(colors && { colors }) },
    posedPositions: evaluate(map.to, coefficients),
    shapeResidual: found.shapeResidual,
  };
}

/** With x' = s·Q·x + q: R·x' + t = s·(R·Q·x + (R·q + t)/s), and a picture does not know s. */
function moveCamera(camera: PerspectiveCamera, similarity: Similarity): PerspectiveCamera {
  const { rotation: r, translation: t } = camera;
  const { scale, rotation, translation: q } = similarity;
  const translation = Float64Array.from(
    [0, 1, 2],
    (i) => (r[3 * i]! * q[0]! + r[3 * i + 1]! * q[1]! + r[3 * i + 2]! * q[2]! + t[i]!) / scale,
  );
  return { ...camera, rotation: composeRotations(r, rotation), translation };
}

/** The texture's color at the point of the head that each vertex of the other model lies on. */
function carryColors(head: Mesh, { points }: Correspondence): Uint8Array {
  const colors = colorsFromTexture(head);
  return Uint8Array.from(evaluateSurfacePoints(colors, head.indices, points), Math.round);
}
