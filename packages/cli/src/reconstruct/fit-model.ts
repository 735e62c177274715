import type { Image } from "@headform/mesh";
import type { PcaModel, SkinnedModel } from "@headform/morphable-model";
import {
  createSurfaceFitter,
  type Face,
  isReconstructionError,
  type ReconstructModelOptions,
  reconstructModel,
  type SurfaceFitter,
} from "@headform/reconstruction";
import type { LoadedReconstructor } from "@headform/reconstruction/node";
import { Failure } from "../failure.ts";
import type { GivenFace } from "./given-face.ts";

/**
 * Prepares the model that the user's networks of uv and normals speak of.
 *
 * @throws {Failure} when no model is given, or one without texture coordinates
 */
export function modelFitter(
  model: PcaModel | SkinnedModel | undefined,
  file: string | undefined,
): SurfaceFitter {
  if (!model) {
    throw new Failure(
      "usage",
      "missing-model",
      "Networks of uv and normals speak of one head model, FLAME as a rule: give its file with --model.",
    );
  }
  if (!model.uvs) {
    throw new Failure(
      "failed",
      "model-without-uv",
      `--model ${file} (${model.name}) has no texture coordinates, by which --method pixel3dmm finds its vertices. ` +
        "Give the file that has them, FLAME's head_template.obj, with --with.",
    );
  }
  return createSurfaceFitter(model);
}

/**
 * The face in the fitter's model, fitted straight to what the user's networks say.
 *
 * @throws {Failure} when they see no such head there, or do not belong together
 */
export async function fitModel(
  reconstructor: LoadedReconstructor,
  photo: Image,
  face: Face,
  fitter: SurfaceFitter,
  priors: ReconstructModelOptions,
): Promise<GivenFace> {
  const { fit, ...found } = await reconstructModel(
    reconstructor,
    photo,
    face,
    fitter,
    priors,
  ).catch((cause: unknown) => {
    if (!isReconstructionError(cause)) throw cause;
    const kind = cause.code === "no-face" ? "noFace" : "failed";
    const message = `no ${fitter.model.name} could be fitted to what the networks say (${cause.message}).`;
    throw new Failure(kind, cause.code, message, { cause });
  });
  const { status, iterations, energy, vertices } = fit;
  return {
    ...face,
    ...found,
    fit: { ...face.fit, status, iterations, cost: energy, points: vertices },
    original: face,
  };
}
