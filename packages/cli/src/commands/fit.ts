import { basename, resolve } from "node:path";
import { isCameraError } from "@headform/camera";
import { applyMorphTargets, type Mesh, transformMesh } from "@headform/mesh";
import {
  type FittedPose,
  fitLandmarks2d,
  fitScan,
  isMorphableModelError,
  type PcaModel,
  readHead,
  type SkinnedModel,
  toMesh,
} from "@headform/morphable-model";
import { loadHead } from "@headform/open-head/node";
import { type Command, Option } from "commander";
import { encodeMesh } from "../encode-mesh.ts";
import { Failure } from "../failure.ts";
import { parseImageSize, parsePoints, parseVertexMap } from "../parse-fit-options.ts";
import { FORMATS, planOutputs } from "../plan-outputs.ts";
import { readBytes } from "../read-bytes.ts";
import { readMeshFile } from "../read-mesh-file.ts";
import { readModelFiles } from "../read-model-files.ts";
import type { Terminal } from "../terminal.ts";
import { checkTargets, protectInputs, writeOutputs } from "../write-output.ts";

interface FitOptions {
  readonly model?: string;
  readonly with: readonly string[];
  readonly output?: string;
  readonly json?: boolean;
  readonly force?: boolean;
}

interface FitLandmarksOptions extends FitOptions {
  readonly image: string;
  readonly map?: string;
}

interface FitScanCommandOptions extends FitOptions {
  readonly landmarks?: string;
}

/** Adds `headform fit landmarks | scan` to the program. */
export function addFit(program: Command, terminal: Terminal): void {
  const fit = program
    .command("fit")
    .summary("fit a head model to landmarks or to a scan")
    .description("Fit a head model, the open head or your own, to landmarks or to a scan.");
  const common = (command: Command): Command =>
    command
      .option("--model <file>", "head model instead of the open head, of any known kind")
      .addOption(
        new Option(
          "--with <files...>",
          "files that belong to the model: masks, landmarks …",
        ).default([], "none"),
      )
      .option("-o, --output <mesh>", `mesh file: ${FORMATS.join(", ")} (default: here, .glb)`)
      .option("--json", "print one JSON document (and write a mesh only with -o)")
      .option("--force", "replace files that exist");

  common(fit.command("landmarks").summary("camera and head of 2D landmarks"))
    .argument("<file>", "landmarks in pixels: ibug .pts, or JSON [[x, y], …]")
    .requiredOption("--image <WxH>", "size of the image they are in, such as 640x480")
    .option("--map <json>", "JSON list: the model's vertex for each landmark, null for none")
    .action(async (file: string, options: FitLandmarksOptions) => {
      const imageSize = parseImageSize(options.image);
      const landmarks = parsePoints(await readText(file, terminal.cwd), file, 2);
      const vertices =
        options.map === undefined
          ? undefined
          : parseVertexMap(await readText(options.map, terminal.cwd), options.map);
      await run(file, options, terminal, async (model) => {
        const found = fitLandmarks2d(model, landmarks, {
          imageSize,
          ...(vertices && { vertices }),
        });
        const { focalLength, principalPoint, rotation, translation } = found.camera;
        const camera = {
          kind: "perspective",
          focalLength,
          principalPoint: [...principalPoint],
          rotation: [...rotation],
          translation: [...translation],
        };
        return { found, place: { camera }, mesh: toMesh(model, found), unit: "pixels" };
      });
    });

  common(fit.command("scan").summary("head of a scan, whole or in part"))
    .argument("<mesh>", "scan: .ply, .obj, .glb or .stl")
    .option("--landmarks <json>", "JSON list [[x, y, z], …]: the model's landmarks on the scan")
    .action(async (file: string, options: FitScanCommandOptions) => {
      const scan = await readMeshFile(file, terminal.cwd);
      const landmarks =
        options.landmarks === undefined
          ? undefined
          : parsePoints(await readText(options.landmarks, terminal.cwd), options.landmarks, 3);
      await run(file, options, terminal, async (model) => {
        const found = fitScan(model, scan, landmarks ? { landmarks } : {});
        const { scale, rotation, translation } = found.similarity;
        const similarity = { scale, rotation: [...rotation], translation: [...translation] };
        const mesh = transformMesh(toMesh(model, found), found.similarity);
        return {
          found,
          place: { similarity, inliers: found.inliers },
          mesh: { ...mesh, unit: scan.unit },
          unit: scan.unit === "none" ? "units of the scan" : scan.unit,
        };
      });
    });
}

interface Outcome {
  readonly found: FittedPose & {
    readonly residual: number;
    readonly iterations: number;
    readonly status: string;
  };
  /** Camera or similarity, for the report. */
  readonly place: object;
  readonly mesh: Mesh;
  readonly unit: string;
}

/** Plans, reads the model, fits, writes, reports: what both commands share. */
async function run(
  file: string,
  options: FitOptions,
  terminal: Terminal,
  fit: (model: PcaModel | SkinnedModel) => Promise<Outcome>,
): Promise<void> {
  const { cwd, stdout, stderr } = terminal;
  const [plan] = planOutputs([file], options, cwd);
  const path = plan?.meshPath?.(0);
  const force = options.force === true;
  const targets = path === undefined ? [] : [path];
  protectInputs(targets, [resolve(cwd, file)]);
  await checkTargets(targets, force);
  const model =
    options.model === undefined
      ? readHead((await loadHead()).head)
      : await readModelFiles(options.model, options.with, terminal);
  const { found, place, mesh, unit } = await fit(model).catch((cause: unknown) => {
    throw asFailure(cause, file);
  });
  if (path !== undefined && plan) {
    // Unitless scans become meters where a format must have a unit.
    const known: Mesh =
      mesh.unit === "none" && plan.format === "glb" ? { ...mesh, unit: "m" } : mesh;
    const posed = plan.format === "glb" ? known : applyMorphTargets(known);
    await writeOutputs(await encodeMesh(posed, plan.format, path), force);
  }
  const written = targets.map((target) =>
    target.startsWith(`${cwd}/`) ? target.slice(cwd.length + 1) : target,
  );
  if (options.json) {
    const { shape, expression, pose, eyelids, residual, iterations, status } = found;
    const report = {
      version: 1,
      model: model.name,
      ...place,
      shape: [...shape],
      expression: Object.fromEntries(model.expressionNames.map((name, k) => [name, expression[k]])),
      ...(pose && { pose: [...pose] }),
      ...(eyelids && { eyelids: [...eyelids] }),
      fit: { residual, unit, iterations, status },
      outputs: written,
    };
    stdout.write(`${JSON.stringify(report, null, 2)}\n`);
    return;
  }
  stderr.write(
    `${basename(file)}: ${found.status} after ${found.iterations} steps, ` +
      `${found.residual.toPrecision(3)} ${unit} left\n`,
  );
  for (const name of written) stdout.write(`${name}\n`);
}

/** What the data are to blame for, said as such; anything else is a defect and goes through. */
function asFailure(cause: unknown, file: string): unknown {
  const known = isMorphableModelError(cause) || isCameraError(cause);
  // The number of landmarks is the only argument here that comes from files.
  const count =
    cause instanceof RangeError && /expected \d+ landmarks|expected vertices/.test(cause.message);
  if (!known && !count) return cause;
  const message = (cause as Error).message;
  return new Failure("failed", "no-fit", `${file} cannot be fitted: ${message}.`, { cause });
}

async function readText(file: string, cwd: string): Promise<string> {
  return new TextDecoder().decode(await readBytes(file, cwd));
}
