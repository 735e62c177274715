import { basename, extname, join, resolve } from "node:path";
import { Failure } from "./failure.ts";

export const FORMATS = ["glb", "obj", "ply", "stl"] as const;
export type Format = (typeof FORMATS)[number];
export const DEFAULT_FORMAT: Format = "glb";

/** Where the meshes and the picture of one photo go. */
export interface OutputPlan {
  readonly format: Format;
  /** Path of face `index` (0-based): `head.glb`, then `head-2.glb`, `head-3.glb`, … */
  readonly meshPath: ((index: number) => string) | undefined;
  readonly renderPath: ((index: number) => string) | undefined;
}

export interface OutputOptions {
  readonly output?: string | undefined;
  readonly format?: Format | undefined;
  readonly render?: string | undefined;
  readonly json?: boolean | undefined;
}

/**
 * Decides, before any work, which file each photo writes.
 *
 * Without `-o` a mesh goes to the working folder under the photo's name; with `--json` alone nothing
 * is written. `-o` names a file when it ends in a known format and one photo is given, else a folder.
 *
 * @throws {Failure} usage, when formats contradict or two photos would write the same file
 */
export function planOutputs(
  photos: readonly string[],
  options: OutputOptions,
  cwd: string,
): OutputPlan[] {
  const { output, render } = options;
  if (output === "" || render === "" || photos.includes("")) {
    throw new Failure("usage", "empty-name", "A file name is empty. Name each file.");
  }
  const named = output === undefined ? undefined : formatOf(output);
  const isFile = named !== undefined && !output?.endsWith("/");
  if (isFile && photos.length > 1) {
    throw new Failure(
      "usage",
      "one-output-many-photos",
      `-o ${output} names one file, but ${photos.length} photos are given. Name a folder instead.`,
    );
  }
  if (isFile && options.format && options.format !== named) {
    throw new Failure(
      "usage",
      "format-conflict",
      `-o ${output} and --format ${options.format} contradict each other. Drop one of them.`,
    );
  }
  if (output !== undefined && !isFile && /\.[a-z0-9]{2,4}$/i.test(output)) {
    throw new Failure(
      "usage",
      "unknown-format",
      `-o ${output}: meshes are written as ${FORMATS.map((f) => `.${f}`).join(", ")}; ` +
        `end a folder's name with /.`,
    );
  }
  if (render !== undefined && photos.length === 1 && !/\.png$/i.test(render)) {
    if (!render.endsWith("/")) {
      throw new Failure(
        "usage",
        "render-format",
        `--render ${render}: a picture is written as .png.`,
      );
    }
  }
  const format = isFile ? named : (options.format ?? DEFAULT_FORMAT);
  const writesMesh = output !== undefined || options.format !== undefined || !options.json;

  const plans = photos.map((photo): OutputPlan => {
    const stem = basename(photo, extname(photo)) || "head";
    const mesh = isFile
      ? resolve(cwd, output as string)
      : join(resolve(cwd, output ?? "."), `${stem}.${format}`);
    const picture =
      render === undefined
        ? undefined
        : /\.png$/i.test(render) && photos.length === 1
          ? resolve(cwd, render)
          : join(resolve(cwd, render.replace(/\.png$/i, "")), `${stem}.png`);
    return {
      format,
      meshPath: writesMesh ? (index) => numbered(mesh, index) : undefined,
      renderPath: picture === undefined ? undefined : (index) => numbered(picture, index),
    };
  });
  refuseCollisions(plans, photos);
  return plans;
}

function formatOf(path: string): Format | undefined {
  const extension = extname(path).slice(1).toLowerCase();
  return FORMATS.find((format) => format === extension);
}

function numbered(path: string, index: number): string {
  if (index === 0) return path;
  const extension = extname(path);
  return `${path.slice(0, path.length - extension.length)}-${index + 1}${extension}`;
}

function refuseCollisions(plans: readonly OutputPlan[], photos: readonly string[]): void {
  const owners = new Map<string, string>();
  plans.forEach((plan, i) => {
    const path = plan.meshPath?.(0) ?? plan.renderPath?.(0);
    if (path === undefined) return;
    const other = owners.get(path);
    if (other !== undefined) {
      throw new Failure(
        "usage",
        "same-name",
        `${other} and ${photos[i]} would both write ${path}. Run them one by one with different -o.`,
      );
    }
    owners.set(path, photos[i] as string);
  });
}
