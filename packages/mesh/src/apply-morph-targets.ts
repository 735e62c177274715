import { computeNormals } from "./compute-normals.ts";
import type { Mesh } from "./mesh.ts";

/**
 * The mesh its morph targets pose, without them: positions + Σ weight · offsets.
 *
 * Normals, where the mesh has them, are computed anew; everything else is shared with the input.
 *
 * @param mesh a mesh with or without morph targets
 * @param weights [number of targets] weights that replace the targets' own
 * @throws {RangeError} when `weights` has another length than there are targets
 */
export function applyMorphTargets(mesh: Mesh, weights?: ArrayLike<number>): Mesh {
  const { morphTargets, ...posed } = mesh;
  const targets = morphTargets ?? [];
  if (weights && weights.length !== targets.length) {
    throw new RangeError(
      `applyMorphTargets: expected ${targets.length} weights, got ${weights.length}`,
    );
  }
  const sums = Float64Array.from(mesh.positions);
  for (let k = 0; k < targets.length; k++) {
    const { offsets, weight: ownWeight } = targets[k]!;
    const weight = weights ? weights[k]! : ownWeight;
    if (weight === 0) continue;
    for (let i = 0; i < sums.length; i++) sums[i] += weight * offsets[i]!;
  }
  const positions = Float32Array.from(sums);
  if (!mesh.normals || targets.length === 0) return { ...posed, positions };
  return { ...posed, positions, normals: computeNormals({ positions, indices: mesh.indices }) };
}
