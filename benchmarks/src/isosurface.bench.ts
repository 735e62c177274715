import { spawnSync } from "node:child_process";
import { isosurface, type VoxelGrid, voxelize } from "@headform/volume";
import { bumpyBall } from "./bumpy-ball.ts";
import { medianCpuMs } from "./median-cpu-ms.ts";
import type { Row } from "./row.ts";

const SIZES = [
  [48, 48, 48],
  [96, 96, 96],
  [192, 192, 200],
  [384, 384, 384],
] as const;
/** The others in JavaScript take seconds beyond this many samples. */
const MOST_FOR_JAVASCRIPT = 8e6;

/** Reads a volume from standard input and prints median processor time and triangles of each. */
const PYTHON = `
import json, sys, time
import numpy as np
dims = [int(a) for a in sys.argv[1:4]]
repeats = int(sys.argv[4])
v = np.frombuffer(bytearray(sys.stdin.buffer.read()), np.float32).reshape(dims)
out = {}
def measure(name, work):
    times = []
    for i in range(repeats + 1):
        start = time.process_time()
        count = work()
        times.append(time.process_time() - start)
    out[name] = [1000 * sorted(times[1:])[repeats // 2], count]
try:
    from skimage.measure import marching_cubes
    measure("scikit-image marching_cubes", lambda: len(marching_cubes(v, 0.5)[1]))
except ImportError:
    pass
try:
    import vtkmodules.all as vtk
    from vtkmodules.util.numpy_support import numpy_to_vtk
    # One thread: a second changed the time by less than a tenth here.
    vtk.vtkSMPTools.Initialize(1)
    image = vtk.vtkImageData()
    image.SetDimensions(*dims[::-1])
    image.GetPointData().SetScalars(numpy_to_vtk(v.ravel(), deep=0))
    def flying_edges():
        f = vtk.vtkFlyingEdges3D()
        f.SetInputData(image)
        f.SetValue(0, 0.5)
        f.ComputeNormalsOn()
        f.ComputeGradientsOff()
        f.ComputeScalarsOff()
        f.Update()
        return f.GetOutput().GetNumberOfPolys()
    measure("VTK FlyingEdges", flying_edges)
except ImportError:
    pass
print(json.dumps(out))
`;

/**
 * Isosurfaces of a bumpy ball from 48³ to 384³ beside others in the same run, and a mesh of 5,000
 * vertices filled. All times are processor time.
 */
export async function run(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const dims of SIZES) {
    const grid = bumpyBall(dims);
    const n = grid.data.length;
    // What takes a millisecond wants more runs until the compiler has done its work.
    const repeats = n > MOST_FOR_JAVASCRIPT ? 5 : n < 1e6 ? 60 : 15;
    const triangles = isosurface(grid).indices.length / 3;
    const others = { ...pythonMs(grid, repeats, triangles), ...(await javaScriptMs(grid)) };
    const size = dims.join("×");
    for (const kernel of ["auto", "typescript"] as const) {
      const ours = medianCpuMs(repeats, () => isosurface(grid, { kernel }));
      const name = `isosurface, ${kernel === "auto" ? "WebAssembly" : "TypeScript"}, ${size}, ${triangles} triangles`;
      const entries = Object.entries(others);
      for (const [against, ms] of entries) {
        rows.push(rowOf(name, n, ours, { against, ratio: ms / ours }));
      }
      if (entries.length === 0) rows.push(rowOf(name, n, ours));
    }
    const plain = medianCpuMs(repeats, () => isosurface(grid, { normals: false }));
    rows.push(rowOf(`isosurface, WebAssembly, no normals, ${size}`, n, plain));
    // The limit that memory sets: every sample is read once, a slice at a time.
    const slice = new Float32Array(dims[0] * dims[1]);
    const read = medianCpuMs(repeats, () => {
      for (let at = 0; at < n; at += slice.length) {
        slice.set(grid.data.subarray(at, at + slice.length));
      }
    });
    rows.push(rowOf(`reading the samples alone, ${size}`, n, read));
    rows.push(rowOf(...fillOf(dims, grid)));
    if (process.platform === "linux") {
      for (const kernel of ["auto", "typescript"]) rows.push(memoryOf(dims, kernel));
    }
  }
  return rows;
}

/** A process of its own: the most memory it held, before and after; the grid is made in between. */
const MEMORY = `
import { readFileSync } from "node:fs";
import { isosurface } from "@headform/volume";
const bumpyBall = ${bumpyBall};
const [dims, kernel] = JSON.parse(process.argv[1]);
isosurface(bumpyBall([24, 24, 24]), { kernel });
const grid = bumpyBall(dims);
// What getrusage says begins with the parent's, so Linux is asked itself.
const peakOf = () => Number(/VmHWM:\\s+(\\d+)/.exec(readFileSync("/proc/self/status", "utf8"))[1]);
const before = peakOf();
const start = process.cpuUsage();
const { positions, normals, indices } = isosurface(grid, { kernel });
const { user, system } = process.cpuUsage(start);
const peak = peakOf();
const output = positions.byteLength + normals.byteLength + indices.byteLength;
process.stdout.write(JSON.stringify({ ms: (user + system) / 1000, taken: 1024 * (peak - before), output }));
`;

/** Resident memory beyond the samples, against the mesh and a byte for each cell. */
function memoryOf(dims: readonly [number, number, number], kernel: string): Row {
  const [width, height, depth] = dims;
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["--input-type=module", "-e", MEMORY, JSON.stringify([dims, kernel])],
    // Packages are found from the folder whose dependencies they are.
    { cwd: "benchmarks", encoding: "utf8" },
  );
  if (status !== 0) throw new Error(`isosurface: measuring memory failed: ${stderr}`);
  const { ms, taken, output } = JSON.parse(stdout) as Record<string, number>;
  const n = width * height * depth;
  return {
    bench: "isosurface",
    case: `memory, ${kernel === "auto" ? "WebAssembly" : "TypeScript"}, ${dims.join("×")}`,
    n,
    medianMs: ms,
    peakMb: taken / 1e6,
    // Small volumes may find room in what the process holds already.
    ...(taken > 0 && { against: "mesh and a byte per cell", ratio: (output + n) / taken }),
  };
}

function rowOf(
  name: string,
  n: number,
  ms: number,
  against?: { readonly against: string; readonly ratio: number },
): Row {
  return { bench: "isosurface", case: name, n, medianMs: ms, ...against };
}

/** A mesh of about 5,000 vertices, stretched to the grid and filled. */
function fillOf(
  dims: readonly [number, number, number],
  { data, spacing, origin }: VoxelGrid,
): [string, number, number] {
  const small = isosurface(bumpyBall([37, 37, 38]));
  const positions = small.positions.map((value, i) => (value * dims[i % 3]) / [37, 37, 38][i % 3]);
  const mesh = { ...small, positions };
  const name = `voxelize ${positions.length / 3} vertices at ${dims.join("×")}`;
  return [name, data.length, medianCpuMs(9, () => voxelize(mesh, { dims, spacing, origin }))];
}

/** Median times of what Python has. */
function pythonMs(
  { data, dims }: VoxelGrid,
  repeats: number,
  triangles: number,
): Record<string, number> {
  const input = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const size = [...dims].reverse().map(String);
  const { status, stdout } = spawnSync(
    "/usr/bin/python3",
    ["-c", PYTHON, ...size, String(repeats)],
    { input, encoding: "utf8" },
  );
  if (status !== 0) return {};
  const found = JSON.parse(stdout) as Record<string, [number, number]>;
  return Object.fromEntries(
    Object.entries(found).map(([name, [ms, count]]) => {
      checkCount(name, count, triangles);
      return [name, ms];
    }),
  );
}

/** Times of other packages for JavaScript, once each after a smaller volume. */
async function javaScriptMs(grid: VoxelGrid): Promise<Record<string, number>> {
  if (grid.data.length > MOST_FOR_JAVASCRIPT) return {};
  const { default: npm } = await import("isosurface");
  const { default: filter } = await import("@kitware/vtk.js/Filters/General/ImageMarchingCubes.js");
  const { default: imageData } = await import("@kitware/vtk.js/Common/DataModel/ImageData.js");
  const { default: dataArray } = await import("@kitware/vtk.js/Common/Core/DataArray.js");
  const works: Record<string, (volume: VoxelGrid) => number> = {
    "isosurface (npm)": ({ data, dims }) => {
      const at = (x: number, y: number, z: number): number =>
        data[(z * dims[1] + y) * dims[0] + x] - 0.5;
      return npm.marchingCubes(dims, at).cells.length;
    },
    "vtk.js ImageMarchingCubes": ({ data, dims }) => {
      const image = imageData.newInstance();
      image.setDimensions([...dims]);
      const scalars = dataArray.newInstance({ name: "values", values: data });
      // Declared for other kinds of data sets only.
      const { getPointData } = image as unknown as {
        getPointData(): { setScalars(array: object): void };
      };
      getPointData().setScalars(scalars);
      const cubes = filter.newInstance({
        contourValue: 0.5,
        computeNormals: true,
        mergePoints: true,
      });
      cubes.setInputData(image);
      cubes.update();
      return cubes.getOutputData().getPolys().getNumberOfCells();
    },
  };
  const small = bumpyBall([24, 24, 24]);
  return Object.fromEntries(
    Object.entries(works).map(([name, work]) => {
      work(small);
      const start = process.cpuUsage();
      const count = work(grid);
      const { user, system } = process.cpuUsage(start);
      checkCount(name, count, isosurface(grid).indices.length / 3);
      return [name, (user + system) / 1000];
    }),
  );
}

function checkCount(name: string, count: number, triangles: number): void {
  if (Math.abs(count / triangles - 1) > 0.01) {
    throw new Error(`isosurface: ${name} finds ${count} triangles, we find ${triangles}`);
  }
}
