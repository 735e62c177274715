import type { Tensor } from "@headform/inference";
import type { Image } from "@headform/mesh";
import { type Crop, resampleCrop } from "@headform/raster";
import { imageTensor } from "../image-tensor.ts";
import type { DenseFormat } from "./dense-format.ts";

/**
 * Cuts a crop out of a photo and makes it the network's input. Outside of the photo it is black.
 *
 * @param image the photo
 * @param crop from {@link cropFace}
 * @param format the network's manifest or preset
 * @returns [1×3×H×W] in the format's range
 * @throws RangeError when the crop is not finite or empty, or the photo's data do not fit its size
 */
export function prepareInput(
  image: Image,
  crop: Crop,
  format: Pick<DenseFormat, "input">,
): Tensor<"float32"> {
  const { input } = format;
  const fill = image.channels === 1 ? [0] : image.channels === 3 ? [0, 0, 0] : [0, 0, 0, 0];
  const cut = resampleCrop(image, crop, { width: input.width, height: input.height }, { fill });
  return imageTensor(cut, input, input.width, input.height);
}
