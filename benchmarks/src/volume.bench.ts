import { spawnSync } from "node:child_process";
// By path: what is measured is these two files, and the package's other dependencies stay out.
import { isosurface, type VoxelGrid, voxelize } from "@headform/volume";
import { medianMs } from "./median-ms.ts";
import type { Row } from "./row.ts";

const SIZES = [
  [48, 48, 50],
  [96, 96, 100],
  [192, 192, 200],
] as const;

/** Reads a volume from standard input and prints the median of 5 runs, in milliseconds. */
const SCIKIT = `
import sys, time
import numpy as np
from skimage.measure import marching_cubes
dims = [int(a) for a in sys.argv[1:]]
v = np.frombuffer(bytearray(sys.stdin.buffer.read()), np.float32).reshape(dims)
times = []
for i in range(6):
    start = time.perf_counter()
    p, t, n, _ = marching_cubes(v, 0.5)
    times.append(time.perf_counter() - start)
print(1000 * sorted(times[1:])[2], len(t))
`;

/** Isosurfaces of a bumpy ball of about 230,000 triangles at full size; the ball filled again. */
export async function run(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const dims of SIZES) {
    const grid = bumpyBall(dims);
    const n = grid.data.length;
    const { indices } = isosurface(grid);
    const triangles = indices.length / 3;
    const ours = medianMs(21, () => isosurface(grid));
    const plain = medianMs(21, () => isosurface(grid, { normals: false }));
    const scikit = scikitMs(grid, triangles);
    const name = `${dims.join("×")}, ${triangles} triangles`;
    rows.push(
      {
        bench: "volume",
        case: `isosurface with normals, ${name}`,
        n,
        medianMs: ours,
        ...(scikit ? { against: "scikit-image marching_cubes", ratio: scikit / ours } : {}),
      },
      { bench: "volume", case: `isosurface without normals, ${name}`, n, medianMs: plain },
    );
    let sum = 0;
    const read = medianMs(21, () => {
      for (let i = 0; i < n; i++) sum += grid.data[i] > 0.5 ? 1 : 0;
    });
    if (sum === 0) throw new Error("volume: nothing is inside");
    rows.push({ bench: "volume", case: `reading and comparing alone, ${name}`, n, medianMs: read });

    // A mesh of about 5,000 vertices, stretched to the grid.
    const small = isosurface(bumpyBall([37, 37, 38]));
    const positions = small.positions.map(
      (value, i) => (value * dims[i % 3]) / [37, 37, 38][i % 3],
    );
    const { spacing, origin } = grid;
    const mesh = { ...small, positions };
    rows.push({
      bench: "volume",
      case: `voxelize ${positions.length / 3} vertices at ${dims.join("×")}`,
      n,
      medianMs: medianMs(21, () => voxelize(mesh, { dims, spacing, origin })),
    });
  }
  return rows;
}

/** A soft ball with bumps that nearly fills the grid. */
function bumpyBall(dims: readonly [number, number, number]): VoxelGrid<Float32Array> {
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

/** Median time of scikit-image, where Python has it. */
function scikitMs({ data, dims }: VoxelGrid, triangles: number): number | undefined {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const size = [...dims].reverse().map(String);
  const { status, stdout } = spawnSync("/usr/bin/python3", ["-c", SCIKIT, ...size], {
    input: bytes,
    encoding: "utf8",
  });
  if (status !== 0) return undefined;
  const [median, count] = stdout.trim().split(" ").map(Number);
  if (Math.abs(count / triangles - 1) > 0.01) {
    throw new Error(`volume: scikit-image finds ${count} triangles, we find ${triangles}`);
  }
  return median;
}
