import type { Mesh, Unit } from "@headform/mesh";
import { type CellSurface, createAmbiguousCells } from "./ambiguous-cells.ts";
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

/** Slab by slab; what the ambiguous cells add comes at the arrays' ends. */
function march(
  grid: VoxelGrid,
  isovalue: number,
  withNormals: boolean,
  kernel: SlabKernel,
): Pick<Mesh, "positions" | "indices" | "normals"> {
  const more: CellSurface = { positions: [], normals: [], indices: [] };
  const addCells = createAmbiguousCells(grid, isovalue, withNormals);
  for (let z = -1; z + 1 < grid.dims[2]; z++) {
    const { broken, ambiguous } = kernel.march(z);
    if (broken >= 0) {
      throw new RangeError(
        `isosurface: expected finite data, got ${grid.data[broken]} at index ${broken}`,
      );
    }
    addCells(more, ambiguous);
  }
  const { positions, normals, indices, used } = kernel.finish(
    more.positions.length / 3,
    more.indices.length,
  );
  positions.set(more.positions, used[0]);
  const first = used[0] / 3;
  for (let i = 0; i < more.indices.length; i++) {
    const vertex = more.indices[i]!;
    indices[used[1] + i] = vertex < 0 ? first - 1 - vertex : vertex;
  }
  if (!withNormals) return { positions, indices };
  normals.set(more.normals, used[0]);
  return { positions, indices, normals };
}
