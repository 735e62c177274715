import { type SafetensorsTensor, writeSafetensors } from "@headform/formats/safetensors";
import type { PcaModel } from "../pca-model.ts";
import type { SkinnedModel } from "../skinned-model.ts";
import { arraysOf, DTYPES, OWN_FORMAT, shapeOf } from "./model-tensors.ts";

/**
 * Writes a model as safetensors, headform's own exchange format: `readModel` gives back the same
 * numbers, bit for bit.
 *
 * Arrays become tensors under their names in the model, "landmarks/static/triangles" and
 * "masks/face" included; names, unit and licence go to the metadata.
 *
 * @param model a model whose lengths agree, as those of the readers do
 * @throws FormatError when the names in the model take over 100 MB
 */
export function writeModel(model: PcaModel | SkinnedModel): Uint8Array {
  const tensors = new Map<string, SafetensorsTensor>();
  for (const [name, data] of arraysOf(model)) {
    const dtype = DTYPES.get(data.constructor)!;
    // A Buffer is a Uint8Array by another name.
    const plain = data instanceof Uint8Array ? new Uint8Array(data) : data;
    tensors.set(name, {
      dtype: dtype ?? "U8",
      shape: shapeOf(name, data.length, model),
      data: plain,
    });
  }
  const lists: Record<string, unknown> = {
    expressionNames: model.expressionNames,
    expressionRange: model.expressionRange,
    regionNames: model.kind === "pca" ? model.regionNames : undefined,
    eyeNames: model.kind === "pca" ? model.albedoModes?.eyeNames : undefined,
    skinRectangle: model.kind === "pca" ? model.albedoModes?.skin.rectangle : undefined,
    eyeRectangle: model.kind === "pca" ? model.albedoModes?.eyes.rectangle : undefined,
    jointNames: model.kind === "skinned" ? model.jointNames : undefined,
    contourSign: model.kind === "skinned" ? model.landmarks?.dynamicContour?.sign : undefined,
  };
  const metadata: Record<string, string> = {
    format: OWN_FORMAT,
    kind: model.kind,
    name: model.name,
    version: model.version,
    licence: model.licence,
    unit: model.unit,
  };
  for (const [key, value] of Object.entries(lists)) {
    if (value !== undefined) metadata[key] = JSON.stringify(value);
  }
  return writeSafetensors(tensors, metadata);
}
