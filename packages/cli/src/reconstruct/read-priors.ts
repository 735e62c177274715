import { resolve } from "node:path";
import type { Image } from "@headform/mesh";
import type { PcaModel, SkinnedModel } from "@headform/morphable-model";
import type { ReconstructPixel3dmmOptions } from "@headform/reconstruction";
import { Failure } from "../failure.ts";
import { readIdentity } from "../read-identity.ts";
import { readPhoto } from "../read-photo.ts";
import type { ReconstructOptions } from "./check-words.ts";

/**
 * What the caller knows of the face, for --method pixel3dmm.
 *
 * @param head the model whose coefficients an identity is
 * @throws {Failure} when a file cannot be read, or a mask has another size than the photo
 */
export async function readPriors(
  { identity, mask }: ReconstructOptions,
  head: PcaModel | SkinnedModel,
  photo: Image,
  cwd: string,
): Promise<NonNullable<ReconstructPixel3dmmOptions["pixel3dmm"]>> {
  const shapes = head.shapeStandardDeviations.length;
  const image = mask === undefined ? undefined : (await readPhoto(resolve(cwd, mask), mask)).image;
  if (image && (image.width !== photo.width || image.height !== photo.height)) {
    throw new Failure(
      "failed",
      "wrong-mask",
      `--mask ${mask} has ${image.width}×${image.height} pixels, the photo ${photo.width}×${photo.height}. Both must be of one size.`,
    );
  }
  return {
    ...(identity !== undefined && { identity: await readIdentity(resolve(cwd, identity), shapes) }),
    ...(image && { mask: image }),
  };
}
