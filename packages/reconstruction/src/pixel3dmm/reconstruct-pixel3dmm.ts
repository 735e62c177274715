import type { Image } from "@headform/mesh";
import type { Reconstructor } from "../create-reconstructor.ts";
import type { Face } from "../face.ts";
import type { FacePlace, ReconstructFaceOptions } from "../reconstruct-face.ts";
import { ReconstructionError } from "../reconstruction-error.ts";

/**
 * Reconstructs the head of one face by fitting it to predicted uv coordinates and normals.
 *
 * @throws ReconstructionError "missing-network" always, until there is one
 */
export async function reconstructPixel3dmm(
  _reconstructor: Reconstructor,
  _image: Image,
  _place: FacePlace,
  _options: ReconstructFaceOptions = {},
): Promise<Face> {
  throw new ReconstructionError(
    "missing-network",
    "reconstructPixel3dmm: expected a reconstructor with surface networks, got none",
  );
}
