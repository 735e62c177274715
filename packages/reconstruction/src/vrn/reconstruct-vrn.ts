import type { Image } from "@headform/mesh";
import type { Reconstructor } from "../create-reconstructor.ts";
import type { Face } from "../face.ts";
import type { FacePlace, ReconstructFaceOptions } from "../reconstruct-face.ts";
import { ReconstructionError } from "../reconstruction-error.ts";

/** Options of {@link reconstructVrn}. */
export interface ReconstructVrnOptions extends ReconstructFaceOptions {
  readonly vrn?: {
    /** How the volume becomes a surface; softly unless told. */
    readonly surface?: "soft" | "raw2obj" | "docker" | "matlab";
  };
}

/**
 * Reconstructs the head of one face by VRN's way: a volume of the face and its isosurface, to which
 * the head is registered.
 */
export async function reconstructVrn(
  reconstructor: Reconstructor,
  _image: Image,
  _place: FacePlace,
  _options: ReconstructVrnOptions = {},
): Promise<Face> {
  if (!reconstructor.volume) {
    throw new ReconstructionError(
      "missing-network",
      "reconstructVrn: expected a reconstructor with a volume network, got none",
    );
  }
  throw new Error("under way");
}
