import type { Camera } from "@headform/camera";
import type { Mesh } from "@headform/mesh";

/** A sphere about the origin with its exact normals; n rings of n segments, a seam but no welding. */
export function sphere(n: number, radius = 1): Mesh {
  const normals: number[] = [];
  const indices: number[] = [];
  for (let i = 0; i <= n; i++) {
    for (let j = 0; j <= n; j++) {
      const [polar, around] = [(Math.PI * i) / n, (2 * Math.PI * j) / n];
      normals.push(Math.sin(polar) * Math.sin(around), Math.cos(polar));
      normals.push(Math.sin(polar) * Math.cos(around));
      if (i === n || j === n) continue;
      const a = i * (n + 1) + j;
      indices.push(a, a + n + 1, a + n + 2, a, a + n + 2, a + 1);
    }
  }
  return {
    positions: Float32Array.from(normals, (value) => radius * value),
    indices: Uint32Array.from(indices),
    normals: Float32Array.from(normals),
    unit: "none",
  };
}

/** Turned by yaw then pitch. */
export function rotation(yaw: number, pitch: number): Float64Array {
  const [cy, sy, cp, sp] = [Math.cos(yaw), Math.sin(yaw), Math.cos(pitch), Math.sin(pitch)];
  return new Float64Array([cy, 0, sy, sp * sy, cp, -sp * cy, -cp * sy, sp, cp * cy]);
}

/** One camera of each kind that looks at the origin from distance 5, 40 pixels per unit. */
export function camerasAt(yaw: number, pitch: number, center = 64): Camera[] {
  const r = rotation(yaw, pitch);
  const s = 40;
  return [
    {
      kind: "affine",
      matrix: new Float64Array([
        ...[s * r[0], s * r[1], s * r[2], center],
        ...[-s * r[3], -s * r[4], -s * r[5], center],
      ]),
    },
    {
      kind: "scaled-orthographic",
      scale: s,
      rotation: r,
      translation: new Float64Array([center, center]),
    },
    {
      kind: "perspective",
      focalLength: 5 * s,
      principalPoint: new Float64Array([center, center]),
      rotation: r,
      translation: new Float64Array([0, 0, -5]),
    },
  ];
}
