import type { Image, Mesh, MorphTarget } from "@headform/mesh";
import { evaluate } from "./evaluate.ts";
import type { PcaModel } from "./pca-model.ts";
import type { SkinnedCoefficients, SkinnedModel } from "./skinned-model.ts";

/**
 * The head as a mesh: the identity at rest, each expression a morph target with its coefficient as
 * weight.
 *
 * Where joints of a skinned model are turned, expressions are no fixed displacements any more: they
 * are part of the positions then, and only the eyelids, which come after the joints, stay targets.
 *
 * @param model the morphable model
 * @param coefficients shape [≤Ks] and expression [≤Ke]; of a skinned model pose and eyelids too
 * @param options.texture image addressed by the model's uvs
 * @param options.offsets [V×3] added to the positions, as `registerHead` finds them
 * @throws RangeError for coefficients that {@link evaluate} refuses, or offsets of another length
 */
export function toMesh(
  model: PcaModel | SkinnedModel,
  coefficients: SkinnedCoefficients = {},
  options: { readonly texture?: Image; readonly offsets?: ArrayLike<number> } = {},
): Mesh {
  const { shape = [], expression = [], pose = [], eyelids = [] } = coefficients;
  const skinned = model.kind === "skinned";
  const posed = skinned && Array.prototype.some.call(pose, (angle: number) => angle !== 0);
  const morphTargets: MorphTarget[] = posed
    ? []
    : targetsOf(model.expressionBasis, model.expressionNames, expression);
  if (skinned && model.eyelids) {
    morphTargets.push(...targetsOf(model.eyelids, ["eyelidLeft", "eyelidRight"], eyelids));
  }
  const atRest: SkinnedCoefficients = posed ? { shape, expression, pose } : { shape };
  const positions = evaluate(model, atRest);
  const { offsets } = options;
  if (offsets) {
    if (offsets.length !== positions.length) {
      throw new RangeError(
        `toMesh: expected offsets of ${positions.length}, got ${offsets.length}`,
      );
    }
    for (let i = 0; i < positions.length; i++) positions[i] += offsets[i];
  }
  return {
    positions,
    indices: model.indices,
    unit: model.unit,
    ...(model.uvs && { uvs: model.uvs }),
    ...(model.uvIndices && { uvIndices: model.uvIndices }),
    ...(options.texture && { texture: options.texture }),
    morphTargets,
  };
}

function targetsOf(
  basis: Float32Array,
  names: readonly string[],
  weights: ArrayLike<number>,
): MorphTarget[] {
  const size = basis.length / names.length;
  return names.map((name, k) => ({
    name,
    offsets: basis.subarray(k * size, (k + 1) * size),
    weight: k < weights.length ? weights[k] : 0,
  }));
}
