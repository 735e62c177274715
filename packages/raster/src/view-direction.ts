import type { Camera } from "@headform/camera";

/**
 * Where the eye is in the mesh's frame: [x, y, z, 1] a point (perspective), or [x, y, z, 0] the
 * unit direction towards it (the others). Private to the package.
 */
export function viewDirection(camera: Camera): [number, number, number, 0 | 1] {
  if (camera.kind === "affine") {
    // The viewing ray is the null direction of the 2×3 part. Rows are u to the right and v down;
    // right × down points away from the eye, so the order is turned.
    const m = camera.matrix;
    const x = m[5] * m[2] - m[6] * m[1];
    const y = m[6] * m[0] - m[4] * m[2];
    const z = m[4] * m[1] - m[5] * m[0];
    const length = Math.hypot(x, y, z);
    return [x / length, y / length, z / length, 0];
  }
  const r = camera.rotation;
  if (camera.kind === "scaled-orthographic") return [r[6], r[7], r[8], 0];
  const t = camera.translation;
  return [
    -(r[0] * t[0] + r[3] * t[1] + r[6] * t[2]),
    -(r[1] * t[0] + r[4] * t[1] + r[7] * t[2]),
    -(r[2] * t[0] + r[5] * t[1] + r[8] * t[2]),
    1,
  ];
}
