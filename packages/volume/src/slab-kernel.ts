/** What a kernel leaves to others between two slices; views that its next step overwrites. */
export interface Slab {
  /** [cells×{@link RECORD}] cells whose pattern leaves a choice: index of the lowest sample, edges. */
  readonly ambiguous: Int32Array;
  /** Index of a sample beside the surface that is not finite; −1 where all are. */
  readonly broken: number;
}

/** Numbers per ambiguous cell; the vertices of edges that the surface does not cross mean nothing. */
export const RECORD = 13;

/** The arrays of a mesh, with room at their ends for what ambiguous cells add. */
export interface MarchedCells {
  /** [V×3] */
  readonly positions: Float32Array;
  /** [V×3] or none. */
  readonly normals: Float32Array;
  /** [F×3] */
  readonly indices: Uint32Array;
  /** Numbers in use of `positions`, and of `indices`. */
  readonly used: readonly [positions: number, indices: number];
}

/** The loops over samples and cells. */
export interface SlabKernel {
  readonly name: "typescript" | "wasm";
  /** Called with z from −1 (which finds the vertices within the first slice) to depth − 2. */
  march(z: number): Slab;
  /** All edges' vertices and the plain cells' triangles; its arrays are new or never used again. */
  finish(moreVertices: number, moreIndices: number): MarchedCells;
}
