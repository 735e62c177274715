import { applyMorphTargets } from "../apply-morph-targets.ts";
import { checkMesh } from "../check-mesh.ts";
import type { Mesh } from "../mesh.ts";
import { encodeText } from "./text.ts";

/**
 * Writes a mesh's triangles as binary STL, posed by its morph targets.
 *
 * The format knows neither shared vertices nor color nor texture; the unit is noted in its header.
 *
 * @throws {TypeError | RangeError} when the mesh fails `checkMesh`
 */
export function writeStl(mesh: Mesh): Uint8Array {
  checkMesh(mesh, "writeStl");
  const { positions, indices, unit } = applyMorphTargets(mesh);
  const file = new Uint8Array(84 + (indices.length / 3) * 50);
  // Not "solid": that is how text begins.
  file.set(encodeText(`binary STL, unit ${unit} `));
  const view = new DataView(file.buffer);
  view.setUint32(80, indices.length / 3, true);
  let at = 84;
  for (let i = 0; i < indices.length; i += 3, at += 50) {
    const normal = triangleNormal(positions, indices, i);
    for (let j = 0; j < 3; j++) view.setFloat32(at + 4 * j, normal[j]!, true);
    for (let j = 0; j < 9; j++) {
      const vertex = indices[i + Math.floor(j / 3)]!;
      view.setFloat32(at + 12 + 4 * j, positions[3 * vertex + (j % 3)]!, true);
    }
  }
  return file;
}

/** Unit normal of the triangle whose indices start at i; zero where it has no area. */
function triangleNormal(
  positions: Float32Array,
  indices: Uint32Array,
  i: number,
): [number, number, number] {
  const a = 3 * indices[i]!;
  const b = 3 * indices[i + 1]!;
  const c = 3 * indices[i + 2]!;
  const abX = positions[b]! - positions[a]!;
  const abY = positions[b + 1]! - positions[a + 1]!;
  const abZ = positions[b + 2]! - positions[a + 2]!;
  const acX = positions[c]! - positions[a]!;
  const acY = positions[c + 1]! - positions[a + 1]!;
  const acZ = positions[c + 2]! - positions[a + 2]!;
  const x = abY * acZ - abZ * acY;
  const y = abZ * acX - abX * acZ;
  const z = abX * acY - abY * acX;
  const length = Math.hypot(x, y, z);
  return length > 0 ? [x / length, y / length, z / length] : [0, 0, 0];
}
