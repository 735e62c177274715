import { extname, resolve } from "node:path";
import { applyMorphTargets, type Image, type Mesh } from "@headform/mesh";
import {
  evaluateAlbedo,
  evaluateColors,
  type PcaModel,
  type SkinnedCoefficients,
  type SkinnedModel,
  toMesh,
} from "@headform/morphable-model";
import { writeModel } from "@headform/morphable-model/io";
import { type Command, Option } from "commander";
import { drawAlbedo } from "../draw-albedo.ts";
import { encodeMesh } from "../encode-mesh.ts";
import { Failure } from "../failure.ts";
import { parseCoefficients, type SampleOptions } from "../parse-coefficients.ts";
import { FORMATS, type Format } from "../plan-outputs.ts";
import { readModelFiles } from "../read-model-files.ts";
import { renderModel } from "../render-model.ts";
import type { Terminal } from "../terminal.ts";
import { checkTargets, type OutputFile, protectInputs, writeOutputs } from "../write-output.ts";

interface ModelOptions extends SampleOptions {
  readonly with: readonly string[];
  readonly output?: string;
  readonly json?: boolean;
  readonly force?: boolean;
}

/** Adds `headform model info | sample | convert | render` to the program. */
export function addModel(program: Command, terminal: Terminal): void {
  const model = program
    .command("model")
    .summary("look into, sample, convert and draw head models")
    .description(
      "Head models of every known kind: FLAME, Basel, 3DDFA, Deep3D, Surrey (eos), ICT-FaceKit,\n" +
        "GLB with morph targets, headform's own. FILE may be a folder.",
    );
  const common = (command: Command): Command =>
    command
      .argument("<file>", "model file, or the folder of its files")
      .addOption(
        new Option(
          "--with <files...>",
          "files that belong to it: masks, landmarks, blendshapes …",
        ).default([], "none"),
      );
  const sampled = (command: Command): Command =>
    command
      .option("--shape <numbers>", "shape coefficients 1,0,-0.5, in standard deviations")
      .option("--expression <numbers>", "expression coefficients")
      .option("--pose <joints>", "axis-angles in radians: 'neck=x,y,z;jaw=x,y,z'")
      .option("--seed <number>", "draw a random shape, and of the open head skin and eyes")
      .option("--force", "replace a file that exists");

  common(model.command("info").summary("what a model is"))
    .option("--json", "print it as JSON")
    .action(async (file: string, options: ModelOptions) => {
      const info = describeModel(await readModelFiles(file, options.with, terminal));
      if (options.json) terminal.stdout.write(`${JSON.stringify(info, null, 2)}\n`);
      else for (const [key, value] of Object.entries(info)) terminal.stdout.write(line(key, value));
    });

  sampled(common(model.command("sample").summary("write one head of it")))
    .requiredOption("-o, --output <mesh>", `mesh file: ${FORMATS.join(", ")}`)
    .action(async (file: string, options: ModelOptions) => {
      const format = formatOf(options.output as string);
      await write(options, file, terminal, async (path, head, coefficients) =>
        encodeMesh(pose(head, coefficients, options), format, path),
      );
    });

  common(model.command("convert").summary("write it in headform's own format"))
    .requiredOption("-o, --output <file>", "file, .safetensors")
    .option("--force", "replace a file that exists")
    .action(async (file: string, options: ModelOptions) => {
      if (extname(options.output as string) !== ".safetensors") {
        throw new Failure(
          "usage",
          "unknown-format",
          `-o ${options.output}: models are written as .safetensors.`,
        );
      }
      await write(options, file, terminal, async (path, head) => [
        { path, bytes: writeModel(head) },
      ]);
    });

  sampled(common(model.command("render").summary("draw it from three sides")))
    .requiredOption("-o, --output <png>", "picture, .png")
    .action(async (file: string, options: ModelOptions) => {
      if (extname(options.output as string) !== ".png") {
        throw new Failure(
          "usage",
          "render-format",
          `-o ${options.output}: a picture is written as .png.`,
        );
      }
      await write(options, file, terminal, async (path, head, coefficients) => [
        { path, bytes: await renderModel(pose(head, coefficients, options)) },
      ]);
    });
}

/** Reads, checks, makes, writes: what the three commands that write a file share. */
async function write(
  options: ModelOptions,
  file: string,
  terminal: Terminal,
  make: (
    path: string,
    model: PcaModel | SkinnedModel,
    coefficients: SkinnedCoefficients,
  ) => Promise<OutputFile[]>,
): Promise<void> {
  const { cwd, stdout } = terminal;
  const output = options.output as string;
  const path = resolve(cwd, output);
  const force = options.force === true;
  protectInputs(
    [path],
    [file, ...options.with].map((input) => resolve(cwd, input)),
  );
  await checkTargets([path], force);
  const model = await readModelFiles(file, options.with, terminal);
  const files = await make(path, model, parseCoefficients(options, model));
  await writeOutputs(files, force);
  stdout.write(`${output}\n`);
}

function pose(
  model: PcaModel | SkinnedModel,
  coefficients: SkinnedCoefficients,
  { seed }: ModelOptions,
): Mesh {
  const texture = model.kind === "pca" && model.uvs ? textureOf(model, seed) : undefined;
  const mesh = applyMorphTargets(toMesh(model, coefficients, texture && { texture }));
  return model.kind === "pca" && model.color ? { ...mesh, colors: evaluateColors(model) } : mesh;
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

function describeModel(model: PcaModel | SkinnedModel): Record<string, unknown> {
  const skinned = model.kind === "skinned";
  const vertices = (skinned ? model.template : model.mean).length / 3;
  return {
    name: model.name,
    version: model.version,
    kind: model.kind,
    vertices,
    triangles: model.indices.length / 3,
    textureVertices: (model.uvs?.length ?? 0) / 2,
    shape: model.shapeStandardDeviations.length,
    expression: model.expressionStandardDeviations.length,
    colors: skinned ? 0 : (model.color?.standardDeviations.length ?? 0),
    joints: skinned ? model.jointNames : [],
    unit: model.unit,
    landmarks: countLandmarks(model),
    licence: model.licence,
  };
}

function countLandmarks(model: PcaModel | SkinnedModel): number {
  if (model.kind === "pca") return model.landmarkTriangles.length;
  const { landmarks } = model;
  if (!landmarks) return 0;
  const contour = landmarks.dynamicContour ? landmarks.dynamicContour.triangles.length / 79 : 0;
  return landmarks.static.triangles.length + contour;
}

function line(key: string, value: unknown): string {
  const words = key.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  const text = Array.isArray(value) ? value.join(", ") || "none" : String(value);
  return `${words.padEnd(18)}${text || "not said"}\n`;
}

/** The model's own skin; a random one with a seed, where the model knows how skins differ. */
function textureOf(model: PcaModel, seed: string | undefined): Image | undefined {
  const { albedoModes } = model;
  if (!albedoModes || seed === undefined) return model.albedo;
  return evaluateAlbedo(model, drawAlbedo(albedoModes, Number(seed)));
}
