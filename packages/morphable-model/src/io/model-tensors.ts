import type { SafetensorsTensor } from "@headform/formats/safetensors";
import type { PcaModel } from "../pca-model.ts";
import type { SkinnedModel } from "../skinned-model.ts";

/** What `format` says in the metadata of headform's own model files. */
export const OWN_FORMAT = "headform-model";

/** Arrays of vertices' own kind that a tensor shows as [K×V×3] or [V×3]. */
const BY_VERTEX = [
  ...["mean", "template", "color/mean"],
  ...["shapeBasis", "expressionBasis", "poseBasis", "eyelids", "color/basis"],
];

/** Every array of a model under its name, in the type that it has. */
export function arraysOf(
  model: PcaModel | SkinnedModel,
): Map<string, Float32Array | Uint32Array | Int32Array | Uint8Array> {
  const arrays = new Map<string, Float32Array | Uint32Array | Int32Array | Uint8Array>();
  const put = (
    name: string,
    data: Float32Array | Uint32Array | Int32Array | Uint8Array | undefined,
  ): void => {
    if (data) arrays.set(name, data);
  };
  put("indices", model.indices);
  put("uvs", model.uvs);
  put("uvIndices", model.uvIndices);
  put("shapeBasis", model.shapeBasis);
  put("shapeStandardDeviations", model.shapeStandardDeviations);
  put("expressionBasis", model.expressionBasis);
  put("expressionStandardDeviations", model.expressionStandardDeviations);
  if (model.kind === "pca") {
    put("mean", model.mean);
    put("landmarkTriangles", model.landmarkTriangles);
    put("landmarkBarycentrics", model.landmarkBarycentrics);
    put("landmarkNumbers", model.landmarkNumbers);
    put("mirror", model.mirror);
    put("regions", model.regions);
    put("albedo", model.albedo?.data);
    put("albedoModes/skin", model.albedoModes?.skin.basis);
    put("albedoModes/skinRange", model.albedoModes?.skinRange);
    put("albedoModes/eyes", model.albedoModes?.eyes.basis);
    put("contour/yaws", model.contour?.yaws);
    put("contour/triangles", model.contour?.triangles);
    put("contour/barycentrics", model.contour?.barycentrics);
    put("color/mean", model.color?.mean);
    put("color/basis", model.color?.basis);
    put("color/standardDeviations", model.color?.standardDeviations);
    return arrays;
  }
  put("template", model.template);
  put("poseBasis", model.poseBasis);
  put("jointRegressor", model.jointRegressor);
  put("skinningWeights", model.skinningWeights);
  put("parents", model.parents);
  put("eyelids", model.eyelids);
  const { static: fixed, full, dynamicContour, mediapipe } = model.landmarks ?? {};
  put("landmarks/static/triangles", fixed?.triangles);
  put("landmarks/static/barycentrics", fixed?.barycentrics);
  put("landmarks/full/triangles", full?.triangles);
  put("landmarks/full/barycentrics", full?.barycentrics);
  put("landmarks/dynamicContour/triangles", dynamicContour?.triangles);
  put("landmarks/dynamicContour/barycentrics", dynamicContour?.barycentrics);
  put("landmarks/mediapipe/triangles", mediapipe?.triangles);
  put("landmarks/mediapipe/barycentrics", mediapipe?.barycentrics);
  put("landmarks/mediapipe/indices", mediapipe?.indices);
  for (const [name, mask] of model.masks ?? []) put(`masks/${name}`, mask);
  return arrays;
}

/** The shape under which a tensor shows an array. */
export function shapeOf(name: string, length: number, model: PcaModel | SkinnedModel): number[] {
  const size = (model.kind === "pca" ? model.mean : model.template).length;
  if (name === "albedo" && model.kind === "pca" && model.albedo) {
    return [model.albedo.height, model.albedo.width, model.albedo.channels];
  }
  const patch = /^albedoModes\/(skin|eyes)$/.exec(name)?.[1] as "skin" | "eyes" | undefined;
  if (patch && model.kind === "pca" && model.albedoModes) {
    const { width, height } = model.albedoModes[patch];
    return [length / (3 * width * height), height, width, 3];
  }
  if (BY_VERTEX.includes(name)) {
    return /mean$|^template$/.test(name) ? [size / 3, 3] : [length / size, size / 3, 3];
  }
  if (name === "jointRegressor") return [(3 * length) / size, size / 3];
  if (name === "skinningWeights") return [size / 3, (3 * length) / size];
  if (name === "uvs") return [length / 2, 2];
  if (/^(?:indices|uvIndices)$|arycentrics$/.test(name)) return [length / 3, 3];
  return [length];
}

export const DTYPES: ReadonlyMap<unknown, SafetensorsTensor["dtype"]> = new Map<
  unknown,
  SafetensorsTensor["dtype"]
>([
  [Float32Array, "F32"],
  [Uint32Array, "U32"],
  [Int32Array, "I32"],
  [Uint8Array, "U8"],
]);
