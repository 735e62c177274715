import { createTensor, type Tensor, type VolumeManifest } from "@headform/inference";
import type { Image } from "@headform/mesh";
import { type Crop, photoToCrop, resampleCrop } from "@headform/raster";
import { imageTensor } from "../image-tensor.ts";
import { drawGuide, LANDMARKS } from "./guide.ts";
import { resampleSquare } from "./resample-square.ts";

/**
 * Cuts a crop out of a photo and makes it the network's input, with the planes of landmarks where the
 * network is guided.
 *
 * For the rules of VRN's own programs the photo is resampled and filled up as they do: by averages and
 * with white for `"vrn-box"`, bicubically and with black for `"vrn-mean"`.
 *
 * @param image the photo
 * @param crop from {@link cropVolume}
 * @param manifest the network's
 * @param landmarks [68×2] photo pixels, for a guided network
 * @returns [1×3×H×W], guided [1×71×H×W], in the manifest's range
 * @throws RangeError when the crop is not finite or empty, or a guided network gets no 68 landmarks
 */
export function prepareVolumeInput(
  image: Image,
  crop: Crop,
  manifest: Pick<VolumeManifest, "input" | "guide" | "crop">,
  landmarks?: ArrayLike<number>,
): Tensor<"float32"> {
  const { input, guide } = manifest;
  const { width, height } = input;
  const picture = imageTensor(cut(image, crop, manifest), input, width, height);
  if (!guide) return picture;
  if (landmarks?.length !== 2 * LANDMARKS) {
    throw new RangeError(
      `prepareVolumeInput: expected 68 landmarks [68×2] for a guided network, got ${landmarks?.length ?? 0} numbers`,
    );
  }
  const points = new Float64Array(2 * LANDMARKS);
  for (let n = 0; n < points.length; n += 2) {
    const [u, v] = photoToCrop(crop, { width, height }, landmarks[n]!, landmarks[n + 1]!);
    points[n] = u;
    points[n + 1] = v;
  }
  const all = createTensor("float32", [1, 3 + LANDMARKS, height, width]);
  all.data.set(picture.data);
  drawGuide(all.data.subarray(picture.data.length), points, width, height, guide);
  return all;
}

function cut(
  image: Image,
  crop: Crop,
  { input, crop: { rule } }: Pick<VolumeManifest, "input" | "crop">,
): Image {
  const { width, height } = input;
  if (rule === "vrn-box") return resampleSquare(image, crop, width, "box", 255);
  if (rule === "vrn-mean") return resampleSquare(image, crop, width, "cubic", 0);
  const fill = new Uint8Array(image.channels);
  return resampleCrop(image, crop, { width, height }, { fill });
}
