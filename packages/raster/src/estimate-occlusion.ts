import type { Mesh } from "@headform/mesh";
import { computeNormals } from "@headform/mesh";
import { type Fragments, rasterize } from "./rasterize.ts";

export interface OcclusionOptions {
  /** Number of directions that light comes from, spread evenly over the sphere. */
  readonly directions?: number;
  /** Side of the depth map of each direction, pixels. */
  readonly resolution?: number;
}

export const OCCLUSION_DEFAULTS: { readonly directions: number; readonly resolution: number } = {
  directions: 48,
  resolution: 160,
};

/**
 * Ambient occlusion per vertex: the share of an even sky, weighted by cosine, that reaches it;
 * Σ max(0, n·d)·lit(d) / Σ max(0, n·d) over directions d.
 *
 * Each direction draws one depth map of the mesh; a vertex is lit when no surface lies clearly
 * before it there. Good for the look of eye sockets, nostrils and ears, not for measuring.
 *
 * @param mesh positions [V×3], triangles [F×3], and vertex normals (computed where absent).
 * @returns [V] 0 dark … 1 open.
 * @throws RangeError when an option is not a positive whole number.
 */
export function estimateOcclusion(
  mesh: Pick<Mesh, "positions" | "indices" | "normals">,
  options: OcclusionOptions = {},
): Float32Array {
  const { directions, resolution } = { ...OCCLUSION_DEFAULTS, ...options };
  for (const value of [directions, resolution]) {
    if (!Number.isInteger(value) || value < 1) {
      throw new RangeError(
        `estimateOcclusion: expected positive whole numbers, got ${directions} directions of ${resolution} pixels`,
      );
    }
  }
  const { positions, indices } = mesh;
  const normals = mesh.normals ?? computeNormals(mesh);
  const count = positions.length / 3;
  const lit = new Float64Array(count);
  const total = new Float64Array(count);
  const screen = new Float64Array(positions.length);
  const { center, radius } = boundingBall(positions);
  const scale = (0.5 * resolution - 1) / radius;
  // About two pixels: less and a slanted surface shades itself.
  const bias = 2.5;
  let fragments: Fragments | undefined;

  for (let k = 0; k < directions; k++) {
    // Points of a golden spiral on the sphere.
    const z = 1 - (2 * k + 1) / directions;
    const ring = Math.sqrt(1 - z * z);
    const angle = k * Math.PI * (3 - Math.sqrt(5));
    const x = ring * Math.cos(angle);
    const y = ring * Math.sin(angle);
    projectAlong(screen, positions, center, [x, y, z], scale, resolution / 2);
    fragments = rasterize(
      { positions: screen, indices, width: resolution, height: resolution },
      fragments,
    );
    for (let i = 0, j = 0; i < count; i++, j += 3) {
      const cosine = normals[j] * x + normals[j + 1] * y + normals[j + 2] * z;
      if (!(cosine > 0)) continue;
      total[i] += cosine;
      const pixel = Math.floor(screen[j + 1]) * resolution + Math.floor(screen[j]);
      if (fragments.depth[pixel] < screen[j + 2] + bias) lit[i] += cosine;
    }
  }
  return Float32Array.from(lit, (value, i) => (total[i] > 0 ? value / total[i] : 1));
}

/** Orthographic screen positions seen from direction d; `out` [V×3]. */
function projectAlong(
  out: Float64Array,
  positions: Float32Array,
  center: readonly number[],
  [dx, dy, dz]: readonly [number, number, number],
  scale: number,
  half: number,
): void {
  // Any two axes at right angles to d will do.
  const flat = Math.hypot(dx, dz);
  const rx = flat > 1e-6 ? dz / flat : 1;
  const rz = flat > 1e-6 ? -dx / flat : 0;
  const ux = dy * rz;
  const uy = dz * rx - dx * rz;
  const uz = -dy * rx;
  for (let i = 0; i < positions.length; i += 3) {
    const x = (positions[i] - center[0]) * scale;
    const y = (positions[i + 1] - center[1]) * scale;
    const z = (positions[i + 2] - center[2]) * scale;
    out[i] = half + rx * x + rz * z;
    out[i + 1] = half - (ux * x + uy * y + uz * z);
    out[i + 2] = dx * x + dy * y + dz * z;
  }
}

function boundingBall(positions: Float32Array): { center: readonly number[]; radius: number } {
  const low = [Infinity, Infinity, Infinity];
  const high = [-Infinity, -Infinity, -Infinity];
  for (let i = 0; i < positions.length; i++) {
    low[i % 3] = Math.min(low[i % 3], positions[i]);
    high[i % 3] = Math.max(high[i % 3], positions[i]);
  }
  const center = low.map((value, c) => (value + high[c]) / 2);
  const radius = Math.hypot(...high.map((value, c) => value - center[c]));
  return { center, radius: radius > 0 ? radius : 1 };
}
