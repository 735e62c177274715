import { checkMesh, type Mesh } from "@headform/mesh";
import { MeshoptSimplifier } from "meshoptimizer/simplifier";
import { findCrowded } from "./find-crowded.ts";

/** How {@link decimate} simplifies. */
export interface DecimateOptions {
  /** How far the surface may move, as a part of the mesh's extent; it stops there. */
  readonly maxError?: number;
}

export const DECIMATE_DEFAULTS: Required<DecimateOptions> = { maxError: 0.01 };

/**
 * A mesh with fewer triangles of nearly the same shape: edges collapse, cheapest quadric error
 * first. Vertices that stay keep their position, normal and color; uvs, texture and morph targets
 * are left behind.
 *
 * A mesh whose edges have at most two triangles and whose vertices one fan keeps that: where a
 * collapse has folded a thin part onto itself, it is done again with the vertices there held.
 *
 * @param mesh welded triangles
 * @param ratio how many of the triangles to keep, above 0 and at most 1; more stay where the error
 *   would be too large
 * @throws {TypeError} when an array of the mesh is of another type
 * @throws {RangeError} when the mesh's arrays are wrong, or the ratio or the error are out of range
 * @see Garland and Heckbert, Surface simplification using quadric error metrics, 1997
 */
export async function decimate(
  mesh: Mesh,
  ratio: number,
  options: DecimateOptions = {},
): Promise<Mesh> {
  const { maxError } = { ...DECIMATE_DEFAULTS, ...options };
  checkMesh(mesh, "decimate");
  if (!(ratio > 0 && ratio <= 1)) {
    throw new RangeError(`decimate: expected 0 < ratio ≤ 1, got ${ratio}`);
  }
  if (!(maxError >= 0 && maxError <= 1)) {
    throw new RangeError(`decimate: expected 0 ≤ maxError ≤ 1, got ${maxError}`);
  }
  await MeshoptSimplifier.ready;
  const { positions, indices, unit, normals, colors } = mesh;
  const target = 3 * Math.round((ratio * indices.length) / 3);
  const kept = indices.length === 0 ? indices.slice() : simplify(mesh, target, maxError);
  const [remap, count] = compact(kept, positions.length / 3);
  return {
    positions: gather(positions, remap, new Float32Array(3 * count)),
    indices: kept,
    unit,
    ...(normals ? { normals: gather(normals, remap, new Float32Array(3 * count)) } : {}),
    ...(colors ? { colors: gather(colors, remap, new Uint8Array(3 * count)) } : {}),
  };
}

/** Again and again, until no vertex is crowded that was not so before. */
function simplify({ positions, indices }: Mesh, target: number, maxError: number): Uint32Array {
  const vertexCount = positions.length / 3;
  const held = new Uint8Array(vertexCount);
  const before = findCrowded(indices, vertexCount);
  // Held vertices only become more, and with all of them held nothing changes: it ends.
  for (;;) {
    const [found] = MeshoptSimplifier.simplifyWithAttributes(
      indices,
      positions,
      3,
      // No attributes; the library wants one all the same.
      new Float32Array(vertexCount),
      1,
      [0],
      held,
      target,
      maxError,
    );
    // A copy, since the library numbers the vertices anew in place.
    const kept = found.slice();
    const crowded = findCrowded(kept, vertexCount);
    let more = false;
    for (let v = 0; v < vertexCount; v++) {
      if (crowded[v] === 0 || before[v] === 1) continue;
      more = true;
      held[v] = 1;
    }
    if (!more) return kept;
    holdNeighbors(held, indices);
  }
}

/** A vertex beside one that is held is held too: the fold came from around it. */
function holdNeighbors(held: Uint8Array, indices: Uint32Array): void {
  const wider = held.slice();
  for (let t = 0; t < indices.length; t += 3) {
    const [a, b, c] = [indices[t]!, indices[t + 1]!, indices[t + 2]!];
    if ((held[a]! | held[b]! | held[c]!) === 0) continue;
    wider[a] = 1;
    wider[b] = 1;
    wider[c] = 1;
  }
  held.set(wider);
}

/** Numbers the vertices in use anew, in place. Returns each old vertex's number, −1 if unused. */
function compact(indices: Uint32Array, vertexCount: number): [Int32Array, number] {
  const remap = new Int32Array(vertexCount).fill(-1);
  let count = 0;
  for (let i = 0; i < indices.length; i++) {
    const vertex = indices[i]!;
    if (remap[vertex] === -1) remap[vertex] = count++;
    indices[i] = remap[vertex]!;
  }
  return [remap, count];
}

function gather<T extends Float32Array | Uint8Array>(from: T, remap: Int32Array, to: T): T {
  remap.forEach((vertex, i) => {
    if (vertex >= 0) to.set(from.subarray(3 * i, 3 * i + 3), 3 * vertex);
  });
  return to;
}
