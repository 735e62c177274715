import { basename, extname, resolve } from "node:path";
import { writeNpy } from "@headform/formats/numpy";
import { boundsOf, type Mesh } from "@headform/mesh";
import {
  decimate,
  ISOSURFACE_DEFAULTS,
  isosurface,
  largestComponent,
  smoothVolume,
  type VoxelGrid,
  voxelize,
} from "@headform/volume";
import type { Command } from "commander";
import { encodeMesh } from "../encode-mesh.ts";
import { Failure } from "../failure.ts";
import { parseDims, parseNumber, parseSpacing } from "../parse-volume-options.ts";
import { FORMATS, type Format } from "../plan-outputs.ts";
import { readMeshFile } from "../read-mesh-file.ts";
import { readVolumeFile, type Volume } from "../read-volume-file.ts";
import type { Terminal } from "../terminal.ts";
import { checkTargets, protectInputs, writeOutputs } from "../write-output.ts";

interface IsosurfaceCommandOptions {
  readonly dims?: string;
  readonly iso: string;
  readonly spacing: string;
  readonly yDown?: boolean;
  readonly closed?: boolean;
  readonly largest?: boolean;
  readonly smooth?: string;
  readonly decimate?: string;
  readonly output: string;
  readonly force?: boolean;
}

interface VoxelizeCommandOptions {
  readonly dims: string;
  readonly spacing: string;
  readonly output: string;
  readonly force?: boolean;
}

/** Voxels left free on each side of a mesh, so that its surface is closed within the volume. */
const MARGIN = 2;

/** Adds `headform volume isosurface | voxelize` to the program. */
export function addVolume(program: Command, terminal: Terminal): void {
  const volume = program
    .command("volume")
    .summary("surfaces of volumes, volumes of meshes")
    .description(
      "Volumes and meshes, one into the other. The array order is z, y, x; sizes are x,y,z.",
    );

  volume
    .command("isosurface")
    .summary("the surface of one value as a mesh")
    .argument("<file>", "volume: .npy of any real numbers, or .raw bytes with --dims")
    .option("--dims <x,y,z>", "sizes of a .raw volume")
    .option(
      "--iso <value>",
      "value on the surface; above it is inside",
      `${ISOSURFACE_DEFAULTS.isovalue}`,
    )
    .option("--spacing <x,y,z>", "from one sample to the next; 1,1,0.5 for VRN's volumes", "1,1,1")
    .option("--y-down", "the volume's y runs down as a picture's does: turn the mesh upright")
    .option("--closed", "close the surface at the volume's border")
    .option("--largest", "leave out all parts but the largest")
    .option("--smooth <voxels>", "blur the volume by a Gaussian of this standard deviation first")
    .option("--decimate <ratio>", "keep this part of the triangles, such as 0.25")
    .requiredOption("-o, --output <mesh>", `mesh file: ${FORMATS.join(", ")}`)
    .option("--force", "replace a file that exists")
    .action((file: string, options: IsosurfaceCommandOptions) =>
      writeIsosurface(file, options, terminal),
    );

  volume
    .command("voxelize")
    .summary("the volume that a mesh encloses")
    .description(
      "1 in each voxel inside of the mesh, 0 elsewhere, as bytes. The mesh is centered and made as\n" +
        "large as fits; y runs down and z towards the viewer, as in the volumes of VRN.",
    )
    .argument("<mesh>", "mesh: .ply, .obj, .glb or .stl")
    .option("--dims <x,y,z>", "sizes of the volume", "192,192,200")
    .option("--spacing <x,y,z>", "shape of a voxel: its sides' ratios", "1,1,0.5")
    .requiredOption("-o, --output <file>", "volume, .npy")
    .option("--force", "replace a file that exists")
    .action((file: string, options: VoxelizeCommandOptions) =>
      writeVoxels(file, options, terminal),
    );
}

async function writeIsosurface(
  file: string,
  options: IsosurfaceCommandOptions,
  { cwd, stdout, stderr }: Terminal,
): Promise<void> {
  // 1. Everything that can be wrong without reading the volume.
  const { output } = options;
  const format = formatOf(output);
  const dims = options.dims === undefined ? undefined : parseDims(options.dims);
  const spacing = parseSpacing(options.spacing);
  const isovalue = parseNumber(options.iso, "iso");
  const sigma = options.smooth === undefined ? 0 : parseNumber(options.smooth, "smooth", 0, 100);
  const ratio = options.decimate === undefined ? 1 : parseRatio(options.decimate);
  const path = resolve(cwd, output);
  const force = options.force === true;
  protectInputs([path], [resolve(cwd, file)]);
  await checkTargets([path], force);

  // 2. Volume, surface, mesh.
  const volume = await readVolumeFile(file, dims, cwd);
  checkRange(volume, isovalue, options.closed === true, file);
  let grid: VoxelGrid = { ...volume, spacing, origin: [0, 0, 0] };
  if (sigma > 0) grid = smoothVolume(grid, sigma);
  if (options.largest) grid = largestComponent(grid, isovalue);
  let mesh = isosurface(grid, { isovalue, closed: options.closed === true });
  if (mesh.indices.length === 0) {
    const remedy = sigma > 0 ? "Blur less, or choose another --iso" : "Add --closed";
    throw new Failure("failed", "no-surface", `${file} has no surface at ${isovalue}. ${remedy}.`);
  }
  if (ratio < 1) mesh = await decimate(mesh, ratio, { maxError: 1 });
  if (options.yDown) mesh = turnUpright(mesh, (grid.dims[1] - 1) * spacing[1]);

  // 3. GLB must have a unit; a volume has none.
  const placed: Mesh = format === "glb" ? { ...mesh, unit: "m" } : mesh;
  await writeOutputs(await encodeMesh(placed, format, path), force);
  const [vertices, triangles] = [mesh.positions.length / 3, mesh.indices.length / 3];
  stderr.write(`${basename(file)}: ${vertices} vertices, ${triangles} triangles\n`);
  stdout.write(`${output}\n`);
}

async function writeVoxels(
  file: string,
  options: VoxelizeCommandOptions,
  { cwd, stdout, stderr }: Terminal,
): Promise<void> {
  const { output } = options;
  if (extname(output).toLowerCase() !== ".npy") {
    throw new Failure("usage", "unknown-format", `-o ${output}: volumes are written as .npy.`);
  }
  const dims = parseDims(options.dims);
  const ratios = parseSpacing(options.spacing);
  if (dims.some((size) => size <= 2 * MARGIN)) {
    throw new Failure(
      "usage",
      "wrong-dims",
      `--dims ${options.dims}: each size must be above ${2 * MARGIN}.`,
    );
  }
  const path = resolve(cwd, output);
  const force = options.force === true;
  protectInputs([path], [resolve(cwd, file)]);
  await checkTargets([path], force);

  const mesh = await readMeshFile(file, cwd);
  const placed = placeInImage(mesh, dims, ratios, file);
  const { data } = voxelize(placed.mesh, { dims, spacing: ratios, origin: [0, 0, 0] });
  const count = data.reduce((sum, value) => sum + value, 0);
  if (count === 0) {
    throw new Failure(
      "failed",
      "empty-volume",
      `${file} encloses nothing: its surface is open on all sides or thinner than a voxel.`,
    );
  }
  const shape = [dims[2], dims[1], dims[0]];
  const bytes = writeNpy({ kind: "ndarray", dtype: "uint8", shape, data });
  await writeOutputs([{ path, bytes }], force);
  const unit = mesh.unit === "none" ? "units" : mesh.unit;
  stderr.write(
    `${basename(file)}: ${count} of ${data.length} voxels inside, ` +
      `${placed.size.toPrecision(4)} ${unit} to a voxel\n`,
  );
  stdout.write(`${output}\n`);
}

/** The mesh in a picture's frame: centered, y down, as large as fits between the margins. */
function placeInImage(
  mesh: Mesh,
  dims: VoxelGrid["dims"],
  spacing: VoxelGrid["spacing"],
  file: string,
): { readonly mesh: Mesh; readonly size: number } {
  const { positions } = mesh;
  if (mesh.indices.length === 0) {
    throw new Failure("failed", "no-triangles", `${file} has no triangles to enclose anything.`);
  }
  const { min, max } = boundsOf(mesh);
  const rooms = dims.map((size, axis) => (size - 1 - 2 * MARGIN) * spacing[axis]!);
  const scale = Math.min(...rooms.map((room, axis) => room / (max[axis]! - min[axis]!)));
  if (!Number.isFinite(scale)) {
    throw new Failure("failed", "no-extent", `${file} has no finite extent to be made to fit.`);
  }
  const placed = positions.map((value, i) => {
    const axis = i % 3;
    const middle = ((dims[axis]! - 1) * spacing[axis]!) / 2;
    const offset = scale * (value - (min[axis]! + max[axis]!) / 2);
    return axis === 1 ? middle - offset : middle + offset;
  });
  // Seen from outside, a mirrored triangle runs the other way round.
  const inUnits = { positions: placed, indices: mesh.indices.slice().reverse(), unit: mesh.unit };
  return { mesh: inUnits, size: 1 / scale };
}

/** Mirrors y, and with it the triangles. */
function turnUpright(mesh: Mesh, height: number): Mesh {
  const { positions, normals, indices } = mesh;
  return {
    ...mesh,
    positions: positions.map((value, i) => (i % 3 === 1 ? height - value : value)),
    ...(normals && { normals: normals.map((value, i) => (i % 3 === 1 ? -value : value)) }),
    indices: indices.slice().reverse(),
  };
}

/** Refuses a value that no surface has, and samples that are no numbers. */
function checkRange({ data }: Volume, isovalue: number, closed: boolean, file: string): void {
  let low = Infinity;
  let high = -Infinity;
  for (let i = 0; i < data.length; i++) {
    const value = data[i]!;
    if (!Number.isFinite(value)) {
      throw new Failure("failed", "wrong-volume", `${file} has ${value} at element ${i}.`);
    }
    if (value < low) low = value;
    if (value > high) high = value;
  }
  // Where all is inside, only the border can close a surface.
  if (isovalue < high && (isovalue >= low || closed)) return;
  throw new Failure(
    "failed",
    "no-surface",
    `${file} has values from ${low} to ${high}: no surface at ${isovalue}. Choose --iso between.`,
  );
}

function parseRatio(text: string): number {
  const ratio = parseNumber(text, "decimate", 0, 1);
  if (ratio > 0) return ratio;
  throw new Failure("usage", "wrong-decimate", `--decimate must be above 0; got "${text}".`);
}

function formatOf(path: string): Format {
  const format = FORMATS.find((known) => extname(path).toLowerCase() === `.${known}`);
  if (format) return format;
  throw new Failure(
    "usage",
    "unknown-format",
    `-o ${path}: meshes are written as ${FORMATS.map((known) => `.${known}`).join(", ")}.`,
  );
}
