import type { Mesh } from "./mesh.ts";

/**
 * Vertex normals [V×3]: the sum of the adjoining triangles' unit normals, each weighted by its angle
 * at the vertex, normalized.
 *
 * Angles, unlike areas, make the normal independent of how a flat piece is cut into triangles.
 * A vertex of no triangle, or of triangles without area only, gets the zero vector.
 *
 * @param mesh anything with positions [V×3] and indices [F×3]
 * @param out [V×3] where the result is wanted
 */
export function computeNormals(
  mesh: Pick<Mesh, "positions" | "indices">,
  out: Float32Array = new Float32Array(mesh.positions.length),
): Float32Array {
  const { positions, indices } = mesh;
  const sums = new Float64Array(positions.length);
  for (let i = 0; i < indices.length; i += 3) {
    addTriangle(sums, positions, 3 * indices[i]!, 3 * indices[i + 1]!, 3 * indices[i + 2]!);
  }
  for (let i = 0; i < sums.length; i += 3) {
    const length = Math.hypot(sums[i]!, sums[i + 1]!, sums[i + 2]!);
    const scale = length > 0 || Number.isNaN(length) ? 1 / length : 0;
    out[i] = sums[i]! * scale;
    out[i + 1] = sums[i + 1]! * scale;
    out[i + 2] = sums[i + 2]! * scale;
  }
  return out;
}

/** Adds a triangle's unit normal × corner angle to its three corners; a, b, c are offsets. */
function addTriangle(
  sums: Float64Array,
  positions: Float32Array,
  a: number,
  b: number,
  c: number,
): void {
  const abX = positions[b]! - positions[a]!;
  const abY = positions[b + 1]! - positions[a + 1]!;
  const abZ = positions[b + 2]! - positions[a + 2]!;
  const acX = positions[c]! - positions[a]!;
  const acY = positions[c + 1]! - positions[a + 1]!;
  const acZ = positions[c + 2]! - positions[a + 2]!;
  const bcX = acX - abX;
  const bcY = acY - abY;
  const bcZ = acZ - abZ;
  const normalX = abY * acZ - abZ * acY;
  const normalY = abZ * acX - abX * acZ;
  const normalZ = abX * acY - abY * acX;
  const doubleArea = Math.sqrt(normalX * normalX + normalY * normalY + normalZ * normalZ);
  if (doubleArea === 0) return;
  // tan(angle) = |cross| / dot, and the cross product's length is the same at all three corners.
  const angleA = Math.atan2(doubleArea, abX * acX + abY * acY + abZ * acZ);
  const angleB = Math.atan2(doubleArea, -(abX * bcX + abY * bcY + abZ * bcZ));
  const angleC = Math.PI - angleA - angleB;
  const x = normalX / doubleArea;
  const y = normalY / doubleArea;
  const z = normalZ / doubleArea;
  sums[a] += angleA * x;
  sums[a + 1] += angleA * y;
  sums[a + 2] += angleA * z;
  sums[b] += angleB * x;
  sums[b + 1] += angleB * y;
  sums[b + 2] += angleB * z;
  sums[c] += angleC * x;
  sums[c + 1] += angleC * y;
  sums[c + 2] += angleC * z;
}
