import { readFile } from "node:fs/promises";
import { basename, resolve } from "node:path";
import {
  BACKEND_PREFERENCES,
  type BackendPreference,
  DEFAULT_BACKEND_PREFERENCE,
} from "@headform/inference/node";
import type { Image } from "@headform/mesh";
import {
  type Correspondence,
  detailMesh,
  type HeadDetail,
  type PcaModel,
  readDetail,
  type SkinnedModel,
} from "@headform/morphable-model";
import { DEFAULT_DETAIL, DETAILS, type Detail } from "@headform/open-head";
import { loadHead } from "@headform/open-head/node";
import {
  DEFAULT_METHOD,
  type Face,
  isReconstructionError,
  METHODS,
  type Method,
  type ReconstructPixel3dmmOptions,
  reconstructPhoto,
  type TransferredFace,
  transferFace,
  VOLUME_SURFACES,
  type VolumeSurface,
} from "@headform/reconstruction";
import type { LoadedReconstructor } from "@headform/reconstruction/node";
import { type Command, Option } from "commander";
import { encodeFace, encodeMesh, encodeSurface } from "../encode-mesh.ts";
import { EXIT_CODES, Failure, isFailure } from "../failure.ts";
import { loadCorrespondence } from "../load-correspondence.ts";
import { loadReconstructor, VARIANTS, type Variant } from "../load-reconstructor.ts";
import { checkBoxInside, parseBox, parseLandmarks } from "../parse-options.ts";
import {
  DEFAULT_FORMAT,
  FORMATS,
  type Format,
  type OutputPlan,
  planOutputs,
} from "../plan-outputs.ts";
import { createProgress, type Progress } from "../progress.ts";
import { readIdentity } from "../read-identity.ts";
import { readModelFiles } from "../read-model-files.ts";
import { readPhoto } from "../read-photo.ts";
import { renderSheet } from "../render-sheet.ts";
import { describeFace, type ImageReport, REPORT_VERSION, type Report } from "../report.ts";
import type { Terminal } from "../terminal.ts";
import { checkTargets, type OutputFile, protectInputs, writeOutputs } from "../write-output.ts";

export interface ReconstructOptions {
  readonly output?: string;
  readonly format?: Format;
  readonly box?: string;
  readonly landmarks?: string;
  readonly detector?: string;
  readonly model?: string;
  readonly with: readonly string[];
  readonly detail?: Detail;
  readonly network: readonly string[];
  readonly method: Method;
  readonly variant?: Variant;
  readonly surface?: VolumeSurface;
  readonly identity?: string;
  readonly mask?: string;
  readonly render?: string;
  readonly json?: boolean;
  readonly backend: BackendPreference;
  readonly force?: boolean;
  readonly quiet?: boolean;
}

/** Adds `headform reconstruct` to the program. */
export function addReconstruct(
  program: Command,
  terminal: Terminal,
  setExitCode: (code: number) => void,
): void {
  program
    .command("reconstruct")
    .summary("make a textured 3D head of every face in photos")
    .description(
      "Make a textured 3D head of every face in the photos.\n\n" +
        "Paths of the files written are printed, one a line; --json prints a report instead\n" +
        "(and writes meshes only where -o or --format asks for them).",
    )
    .argument("<image...>", "photos: JPEG, PNG, WebP, AVIF, TIFF or GIF")
    .option(
      "-o, --output <file|dir>",
      "mesh file, or a folder for <photo>.<format> (default: here)",
    )
    .addOption(
      new Option(
        "--format <format>",
        `mesh format (default: from -o, else ${DEFAULT_FORMAT})`,
      ).choices(FORMATS),
    )
    .option("--box <x,y,w,h>", "where the face is, in pixels, instead of detection")
    .option(
      "--landmarks <file>",
      "68 landmarks (JSON or .pts) that say where the face is, and guide a guided network",
    )
    .option(
      "--detector <file>",
      "face detector, ONNX (or its address): headform's with its .json, or YuNet",
    )
    .option(
      "--model <file>",
      "give results in this head model (FLAME, Basel, Surrey …; file, folder or address) instead of the open head",
    )
    .addOption(
      new Option("--with <files...>", "files that belong to the model: masks, landmarks …").default(
        [],
        "none",
      ),
    )
    .addOption(
      new Option(
        "--detail <level>",
        `vertices of the open head: about 1,000, 6,000 or 15,000 (default: ${DEFAULT_DETAIL})`,
      ).choices(DETAILS),
    )
    .addOption(
      new Option("--method <name>", "how: by dense maps, by uv and normals, or by a volume")
        .choices(METHODS)
        .default(DEFAULT_METHOD),
    )
    .addOption(
      new Option("--variant <name>", "volume network of --method vrn (default: plain)").choices(
        VARIANTS,
      ),
    )
    .addOption(
      new Option(
        "--surface <name>",
        "write the volume's own surface as well, cut so: softly, or as one of VRN's programs",
      ).choices(VOLUME_SURFACES),
    )
    .option(
      "--identity <file>",
      "shape coefficients that --method pixel3dmm keeps near: JSON, a --json report or .npy",
    )
    .option(
      "--mask <png>",
      "picture of the photo's size: --method pixel3dmm looks where it is light",
    )
    .option(
      "--network <file>",
      "network of the method, ONNX (or its address) with its .json manifest beside it; may be repeated",
      (file: string, files: readonly string[]) => [...files, file],
      [],
    )
    .option(
      "--render <png>",
      "picture to judge by: photo, PNCC, mesh over photo, head from three sides",
    )
    .option("--json", "print one JSON document with box, landmarks, camera, coefficients")
    .addOption(
      new Option("--backend <name>", "what runs the networks")
        .choices(BACKEND_PREFERENCES)
        .default(DEFAULT_BACKEND_PREFERENCE),
    )
    .option("--force", "replace files that exist")
    .option("-q, --quiet", "print no progress and no messages")
    .addHelpText(
      "after",
      `
Exit codes: 0 done, 1 failed, 2 wrong usage, 3 no face found.

Examples:
  headform reconstruct me.jpg                      writes me.glb here
  headform reconstruct me.jpg -o head.obj --render head.png
  headform reconstruct *.jpg -o heads/ --json > report.json`,
    )
    .action(async (images: string[], options: ReconstructOptions) => {
      setExitCode(await reconstruct(images, options, terminal));
    });
}

/** One photo after another, so that a bad one does not cost the others. */
async function reconstruct(
  images: readonly string[],
  options: ReconstructOptions,
  terminal: Terminal,
): Promise<number> {
  // 1. Everything that can be wrong with the words, before anything is read.
  const box = options.box === undefined ? undefined : parseBox(options.box);
  if (box && options.landmarks) {
    throw new Failure("usage", "box-and-landmarks", "Give --box or --landmarks, not both.");
  }
  if ((box || options.landmarks) && images.length > 1) {
    throw new Failure(
      "usage",
      "box-many-photos",
      `${box ? "--box" : "--landmarks"} belongs to one photo, but ${images.length} are given.`,
    );
  }
  for (const option of ["variant", "surface"] as const) {
    if (options[option] && options.method !== "vrn") {
      throw new Failure("usage", "wrong-method", `--${option} belongs to --method vrn.`);
    }
  }
  for (const option of ["identity", "mask"] as const) {
    if (options[option] !== undefined && options.method !== "pixel3dmm") {
      throw new Failure("usage", "wrong-method", `--${option} belongs to --method pixel3dmm.`);
    }
  }
  if (options.mask !== undefined && images.length > 1) {
    const message = `--mask belongs to one photo, but ${images.length} are given.`;
    throw new Failure("usage", "mask-many-photos", message);
  }
  if (options.detail && options.model !== undefined) {
    const message = "--detail belongs to the open head, not to --model.";
    throw new Failure("usage", "detail-and-model", message);
  }
  const plans = planOutputs(images, options, terminal.cwd);
  const inputs = images.map((image) => resolve(terminal.cwd, image));
  const first = plans
    .flatMap((plan) => [plan.meshPath?.(0), plan.renderPath?.(0)])
    .filter((path) => path !== undefined);
  protectInputs(first, inputs);
  await checkTargets(first, options.force === true);
  const landmarks =
    options.landmarks === undefined
      ? undefined
      : await readLandmarks(options.landmarks, terminal.cwd);

  const given = box !== undefined || landmarks !== undefined;

  const target =
    options.model === undefined
      ? undefined
      : await readModelFiles(options.model, options.with, terminal);

  // 2. The networks, once and only when a photo could be read.
  const progress = createProgress(terminal, options.quiet === true);
  const reports: ImageReport[] = [];
  const failures: Failure[] = [];
  let reconstructor: LoadedReconstructor | undefined;
  let correspondence: Correspondence | undefined;
  const detail = await loadDetail(options.detail);
  try {
    // 3. Each photo.
    for (const [i, image] of images.entries()) {
      try {
        const path = resolve(terminal.cwd, image);
        const photo = await readPhoto(path, image);
        for (const note of photo.notes) progress.message(`note: ${note}`);
        const { width, height } = photo.image;
        if (box) checkBoxInside(box, image, width, height);
        progress.stage("loading the networks", i, images.length);
        reconstructor ??= await load(options, terminal, progress);
        const started = performance.now();
        correspondence ??= target && (await matchModel(reconstructor.head, target, terminal));
        const model = correspondence?.to ?? reconstructor.head;
        const found = await reconstructPhoto(reconstructor, photo.image, {
          method: options.method,
          pixel3dmm: await priorsOf(options, reconstructor.head, photo.image, terminal.cwd),
          ...(options.surface && { vrn: { surface: options.surface } }),
          ...(box ? { boxes: [box] } : {}),
          ...(landmarks ? { landmarks: [landmarks] } : {}),
          onProgress: (done, faces) =>
            progress.stage(`${image}: face ${done} of ${faces}`, i + done / faces, images.length),
        }).catch((error: unknown) => {
          if (isReconstructionError(error) && error.code === "no-face") {
            throw noFace(image, given);
          }
          throw error;
        });
        const faces = found.map((face) => inModel(face, correspondence, detail));
        if (faces.length === 0) throw noFace(image, given);
        const outputs = await writeFaces(
          faces,
          photo.image,
          plans[i] as OutputPlan,
          inputs,
          options,
          terminal,
        );
        const took = Math.round(performance.now() - started);
        progress.message(
          `${image}: ${faces.length} face${faces.length > 1 ? "s" : ""} in ${took} ms on ${reconstructor.backend}`,
        );
        reports.push({
          file: image,
          width,
          height,
          faces: faces.map((face, f) => describeFace(face, model, outputs[f] ?? [])),
        });
        if (!options.json) for (const file of outputs.flat()) terminal.stdout.write(`${file}\n`);
      } catch (error) {
        if (!isFailure(error) || error.kind === "usage") throw error;
        progress.end();
        failures.push(error);
        reports.push(failedReport(image, error));
        terminal.stderr.write(`error: ${error.message}\n`);
      }
    }
  } finally {
    progress.end();
    await reconstructor?.release();
  }

  // 4. One document, also when some photos failed.
  if (options.json) {
    const report: Report = { version: REPORT_VERSION, images: reports };
    terminal.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
  }
  if (failures.some(({ kind }) => kind === "failed")) return EXIT_CODES.failed;
  return failures.length > 0 ? EXIT_CODES.noFace : EXIT_CODES.done;
}

/** A face as the network's head has it, and as it is given out. */
interface GivenFace extends Face, Pick<TransferredFace, "pose" | "eyelids"> {
  readonly original: Face;
}

function inModel(
  face: Face,
  correspondence: Correspondence | undefined,
  detail: HeadDetail | undefined,
): GivenFace {
  const given = { ...face, ...(correspondence && transferFace(face, correspondence)) };
  return { ...given, ...(detail && { mesh: detailMesh(face.mesh, detail) }), original: face };
}

/** How another level of detail is mixed from the open head; undefined for its own. */
async function loadDetail(level: Detail | undefined): Promise<HeadDetail | undefined> {
  const { detail } = level ? await loadHead({ detail: level }) : {};
  return detail && readDetail(detail);
}

/** Undefined for the open head itself, which needs no map. */
async function matchModel(
  head: PcaModel,
  target: PcaModel | SkinnedModel,
  terminal: Terminal,
): Promise<Correspondence | undefined> {
  const same =
    target.kind === "pca" &&
    target.mean.length === head.mean.length &&
    target.shapeBasis.length === head.shapeBasis.length &&
    target.expressionBasis.length === head.expressionBasis.length &&
    target.mean.every((value, i) => value === head.mean[i]);
  return same ? undefined : loadCorrespondence(head, target, terminal.env);
}

async function load(
  options: ReconstructOptions,
  terminal: Terminal,
  progress: Progress,
): Promise<LoadedReconstructor> {
  const reconstructor = await loadReconstructor(options, terminal);
  for (const { name, ok, reason } of reconstructor.tried) {
    if (!ok) progress.message(`note: backend ${name} passed over: ${reason}`);
  }
  return reconstructor;
}

/** What the caller knows of the face, for --method pixel3dmm. */
async function priorsOf(
  { identity, mask }: ReconstructOptions,
  head: PcaModel,
  photo: Image,
  cwd: string,
): Promise<NonNullable<ReconstructPixel3dmmOptions["pixel3dmm"]>> {
  const shapes = head.shapeStandardDeviations.length;
  const image = mask === undefined ? undefined : (await readPhoto(resolve(cwd, mask), mask)).image;
  if (image && (image.width !== photo.width || image.height !== photo.height)) {
    throw new Failure(
      "failed",
      "wrong-mask",
      `--mask ${mask} has ${image.width}×${image.height} pixels, the photo ${photo.width}×${photo.height}. Both must be of one size.`,
    );
  }
  return {
    ...(identity !== undefined && { identity: await readIdentity(resolve(cwd, identity), shapes) }),
    ...(image && { mask: image }),
  };
}

async function writeFaces(
  faces: readonly GivenFace[],
  photo: Parameters<typeof renderSheet>[1],
  plan: OutputPlan,
  inputs: readonly string[],
  options: ReconstructOptions,
  terminal: Terminal,
): Promise<string[][]> {
  const written: string[][] = [];
  for (const [index, face] of faces.entries()) {
    const files: OutputFile[] = [];
    const meshPath = plan.meshPath?.(index);
    if (meshPath) files.push(...(await encodeFace(face, plan.format, meshPath)));
    if (meshPath && face.method === "pixel3dmm") {
      files.push(...(await besidePosed(face, plan.format, meshPath)));
    }
    if (meshPath && options.surface) {
      const path = meshPath.replace(/(\.[^.]+)$/, "-surface$1");
      files.push(...(await encodeSurface(face.original, plan.format, path)));
    }
    const renderPath = plan.renderPath?.(index);
    if (renderPath)
      files.push({ path: renderPath, bytes: await renderSheet(face.original, photo, face) });
    const targets = files.map(({ path }) => path);
    protectInputs(targets, inputs);
    await checkTargets(targets, options.force === true);
    await writeOutputs(files, options.force === true);
    written.push(files.map(({ path }) => relativeTo(terminal.cwd, path)));
  }
  return written;
}

/** Pixel3DMM gives the posed and the neutral head, with the camera; a GLB holds both heads already. */
async function besidePosed(face: Face, format: Format, path: string): Promise<OutputFile[]> {
  const stem = path.replace(/\.[^.]+$/, "");
  const { kind, focalLength, principalPoint, rotation, translation } = face.camera;
  const lists = { principalPoint, rotation, translation };
  const camera = {
    kind,
    focalLength,
    ...Object.fromEntries(Object.entries(lists).map(([name, list]) => [name, Array.from(list)])),
  };
  const bytes = Buffer.from(`${JSON.stringify(camera, null, 2)}\n`);
  const { morphTargets: _, ...neutral } = face.mesh;
  const mesh =
    format === "glb" ? [] : await encodeMesh(neutral, format, `${stem}-neutral.${format}`);
  return [...mesh, { path: `${stem}-camera.json`, bytes }];
}

async function readLandmarks(file: string, cwd: string): Promise<Float64Array> {
  const text = await readFile(resolve(cwd, file), "utf8").catch((cause: unknown) => {
    throw new Failure(
      "failed",
      "unreadable-file",
      `--landmarks ${file} could not be read. Check the path.`,
      {
        cause,
      },
    );
  });
  return parseLandmarks(text, basename(file));
}

function noFace(image: string, given: boolean): Failure {
  return new Failure(
    "noFace",
    "no-face",
    given
      ? `no face could be measured at the given place in ${image}. Give a box that holds one whole face, brows to chin.`
      : `no face found in ${image}. Say where it is with --box x,y,w,h, or give a photo in which it is larger.`,
  );
}

function failedReport(file: string, error: Failure): ImageReport {
  return {
    file,
    width: 0,
    height: 0,
    faces: [],
    error: { code: error.code, message: error.message },
  };
}

function relativeTo(cwd: string, path: string): string {
  return path.startsWith(`${cwd}/`) ? path.slice(cwd.length + 1) : path;
}
