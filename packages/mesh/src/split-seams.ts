import type { Mesh } from "./mesh.ts";

/**
 * The mesh with one texture coordinate per vertex, as graphics cards and glTF want it: a vertex that
 * lies on a seam is repeated, so that `indices` serve positions and uvs alike.
 *
 * The first V vertices stay where they were; copies follow, and normals, colors and morph targets
 * are repeated with them. A mesh without `uvIndices` is returned as it is.
 */
export function splitSeams(mesh: Mesh): Mesh {
  const { uvIndices, ...rest } = mesh;
  const { positions, uvs, normals, colors, morphTargets } = mesh;
  if (!uvs || !uvIndices) return mesh;

  // 1. A vertex for every pair of position and texture coordinate that a corner uses.
  const vertexCount = positions.length / 3;
  const uvCount = uvs.length / 2;
  const uvOf = new Array<number>(vertexCount).fill(-1);
  const copies: number[] = [];
  const copyOf = new Map<number, number>();
  const indices = mesh.indices.slice();
  for (let i = 0; i < indices.length; i++) {
    const vertex = indices[i]!;
    const uv = uvIndices[i]!;
    if (uvOf[vertex] === -1) uvOf[vertex] = uv;
    if (uvOf[vertex] === uv) continue;
    const key = vertex * uvCount + uv;
    let copy = copyOf.get(key);
    if (copy === undefined) {
      copy = vertexCount + copies.length;
      copyOf.set(key, copy);
      copies.push(vertex);
      uvOf.push(uv);
    }
    indices[i] = copy;
  }

  // 2. Everything per vertex, extended by the copies. Vertices of no triangle get uv (0, 0).
  const splitUvs = new Float32Array(2 * uvOf.length);
  for (let i = 0; i < uvOf.length; i++) {
    if (uvOf[i] === -1) continue;
    splitUvs[2 * i] = uvs[2 * uvOf[i]!]!;
    splitUvs[2 * i + 1] = uvs[2 * uvOf[i]! + 1]!;
  }
  const extend = (values: Float32Array): Float32Array =>
    extendRows(new Float32Array(values.length + 3 * copies.length), values, copies);
  return {
    ...rest,
    positions: extend(positions),
    indices,
    uvs: splitUvs,
    ...(normals && { normals: extend(normals) }),
    ...(colors && {
      colors: extendRows(new Uint8Array(colors.length + 3 * copies.length), colors, copies),
    }),
    ...(morphTargets && {
      morphTargets: morphTargets.map((target) => ({ ...target, offsets: extend(target.offsets) })),
    }),
  };
}

/** The rows of three, then those that `copies` names once more. */
function extendRows<T extends Float32Array | Uint8Array>(
  out: T,
  values: T,
  copies: readonly number[],
): T {
  out.set(values);
  for (let i = 0; i < copies.length; i++) {
    const at = values.length + 3 * i;
    for (let j = 0; j < 3; j++) out[at + j] = values[3 * copies[i]! + j]!;
  }
  return out;
}
