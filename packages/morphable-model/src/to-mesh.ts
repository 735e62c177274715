import type { Image, Mesh, MorphTarget } from "@headform/mesh";
import { evaluate } from "./evaluate.ts";
import type { Coefficients, PcaModel } from "./pca-model.ts";

/**
 * The head as a mesh: the identity at rest, each expression a morph target with its coefficient as
 * weight.
 *
 * @param model the morphable model
 * @param coefficients shape [≤Ks] and expression [≤Ke]
 * @param options.texture image addressed by the model's uvs
 * @throws RangeError for coefficients that {@link evaluate} refuses
 */
export function toMesh(
  model: PcaModel,
  coefficients: Coefficients = {},
  options: { readonly texture?: Image } = {},
): Mesh {
  const size = model.mean.length;
  const expression = coefficients.expression ?? [];
  const morphTargets: MorphTarget[] = model.expressionNames.map((name, k) => ({
    name,
    offsets: model.expressionBasis.subarray(k * size, (k + 1) * size),
    weight: k < expression.length ? expression[k] : 0,
  }));
  return {
    positions: evaluate(model, { shape: coefficients.shape ?? [] }),
    indices: model.indices,
    unit: model.unit,
    ...(model.uvs && { uvs: model.uvs }),
    ...(model.uvIndices && { uvIndices: model.uvIndices }),
    ...(options.texture && { texture: options.texture }),
    morphTargets,
  };
}
