import type { SliceWindow } from "./slice-window.ts";

/**
 * Called for each cell whose pattern leaves a choice, in order.
 *
 * @param cell index of its lowest sample
 * @param edges [12] vertices of its edges; those that the surface does not cross mean nothing, and
 *   while counting none does
 */
export type VisitCell = (cell: number, edges: Int32Array) => void;

/** Arrays of a mesh. */
export interface SurfaceArrays {
  /** [V×3] */
  readonly positions: Float32Array;
  /** [V×3] or none. */
  readonly normals: Float32Array;
  /** [F×3] */
  readonly indices: Uint32Array;
}

/** How many numbers a part of a surface has. */
export interface SurfaceSize {
  readonly vertices: number;
  readonly indices: number;
}

/**
 * The loops over samples and cells. Each is called with z from −1 (the vertices within the first slice)
 * to depth − 2: first all to count, then all to fill, so that the arrays have their size from the start.
 */
export interface SlabKernel {
  readonly name: "typescript" | "wasm";
  count(z: number, visit: VisitCell): void;
  /** All edges' vertices, and the indices of plain cells, once all is counted. */
  counted(): SurfaceSize;
  /** Writes the vertices and plain triangles from the arrays' beginnings on. */
  fill(z: number, out: SurfaceArrays, visit: VisitCell): void;
  /** Index of the first sample beside the surface that `fill` found not finite; −1 where all are. */
  broken(): number;
}

/** A kernel and the samples that it reads. */
export interface KernelOnWindow {
  readonly window: SliceWindow;
  readonly slabs: SlabKernel;
}
