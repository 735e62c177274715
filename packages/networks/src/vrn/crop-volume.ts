import type { VolumeManifest } from "@headform/inference";
import { type Box, type Crop, cropFromBox } from "@headform/raster";

/**
 * The square of the photo a volume network wants around a face.
 *
 * VRN's own two rules have side = scale·√(w·h) of the landmarks' box: `"vrn-box"`, of its script, has
 * its corner half a box before the box's, `"vrn-mean"`, of its figures, its middle in the mean of the
 * landmarks. Both are upright.
 *
 * @param face the landmarks' bounding box, and for `"vrn-mean"` the landmarks [L×2], photo pixels
 * @param manifest the network's
 * @param rotation how far the crop is turned, radians; for `"landmark-box"` alone
 * @throws RangeError when the box has no extent, anything is not finite, or landmarks are missing
 */
export function cropVolume(
  face: { readonly box: Box; readonly landmarks?: ArrayLike<number> },
  manifest: Pick<VolumeManifest, "crop">,
  rotation = 0,
): Crop {
  const { rule, scale } = manifest.crop;
  const { box, landmarks } = face;
  if (rule === "landmark-box") return cropFromBox(box, scale, rotation);
  const side = scale * Math.sqrt(box.width * box.height);
  if (!(side > 0 && side < Infinity)) {
    throw new RangeError(`cropVolume: expected a box with an extent, got ${JSON.stringify(box)}`);
  }
  if (rule === "vrn-box") {
    const [left, top] = [box.x - box.width / 2, box.y - box.height / 2];
    return { centerX: left + side / 2, centerY: top + side / 2, side, rotation: 0 };
  }
  if (!landmarks || landmarks.length < 2) {
    throw new RangeError("cropVolume: expected landmarks for the rule vrn-mean, got none");
  }
  return { centerX: mean(landmarks, 0), centerY: mean(landmarks, 1), side, rotation: 0 };
}

function mean(landmarks: ArrayLike<number>, axis: number): number {
  let sum = 0;
  for (let i = axis; i < landmarks.length; i += 2) sum += landmarks[i]!;
  return sum / Math.floor(landmarks.length / 2);
}
