import type { VoxelGrid } from "./voxel-grid.ts";

/** What a kernel finds between two slices; views that its next step overwrites. */
export interface Slab {
  /** [n×3] vertices of the upper slice's edges and of those that lead up to it. */
  readonly positions: Float32Array;
  /** [n×3] or none. */
  readonly normals: Float32Array;
  /** Triangles of the cells whose pattern leaves no choice, vertices numbered over all slabs. */
  readonly indices: Uint32Array;
  /** [cells×{@link RECORD}] the other cells: index of the lowest sample, then a vertex per edge. */
  readonly ambiguous: Int32Array;
  /** Index of a sample beside the surface that is not finite; −1 where all are. */
  readonly broken: number;
}

/** Numbers per ambiguous cell; those of edges that the surface does not cross mean nothing. */
export const RECORD = 13;

/**
 * The loops over samples and cells: called with z from −1 (which finds the vertices within the first
 * slice) to depth − 2, and the number that the slab's first vertex gets.
 */
export interface SlabKernel {
  readonly name: "typescript" | "wasm";
  march(z: number, firstVertex: number): Slab;
}

export type CreateSlabKernel = (
  grid: VoxelGrid,
  isovalue: number,
  normals: boolean,
) => SlabKernel | undefined;
