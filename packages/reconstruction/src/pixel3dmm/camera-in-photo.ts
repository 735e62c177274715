import type { PerspectiveCamera } from "@headform/camera";
import { composeRotations } from "@headform/core-math";
import { type Crop, cropToPhoto } from "@headform/raster";

/**
 * The camera of a crop's pixels as that of the photo's: larger by the crop's pitch, and turned with
 * the crop about its center.
 */
export function cameraInPhoto(
  camera: PerspectiveCamera,
  crop: Crop,
  size: { readonly width: number; readonly height: number },
): PerspectiveCamera {
  const pitch = crop.side / Math.max(size.width, size.height);
  const [cos, sin] = [Math.cos(crop.rotation), Math.sin(crop.rotation)];
  // Clockwise on a screen with y down is clockwise to the eye: a turn by −rotation about +Z.
  const turn = Float64Array.of(cos, sin, 0, -sin, cos, 0, 0, 0, 1);
  const [x, y, z] = camera.translation;
  const [cx, cy] = camera.principalPoint;
  return {
    kind: "perspective",
    focalLength: camera.focalLength * pitch,
    principalPoint: Float64Array.from(cropToPhoto(crop, size, cx, cy)),
    rotation: composeRotations(turn, camera.rotation),
    translation: Float64Array.of(cos * x + sin * y, cos * y - sin * x, z),
  };
}
