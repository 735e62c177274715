import type { Mesh, MorphTarget } from "./mesh.ts";

/**
 * Several meshes as one, their vertices and triangles in the order given.
 *
 * Normals, colors and uvs are kept where every mesh has them; the texture where all share the same
 * image. Morph targets of equal name become one, at the first one's weight; where a mesh lacks a
 * target its vertices rest.
 *
 * @throws {RangeError} when there is no mesh, or the units differ
 */
export function mergeMeshes(meshes: readonly Mesh[]): Mesh {
  const [first] = meshes;
  if (!first) throw new RangeError("mergeMeshes: expected a mesh, got none");
  for (const { unit } of meshes) {
    if (unit !== first.unit) {
      throw new RangeError(`mergeMeshes: expected unit "${first.unit}", got "${unit}"`);
    }
  }
  const vertexStarts = runningSum(meshes.map((mesh) => mesh.positions.length / 3));
  const merged: Mesh = {
    positions: joinFloats(meshes.map((mesh) => mesh.positions)),
    indices: joinIndices(
      meshes.map((mesh) => mesh.indices),
      vertexStarts,
    ),
    unit: first.unit,
  };
  const normals = present(meshes.map((mesh) => mesh.normals));
  const colors = present(meshes.map((mesh) => mesh.colors));
  const uvs = present(meshes.map((mesh) => mesh.uvs));
  const morphTargets = joinTargets(meshes, vertexStarts, merged.positions.length);
  return {
    ...merged,
    ...(normals && { normals: joinFloats(normals) }),
    ...(colors && { colors: joinArrays(new Uint8Array(merged.positions.length), colors) }),
    ...(uvs && joinUvs(meshes, uvs)),
    ...(morphTargets.length > 0 && { morphTargets }),
  };
}

function joinUvs(meshes: readonly Mesh[], uvs: readonly Float32Array[]): Partial<Mesh> {
  const texture = meshes[0]!.texture;
  const starts = runningSum(uvs.map((array) => array.length / 2));
  return {
    uvs: joinFloats(uvs),
    ...(meshes.some((mesh) => mesh.uvIndices) && {
      uvIndices: joinIndices(
        meshes.map((mesh) => mesh.uvIndices ?? mesh.indices),
        starts,
      ),
    }),
    ...(texture && meshes.every((mesh) => mesh.texture === texture) && { texture }),
  };
}

function joinTargets(
  meshes: readonly Mesh[],
  vertexStarts: readonly number[],
  length: number,
): MorphTarget[] {
  const targets = new Map<string, MorphTarget>();
  for (let i = 0; i < meshes.length; i++) {
    for (const { name, offsets, weight } of meshes[i]!.morphTargets ?? []) {
      const target = targets.get(name) ?? { name, weight, offsets: new Float32Array(length) };
      target.offsets.set(offsets, 3 * vertexStarts[i]!);
      targets.set(name, target);
    }
  }
  return [...targets.values()];
}

/** The arrays, where none is absent. */
function present<T>(arrays: readonly (T | undefined)[]): T[] | undefined {
  return arrays.every((array) => array !== undefined) ? (arrays as T[]) : undefined;
}

/** Where each part starts when they stand in a row. */
function runningSum(counts: readonly number[]): number[] {
  let sum = 0;
  return counts.map((count) => {
    sum += count;
    return sum - count;
  });
}

function joinFloats(arrays: readonly Float32Array[]): Float32Array {
  return joinArrays(new Float32Array(arrays.reduce((sum, array) => sum + array.length, 0)), arrays);
}

function joinArrays<T extends Float32Array | Uint8Array>(out: T, arrays: readonly T[]): T {
  let at = 0;
  for (const array of arrays) {
    out.set(array, at);
    at += array.length;
  }
  return out;
}

function joinIndices(arrays: readonly Uint32Array[], shifts: readonly number[]): Uint32Array {
  const out = new Uint32Array(arrays.reduce((sum, array) => sum + array.length, 0));
  let at = 0;
  for (let i = 0; i < arrays.length; i++)
    for (const index of arrays[i]!) out[at++] = index + shifts[i]!;
  return out;
}
