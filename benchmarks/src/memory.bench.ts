import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Row } from "./row.ts";

/** Vertices, triangles and modes of the Basel Face Model 2017; 199 of shape, 100 of expression. */
const WRITE = `
import sys
import h5py
import numpy as np
folder = sys.argv[1]
V, F = 53490, 106466
random = np.random.default_rng(1)
def model(file, name, count, **layout):
    file[name + "/model/mean"] = random.standard_normal(3 * V, np.float32)
    file[name + "/model/pcaVariance"] = np.linspace(9, 1, count, dtype=np.float32)
    basis = random.standard_normal((3 * V, count), np.float32)
    # Sixteen bits of each number, so that there is something to deflate.
    basis.view(np.uint32)[:] &= 0xffff0000
    file.create_dataset(name + "/model/pcaBasis", data=basis, **layout)
for name, layout in (
    ("contiguous", {}),
    ("chunked, deflated", dict(chunks=(4096, 50), compression=1, shuffle=True)),
):
    with h5py.File(folder + "/" + name, "w") as file:
        file["version/majorVersion"], file["version/minorVersion"] = 0, 9
        file["shape/representer/cells"] = random.integers(0, V, (3, F), dtype=np.int32)
        model(file, "shape", 199, **layout)
        model(file, "expression", 100, **layout)
`;

/** A process of its own for each file: the most memory it held, before and after reading. */
const READ = `
import { readFileSync } from "node:fs";
import { readModel } from "@headform/morphable-model/io";
const before = process.resourceUsage().maxRSS;
const bytes = readFileSync(process.argv[1]);
const start = performance.now();
const { mean, shapeBasis, expressionBasis } = await readModel(bytes);
const ms = performance.now() - start;
const arrays = mean.byteLength + shapeBasis.byteLength + expressionBasis.byteLength;
const peak = process.resourceUsage().maxRSS;
process.stdout.write(JSON.stringify({ ms, peak, before, arrays }));
`;

/**
 * What reading a model of the Basel Face Model's size takes, in time and in resident memory beyond an
 * idle Node: the file's bytes, the model's arrays and what is needed in between. No rows where Python
 * has no h5py.
 */
export async function run(): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), "headform-memory-"));
  try {
    if (!["/usr/bin/python3", "python3"].some((python) => succeeds(python, folder))) {
      process.stdout.write("memory: skipped, for there is no Python with h5py\n");
      return [];
    }
    return ["contiguous", "chunked, deflated"].map((name) => measure(join(folder, name), name));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function succeeds(python: string, folder: string): boolean {
  return spawnSync(python, ["-c", WRITE, folder]).status === 0;
}

function measure(file: string, name: string): Row {
  // Packages are found from the folder whose dependencies they are.
  const options = { cwd: "benchmarks", encoding: "utf8" } as const;
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["--input-type=module", "-e", READ, file],
    options,
  );
  if (status !== 0) throw new Error(`memory: reading failed: ${stderr}`);
  const { ms, peak, before, arrays } = JSON.parse(stdout) as Record<string, number>;
  const size = statSync(file).size;
  const taken = 1024 * (peak - before);
  const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`;
  return {
    bench: "memory",
    case: `statismo ${name}: ${megabytes(size)}, a model of ${megabytes(arrays)}`,
    n: size,
    medianMs: ms,
    peakMb: taken / 1e6,
    against: "file and model, bytes",
    ratio: (size + arrays) / taken,
  };
}
