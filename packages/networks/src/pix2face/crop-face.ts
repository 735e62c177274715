import { type Box, type Crop, cropFromBox } from "@headform/raster";
import type { DenseFormat } from "./dense-format.ts";

/**
 * The square of the photo a dense network wants around a face.
 *
 * @param box bounding box of the face's landmarks, photo pixels
 * @param format the network's manifest or preset
 * @param rotation how far the crop is turned, radians, as in `Crop`
 * @throws RangeError when the box has no extent or anything is not finite
 */
export function cropFace(box: Box, format: Pick<DenseFormat, "crop">, rotation = 0): Crop {
  const { rule, scale } = format.crop;
  if (rule === "landmark-box") return cropFromBox(box, scale, rotation);
  const side = Math.min(box.width, box.height);
  const square = {
    x: box.x + (box.width - side) / 2,
    y: box.y + (box.height - side) / 2,
    width: side,
    height: side,
  };
  return cropFromBox(square, scale, rotation);
}
