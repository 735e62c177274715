import type { VoxelGrid } from "@headform/volume";

/** A soft ball with bumps that nearly fills the grid: some 270,000 triangles at 192×192×200. */
export function bumpyBall(dims: readonly [number, number, number]): VoxelGrid<Float32Array> {
  const [width, height, depth] = dims;
  const data = new Float32Array(width * height * depth);
  for (let z = 0, i = 0; z < depth; z++) {
    const dz = (2 * z + 1) / depth - 1;
    for (let y = 0; y < height; y++) {
      const dy = (2 * y + 1) / height - 1;
      for (let x = 0; x < width; x++, i++) {
        const dx = (2 * x + 1) / width - 1;
        const bump = 0.06 * Math.sin(9 * dx) * Math.sin(9 * dy) * Math.sin(9 * dz);
        const inside = 0.85 - Math.sqrt(dx * dx + dy * dy + dz * dz) + bump;
        data[i] = 1 / (1 + Math.exp(-40 * inside));
      }
    }
  }
  return { data, dims, spacing: [1, 1, 1], origin: [0, 0, 0] };
}
