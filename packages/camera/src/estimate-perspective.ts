import type { PerspectiveCamera, ScaledOrthographicCamera } from "./camera.ts";
import { checkPoints, checkPositive } from "./check-correspondences.ts";
import { estimateScaledOrthographic } from "./estimate-scaled-orthographic.ts";

export interface EstimatePerspectiveOptions {
  /** [2] width and height, pixels; the principal point is at the center. */
  readonly imageSize: readonly [number, number];
  /** Focal length, pixels; by default one that puts the camera 1000 times the points' size away. */
  readonly focalLength?: number;
  /** [N] ≥ 0; equal by default. */
  readonly weights?: ArrayLike<number>;
}

/**
 * Perspective camera that sees what the scaled orthographic one sees, from far away: the start of
 * {@link refinePerspective}. Closed form.
 *
 * @param points [N×3] model units, N ≥ 4, not in one plane
 * @param pixels [N×2] pixels
 * @throws RangeError when lengths disagree, N < 4, a number is not finite, or an option is not > 0
 * @throws CameraError when points lie in a plane or pixels on a line
 * @see Crispell and Bazik, Pix2Face, 2017, §3.4
 */
export function estimatePerspective(
  points: ArrayLike<number>,
  pixels: ArrayLike<number>,
  options: EstimatePerspectiveOptions,
): PerspectiveCamera {
  const camera = estimateScaledOrthographic(points, pixels, options.weights);
  return perspectiveFromScaledOrthographic(camera, points, options);
}

/**
 * Perspective camera that agrees with a scaled orthographic one at the centroid of the points.
 *
 * @param camera scaled orthographic camera
 * @param points [N×3] model units
 * @param options image size and focal length as in {@link estimatePerspective}
 * @throws RangeError when there are no points, or an option is not > 0
 */
export function perspectiveFromScaledOrthographic(
  camera: ScaledOrthographicCamera,
  points: ArrayLike<number>,
  options: EstimatePerspectiveOptions,
): PerspectiveCamera {
  const where = "perspectiveFromScaledOrthographic";
  const { scale, rotation: r, translation } = camera;
  const count = checkPoints(where, points);
  if (count === 0) throw new RangeError(`${where}: expected N ≥ 1 points, got 0`);
  const [width, height] = options.imageSize;
  checkPositive(where, "imageSize", Math.min(width, height));
  if (options.focalLength !== undefined) checkPositive(where, "focalLength", options.focalLength);
  const centroid = [0, 0, 0];
  for (let i = 0; i < points.length; i++) centroid[i % 3] += points[i] / count;
  let size = 0;
  for (let i = 0; i < points.length; i++) size += (points[i] - centroid[i % 3]) ** 2 / count;
  const focalLength = options.focalLength ?? 1000 * Math.sqrt(size) * scale;
  const distance = focalLength / scale;
  const [cx, cy] = [width / 2, height / 2];
  const along = (row: number): number =>
    r[3 * row] * centroid[0] + r[3 * row + 1] * centroid[1] + r[3 * row + 2] * centroid[2];
  // At the centroid's depth one model unit is `scale` pixels, in both cameras.
  return {
    kind: "perspective",
    focalLength,
    principalPoint: Float64Array.of(cx, cy),
    rotation: r.slice(),
    translation: Float64Array.of(
      (translation[0] - cx) / scale,
      (cy - translation[1]) / scale,
      -distance - along(2),
    ),
  };
}
