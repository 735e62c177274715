import { computeNormals, type Mesh } from "@headform/mesh";
import { evaluate, type PcaModel, type SkinnedModel } from "@headform/morphable-model";
import { encodeFace, encodeMesh, encodeSurface } from "../encode-mesh.ts";
import type { Format, OutputPlan } from "../plan-outputs.ts";
import { renderSheet } from "../render-sheet.ts";
import type { Terminal } from "../terminal.ts";
import { checkTargets, type OutputFile, protectInputs, writeOutputs } from "../write-output.ts";
import type { ReconstructOptions } from "./check-words.ts";
import type { GivenFace } from "./given-face.ts";

/** Writes what was asked for of each face; the paths, relative to where the user is. */
export async function writeFaces(
  faces: readonly GivenFace[],
  model: PcaModel | SkinnedModel,
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
      files.push(...(await besidePosed(face, model, plan.format, meshPath)));
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

/**
 * Pixel3DMM gives the posed and the neutral head, with the camera. A GLB holds both heads already, but
 * where a joint is turned it is posed.
 */
async function besidePosed(
  face: GivenFace,
  model: PcaModel | SkinnedModel,
  format: Format,
  path: string,
): Promise<OutputFile[]> {
  const stem = path.replace(/\.[^.]+$/, "");
  const { kind, focalLength, principalPoint, rotation, translation } = face.camera;
  const lists = { principalPoint, rotation, translation };
  const camera = {
    kind,
    focalLength,
    ...Object.fromEntries(Object.entries(lists).map(([name, list]) => [name, Array.from(list)])),
  };
  const bytes = Buffer.from(`${JSON.stringify(camera, null, 2)}\n`);
  const posed = face.pose?.some((angle) => angle !== 0) === true;
  const files: OutputFile[] = [{ path: `${stem}-camera.json`, bytes }];
  if (format === "glb" && !posed) return files;
  const neutral = posed ? neutralOf(face, model) : withoutTargets(face.mesh);
  return [...(await encodeMesh(neutral, format, `${stem}-neutral.${format}`)), ...files];
}

function withoutTargets({ morphTargets: _, ...mesh }: Mesh): Mesh {
  return mesh;
}

function neutralOf({ mesh, shape }: GivenFace, model: PcaModel | SkinnedModel): Mesh {
  const neutral = { ...withoutTargets(mesh), positions: evaluate(model, { shape }) };
  return { ...neutral, normals: computeNormals(neutral) };
}

function relativeTo(cwd: string, path: string): string {
  return path.startsWith(`${cwd}/`) ? path.slice(cwd.length + 1) : path;
}
