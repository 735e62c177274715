import type { AffineCamera, Camera, PerspectiveCamera } from "./camera.ts";
import { scaledOrthographicFromAffine } from "./estimate-scaled-orthographic.ts";

/**
 * Projects points to pixels, with a depth in pixels towards the viewer as third coordinate, so
 * that a projected face keeps the proportions of the face.
 *
 * - affine: z = s·(R·X).z of the nearest scaled orthographic camera;
 * - scaled orthographic: z = s·(R·X).z;
 * - perspective: z = s·(Xc.z − t.z), s = f/(−t.z), pixels per unit at the model's origin. Points
 *   on or behind the camera's plane have u = v = NaN.
 *
 * @param camera any camera
 * @param points [N×3] model units; not checked, NaN stays NaN
 * @param out [N×3] memory to reuse
 * @returns [N×3] u, v, z, pixels
 * @throws RangeError when the length is no multiple of 3, or `out` has another one
 */
export function projectPoints(
  camera: Camera,
  points: ArrayLike<number>,
  out: Float64Array = new Float64Array(points.length),
): Float64Array {
  if (points.length % 3 !== 0 || out.length !== points.length) {
    throw new RangeError(
      `projectPoints: expected points [N×3] and out of the same length, got ${points.length} and ${out.length}`,
    );
  }
  if (camera.kind === "perspective") projectPerspective(out, camera, points);
  else projectAffine(out, camera.kind === "affine" ? camera : affineOf(camera), points);
  return out;
}

function affineOf({
  scale,
  rotation: r,
  translation,
}: Extract<Camera, { kind: "scaled-orthographic" }>): AffineCamera {
  const [sx, sy] = [scale, -scale];
  return {
    kind: "affine",
    matrix: Float64Array.of(
      ...[sx * r[0], sx * r[1], sx * r[2], translation[0]],
      ...[sy * r[3], sy * r[4], sy * r[5], translation[1]],
    ),
  };
}

function projectAffine(out: Float64Array, camera: AffineCamera, points: ArrayLike<number>): void {
  const [m00, m01, m02, m03, m10, m11, m12, m13] = camera.matrix;
  const { scale, rotation } = scaledOrthographicFromAffine(camera);
  const [z0, z1, z2] = [scale * rotation[6], scale * rotation[7], scale * rotation[8]];
  for (let i = 0; i < points.length; i += 3) {
    const x = points[i];
    const y = points[i + 1];
    const z = points[i + 2];
    out[i] = m00 * x + m01 * y + m02 * z + m03;
    out[i + 1] = m10 * x + m11 * y + m12 * z + m13;
    out[i + 2] = z0 * x + z1 * y + z2 * z;
  }
}

function projectPerspective(
  out: Float64Array,
  camera: PerspectiveCamera,
  points: ArrayLike<number>,
): void {
  const { focalLength, principalPoint, rotation: r, translation } = camera;
  const [cx, cy] = principalPoint;
  const [tx, ty, tz] = translation;
  const scale = focalLength / -tz;
  for (let i = 0; i < points.length; i += 3) {
    const x = points[i];
    const y = points[i + 1];
    const z = points[i + 2];
    const towards = r[6] * x + r[7] * y + r[8] * z;
    const depth = -(towards + tz);
    const perUnit = depth > 0 ? focalLength / depth : Number.NaN;
    out[i] = cx + perUnit * (r[0] * x + r[1] * y + r[2] * z + tx);
    out[i + 1] = cy - perUnit * (r[3] * x + r[4] * y + r[5] * z + ty);
    out[i + 2] = scale * towards;
  }
}
