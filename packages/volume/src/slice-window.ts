import type { VoxelGrid } from "./voxel-grid.ts";

/** Slices in a ring: two for the edges of a step, one more on either side for their gradients. */
export const RING_SLICES = 4;

/**
 * A grid as the kernels read it, slice by slice: its own samples, or a ring of the last four slices.
 *
 * A closed surface needs one more sample on every side, mirrored about the isovalue where the outermost
 * is inside, so that it passes halfway between the two. Those exist in the ring only: `dims` and `origin`
 * are those of the larger grid.
 */
export interface SliceWindow extends Omit<VoxelGrid, "data"> {
  /** Slice z begins at (z & mask) · W·H. */
  readonly samples: Float32Array | Uint8Array;
  readonly mask: number;
  /** Brings in the slices from one to another, those that exist. */
  load(first: number, last: number): void;
  /** Where a sample of the larger grid was taken from, as index into the grid's data. */
  sourceOf(index: number): number;
}

/** What a ring holds: floats beside a closed surface, whose mirrored samples bytes cannot hold. */
export function ringBytes({ data, dims }: VoxelGrid, closed: boolean): number {
  const more = closed ? 2 : 0;
  const bytes = closed ? 4 : data.BYTES_PER_ELEMENT;
  return RING_SLICES * bytes * (dims[0] + more) * (dims[1] + more);
}

/**
 * @param ring memory of {@link ringBytes} to pass the samples through; unless told an open grid is read
 *   in place
 */
export function createSliceWindow(
  grid: VoxelGrid,
  isovalue: number,
  closed: boolean,
  ring?: { readonly buffer: ArrayBuffer; readonly at: number },
): SliceWindow {
  const { data, dims, spacing, origin } = grid;
  const sourceOf = (index: number): number => index;
  if (!ring && !closed) {
    return { samples: data, mask: -1, dims, spacing, origin, load: () => {}, sourceOf };
  }
  const bytes = ringBytes(grid, closed);
  const { buffer, at } = ring ?? { buffer: new ArrayBuffer(bytes), at: 0 };
  const samples =
    closed || data.BYTES_PER_ELEMENT === 4
      ? new Float32Array(buffer, at, bytes / 4)
      : new Uint8Array(buffer, at, bytes);
  const held = new Int32Array(RING_SLICES).fill(-1);
  const place = closed ? paddedPlace(grid) : { dims, spacing, origin, sourceOf };
  const slice = samples.length / RING_SLICES;
  const copy = (z: number, to: number): void => {
    if (closed) copyPadded(samples, to, grid, isovalue, z);
    else samples.set(data.subarray(z * slice, (z + 1) * slice), to);
  };
  return {
    ...place,
    samples,
    mask: RING_SLICES - 1,
    load: (first, last) => {
      const end = Math.min(last + 1, place.dims[2]);
      for (let z = Math.max(first, 0); z < end; z++) {
        const slot = z % RING_SLICES;
        if (held[slot] !== z) copy(z, slot * slice);
        held[slot] = z;
      }
    },
  };
}

function paddedPlace({
  dims: [width, height, depth],
  spacing,
  origin,
}: VoxelGrid): Pick<SliceWindow, "dims" | "spacing" | "origin" | "sourceOf"> {
  return {
    dims: [width + 2, height + 2, depth + 2],
    spacing,
    origin: [origin[0] - spacing[0], origin[1] - spacing[1], origin[2] - spacing[2]],
    sourceOf: (index) => {
      const x = inner(index % (width + 2), width);
      const y = inner(Math.floor(index / (width + 2)) % (height + 2), height);
      const z = inner(Math.floor(index / ((width + 2) * (height + 2))), depth);
      return (z * height + y) * width + x;
    },
  };
}

/** From a place in the larger grid to the nearest in its own. */
function inner(at: number, size: number): number {
  return Math.min(Math.max(at - 1, 0), size - 1);
}

/** Slice z of the larger grid. */
function copyPadded(
  out: Float32Array | Uint8Array,
  to: number,
  { data, dims: [width, height, depth] }: VoxelGrid,
  isovalue: number,
  z: number,
): void {
  const mirror = (i: number): number => isovalue - Math.abs(data[i]! - isovalue);
  for (let y = 0; y < height + 2; y++, to += width + 2) {
    const from = (inner(z, depth) * height + inner(y, height)) * width;
    if (z === 0 || z > depth || y === 0 || y > height) {
      for (let x = 0; x < width + 2; x++) out[to + x] = mirror(from + inner(x, width));
    } else {
      out[to] = mirror(from);
      out.set(data.subarray(from, from + width), to + 1);
      out[to + width + 1] = mirror(from + width - 1);
    }
  }
}
