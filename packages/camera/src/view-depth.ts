import type { Camera } from "./camera.ts";
import { checkPoints } from "./check-correspondences.ts";
import { scaledOrthographicFromAffine } from "./estimate-scaled-orthographic.ts";

/**
 * Depth for a z-buffer: larger is nearer, and linear across the image of a flat triangle, so that
 * a rasterizer may interpolate it in screen space.
 *
 * - affine and scaled orthographic: s·(R·X).z, pixels;
 * - perspective: f/(−Xc.z), pixels per model unit at the point; also the w of perspective-correct
 *   interpolation. Points on or behind the camera's plane have −Infinity.
 *
 * @param camera any camera
 * @param points [N×3] model units
 * @returns [N]
 * @throws RangeError when the length is no multiple of 3 or a number is not finite
 */
export function viewDepth(camera: Camera, points: ArrayLike<number>): Float64Array {
  const count = checkPoints("viewDepth", points);
  const perspective = camera.kind === "perspective";
  const { rotation: r } = camera.kind === "affine" ? scaledOrthographicFromAffine(camera) : camera;
  const scale = perspective ? 1 : scaleOf(camera);
  const tz = perspective ? camera.translation[2] : 0;
  const out = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const z = r[6] * points[3 * i] + r[7] * points[3 * i + 1] + r[8] * points[3 * i + 2] + tz;
    if (!perspective) out[i] = scale * z;
    else out[i] = z < 0 ? camera.focalLength / -z : Number.NEGATIVE_INFINITY;
  }
  return out;
}

function scaleOf(camera: Exclude<Camera, { kind: "perspective" }>): number {
  return camera.kind === "affine" ? scaledOrthographicFromAffine(camera).scale : camera.scale;
}
