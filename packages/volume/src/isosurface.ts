import type { Mesh, Unit } from "@headform/mesh";
import { march } from "./march.ts";
import type { KernelOnWindow } from "./slab-kernel.ts";
import { createTypeScriptKernel } from "./slab-kernel-typescript.ts";
import { createWasmKernel, fitsWasmKernel } from "./slab-kernel-wasm.ts";
import { createSliceWindow } from "./slice-window.ts";
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
  const isFast = kernel === "auto" && fitsWasmKernel(grid, normals, closed);
  const { window, slabs } =
    (isFast ? createWasmKernel(grid, isovalue, normals, closed) : undefined) ??
    createPlainKernel(grid, isovalue, closed);
  const surface = march(window, isovalue, slabs, normals, (index) => {
    const at = window.sourceOf(index);
    throw new RangeError(`isosurface: expected finite data, got ${grid.data[at]} at index ${at}`);
  });
  const { positions, indices } = surface;
  return { positions, indices, ...(normals && { normals: surface.normals }), unit };
}

function createPlainKernel(grid: VoxelGrid, isovalue: number, closed: boolean): KernelOnWindow {
  const window = createSliceWindow(grid, isovalue, closed);
  return { window, slabs: createTypeScriptKernel(window, isovalue) };
}
