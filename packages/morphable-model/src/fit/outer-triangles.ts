import type { PcaModel } from "../pca-model.ts";
import type { SkinnedModel } from "../skinned-model.ts";
import { REGION_WEIGHTS } from "../surface-index.ts";

/** Triangles a scanner can see: all but those of eyeballs, teeth, tongue and the mouth's inside. */
export function outerTriangles(model: PcaModel | SkinnedModel): Uint32Array {
  const all = Uint32Array.from({ length: model.indices.length / 3 }, (_, t) => t);
  if (model.kind === "skinned" || !model.regions || !model.regionNames) return all;
  const { regions, regionNames, indices } = model;
  const hidden = regionNames.map((name) => REGION_WEIGHTS[name] === 0 || /iris/i.test(name));
  const outer = all.filter((t) => [0, 1, 2].every((c) => !hidden[regions[indices[3 * t + c]]]));
  return outer.length > 0 ? outer : all;
}
