import type { Mesh, Unit } from "@headform/mesh";
import { createAmbiguousCells } from "./ambiguous-cells.ts";
import { padGrid } from "./pad-grid.ts";
import type { SlabKernel } from "./slab-kernel.ts";
import { createTypeScriptKernel } from "./slab-kernel-typescript.ts";
import { createWasmKernel } from "./slab-kernel-wasm.ts";
import { checkGrid, type VoxelGrid } from "./voxel-grid.ts";

/** How {@link isosurface} cuts. */
export interface IsosurfaceOptions {
  /** The surface lies where the volume passes this value; above it is inside. */
  readonly isovalue?: number;
  /** Whether the surface is closed half a voxel outside of the outermost samples. */
  readonly closed?: boolean;
  /** Whether each vertex gets the direction of the steepest descent. */
  readonly normals?: boolean;
  /** Unit of the mesh: that of the grid's spacing and origin. */
  readonly unit?: Unit;
  /** `"auto"` is WebAssembly with SIMD where the platform has it; the result is the same. */
  readonly kernel?: "auto" | "typescript";
}

export const ISOSURFACE_DEFAULTS: Required<IsosurfaceOptions> = {
  isovalue: 0.5,
  closed: false,
  normals: true,
  unit: "none",
  kernel: "auto",
};

/**
 * The surface on which the trilinear interpolation of a volume has one value, as a welded mesh: one
 * vertex per crossed grid edge, linear between its two samples.
 *
 * Marching cubes with the topology of the interpolation: a face with two diagonal corners inside is
 * decided by its bilinear saddle, a tunnel through a cell by the saddles across its three axes. Every
 * edge away from the grid's border belongs to exactly two triangles, every vertex to one fan.
 *
 * @param grid the volume, above the isovalue inside
 * @throws {TypeError} when the data are neither Float32Array nor Uint8Array
 * @throws {RangeError} when the grid's sizes disagree, the isovalue is not finite, or a sample
 *   beside the surface is not finite
 * @see Lorensen and Cline, Marching cubes, 1987; Chernyaev, Marching cubes 33, 1995
 */
export function isosurface(grid: VoxelGrid, options: IsosurfaceOptions = {}): Mesh {
  const { isovalue, closed, normals, unit, kernel } = { ...ISOSURFACE_DEFAULTS, ...options };
  checkGrid(grid, "isosurface");
  if (!Number.isFinite(isovalue)) {
    throw new RangeError(`isosurface: expected a finite isovalue, got ${isovalue}`);
  }
  const volume = closed ? padGrid(grid, isovalue) : grid;
  const fast = kernel === "auto" ? createWasmKernel(volume, isovalue, normals) : undefined;
  const marched = march(
    volume,
    isovalue,
    normals,
    fast ?? createTypeScriptKernel(volume, isovalue, normals),
  );
  return { ...marched, unit };
}

/** Slab by slab: vertices and triangles of the plain cells, then those of the ambiguous ones. */
function march(
  grid: VoxelGrid,
  isovalue: number,
  withNormals: boolean,
  kernel: SlabKernel,
): Pick<Mesh, "positions" | "indices" | "normals"> {
  const positions: ArrayLike<number>[] = [];
  const normals: ArrayLike<number>[] = [];
  const indices: ArrayLike<number>[] = [];
  const addCells = createAmbiguousCells(grid, isovalue, withNormals);
  let vertices = 0;
  for (let z = -1; z + 1 < grid.dims[2]; z++) {
    const slab = kernel.march(z, vertices);
    if (slab.broken >= 0) {
      const value = grid.data[slab.broken];
      throw new RangeError(
        `isosurface: expected finite data, got ${value} at index ${slab.broken}`,
      );
    }
    if (slab.positions.length > 0) {
      positions.push(slab.positions.slice());
      normals.push(slab.normals.slice());
      vertices += slab.positions.length / 3;
    }
    if (slab.indices.length > 0) indices.push(slab.indices.slice());
    if (slab.ambiguous.length === 0) continue;
    const cells = addCells(slab.ambiguous, vertices);
    positions.push(cells.positions);
    normals.push(cells.normals);
    indices.push(cells.indices);
    vertices += cells.positions.length / 3;
  }
  return {
    positions: join(new Float32Array(sizeOf(positions)), positions),
    indices: join(new Uint32Array(sizeOf(indices)), indices),
    ...(withNormals ? { normals: join(new Float32Array(sizeOf(normals)), normals) } : {}),
  };
}

function sizeOf(parts: readonly ArrayLike<number>[]): number {
  return parts.reduce((sum, part) => sum + part.length, 0);
}

function join<T extends Float32Array | Uint32Array>(out: T, parts: ArrayLike<number>[]): T {
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  // Nothing may outlive its copy.
  parts.length = 0;
  return out;
}
