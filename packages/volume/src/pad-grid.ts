import type { VoxelGrid } from "./voxel-grid.ts";

/**
 * The grid with one more sample on every side, mirrored about the isovalue where the outermost is
 * inside: the surface passes halfway between the two.
 */
export function padGrid({ data, dims, spacing, origin }: VoxelGrid, isovalue: number): VoxelGrid {
  const [width, height, depth] = dims;
  const padded = new Float32Array((width + 2) * (height + 2) * (depth + 2));
  const clamp = (at: number, size: number): number => Math.min(Math.max(at - 1, 0), size - 1);
  for (let z = 0, to = 0; z < depth + 2; z++) {
    for (let y = 0; y < height + 2; y++, to += width + 2) {
      const from = (clamp(z, depth) * height + clamp(y, height)) * width;
      const isOutside = z === 0 || z > depth || y === 0 || y > height;
      if (isOutside) {
        for (let x = 0; x < width + 2; x++) {
          padded[to + x] = isovalue - Math.abs(data[from + clamp(x, width)]! - isovalue);
        }
      } else {
        padded.set(data.subarray(from, from + width), to + 1);
        padded[to] = isovalue - Math.abs(data[from]! - isovalue);
        padded[to + width + 1] = isovalue - Math.abs(data[from + width - 1]! - isovalue);
      }
    }
  }
  return {
    data: padded,
    dims: [width + 2, height + 2, depth + 2],
    spacing,
    origin: [origin[0] - spacing[0], origin[1] - spacing[1], origin[2] - spacing[2]],
  };
}
