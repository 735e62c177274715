import { readFile } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { BACKEND_PREFERENCES, DEFAULT_BACKEND_PREFERENCE } from "@headform/inference/node";
import type { Correspondence } from "@headform/morphable-model";
import { DEFAULT_DETAIL, DETAILS } from "@headform/open-head";
import {
  DEFAULT_METHOD,
  isReconstructionError,
  METHODS,
  reconstructPhoto,
  type SurfaceFitter,
  VOLUME_SURFACES,
} from "@headform/reconstruction";
import type { LoadedReconstructor } from "@headform/reconstruction/node";
import { type Command, Option } from "commander";
import { EXIT_CODES, Failure, isFailure } from "../failure.ts";
import { loadReconstructor, VARIANTS } from "../load-reconstructor.ts";
import { checkBoxInside, parseLandmarks } from "../parse-options.ts";
import { DEFAULT_FORMAT, FORMATS, type OutputPlan, planOutputs } from "../plan-outputs.ts";
import { createProgress, type Progress } from "../progress.ts";
import { readModelFiles } from "../read-model-files.ts";
import { readPhoto } from "../read-photo.ts";
import { checkWords, type ReconstructOptions } from "../reconstruct/check-words.ts";
import { fitModel, modelFitter } from "../reconstruct/fit-model.ts";
import { type GivenFace, inModel, loadDetail, matchModel } from "../reconstruct/given-face.ts";
import { readPriors } from "../reconstruct/read-priors.ts";
import { writeFaces } from "../reconstruct/write-faces.ts";
import { describeFace, type ImageReport, REPORT_VERSION, type Report } from "../report.ts";
import type { Terminal } from "../terminal.ts";
import { checkTargets, protectInputs } from "../write-output.ts";

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
      new Option(
        "--method <name>",
        "how: by dense maps, by uv and normals (writes the neutral head and the camera as well), or by a volume",
      )
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
      "shape coefficients that --method pixel3dmm keeps near: JSON, a --json report or .npy (MICA's too)",
    )
    .option(
      "--mask <png>",
      "picture of the photo's size: --method pixel3dmm looks where it is light",
    )
    .option(
      "--network <file>",
      "network of the method, ONNX (or its address) with its .json manifest beside it; may be repeated:\n" +
        "with --method pixel3dmm also uv and normals of the model of --model, who it is, what pixels show",
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
  // 1. Everything that can be wrong before the networks are loaded.
  const box = checkWords(images, options);
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
  let fitter: SurfaceFitter | undefined;
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
        const { surfaces, ...open } = reconstructor;
        if (surfaces) fitter ??= modelFitter(target, options.model);
        else correspondence ??= target && (await matchModel(open.head, target, terminal));
        const model = fitter?.model ?? correspondence?.to ?? open.head;
        const priors = await readPriors(
          options,
          fitter?.model ?? open.head,
          photo.image,
          terminal.cwd,
        );
        const { identity: _, ...mask } = priors;
        const found = await reconstructPhoto(open, photo.image, {
          method: options.method,
          // An identity of the fitter's model is none of the open head.
          pixel3dmm: fitter ? mask : priors,
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
        const faces: GivenFace[] = [];
        for (const face of found) {
          faces.push(
            fitter
              ? await fitModel(reconstructor, photo.image, face, fitter, priors)
              : inModel(face, correspondence, detail),
          );
        }
        if (faces.length === 0) throw noFace(image, given);
        const outputs = await writeFaces(
          faces,
          model,
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
