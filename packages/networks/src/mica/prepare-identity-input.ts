import type { IdentityManifest, Tensor } from "@headform/inference";
import type { Image } from "@headform/mesh";
import { type Crop, resampleCrop } from "@headform/raster";
import { imageTensor } from "../image-tensor.ts";

/**
 * Cuts the aligned face out of a photo and makes it an identity network's input. Outside of the photo
 * it is black.
 *
 * @param crop from `alignIdentity`
 * @returns [1×3×H×W] in the manifest's range
 * @throws RangeError when the crop is not finite or empty, or the photo's data do not fit its size
 */
export function prepareIdentityInput(
  image: Image,
  crop: Crop,
  { input }: Pick<IdentityManifest, "input">,
): Tensor<"float32"> {
  const { width, height } = input;
  const fill = new Uint8Array(image.channels);
  const cut = resampleCrop(image, crop, { width, height }, { fill });
  return imageTensor(cut, input, width, height);
}
