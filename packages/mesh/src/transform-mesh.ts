import type { Mesh } from "./mesh.ts";
import type { Similarity } from "./similarity.ts";

/**
 * The mesh moved by x ↦ s·R·x + t; normals turn with it, morph targets turn and scale.
 *
 * The unit is kept: say it anew where the scale converts it, `{ ...moved, unit: "m" }`.
 *
 * @param mesh any mesh
 * @param similarity scale above 0, rotation [9] row-major, translation [3]
 * @throws {RangeError} when the scale is not above 0, or the rotation or translation has another length
 */
export function transformMesh(mesh: Mesh, similarity: Similarity): Mesh {
  const { scale, rotation, translation } = similarity;
  if (!(scale > 0)) throw new RangeError(`transformMesh: expected scale > 0, got ${scale}`);
  if (rotation.length !== 9 || translation.length !== 3) {
    throw new RangeError(
      `transformMesh: expected rotation [9] and translation [3], got ${rotation.length} and ${translation.length}`,
    );
  }
  const linear = rotation.map((value) => scale * value);
  const zero = new Float64Array(3);
  const { positions, normals, morphTargets } = mesh;
  return {
    ...mesh,
    positions: transformRows(positions, linear, translation),
    ...(normals && { normals: transformRows(normals, rotation, zero) }),
    ...(morphTargets && {
      morphTargets: morphTargets.map((target) => ({
        ...target,
        offsets: transformRows(target.offsets, linear, zero),
      })),
    }),
  };
}

/** M·x + t for every row x of [N×3]. */
function transformRows(rows: Float32Array, m: Float64Array, t: Float64Array): Float32Array {
  const out = new Float32Array(rows.length);
  for (let i = 0; i < rows.length; i += 3) {
    const x = rows[i]!;
    const y = rows[i + 1]!;
    const z = rows[i + 2]!;
    out[i] = m[0]! * x + m[1]! * y + m[2]! * z + t[0]!;
    out[i + 1] = m[3]! * x + m[4]! * y + m[5]! * z + t[1]!;
    out[i + 2] = m[6]! * x + m[7]! * y + m[8]! * z + t[2]!;
  }
  return out;
}
