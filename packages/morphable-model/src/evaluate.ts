import { checkCoefficients } from "./check-coefficients.ts";
import { evaluateSkinned } from "./evaluate-skinned.ts";
import type { Coefficients, PcaModel } from "./pca-model.ts";
import type { SkinnedCoefficients, SkinnedModel } from "./skinned-model.ts";
import { createSkinnedWorkspace, type SkinnedWorkspace } from "./skinned-workspace.ts";

/**
 * Vertices of the head with the given coefficients, `X = mean + Σ sₖ·Sₖ + Σ eₖ·Eₖ`.
 *
 * @param model the morphable model
 * @param coefficients shape [≤Ks] and expression [≤Ke]
 * @param out [V×3] written in place and returned; allocated when absent
 * @throws RangeError for more coefficients than the model has, a non-finite one, or a wrong `out`
 * @see Pix2Face, section 3.4
 */
export function evaluate(
  model: PcaModel,
  coefficients?: Coefficients,
  out?: Float32Array,
): Float32Array;
/**
 * Vertices of the posed head with the given coefficients,
 * `X = Σⱼ weightⱼ · Gⱼ · (template + Σ sₖ·Sₖ + Σ eₖ·Eₖ + Σ (R − I)ₘ·Pₘ)`; neutral without a pose.
 *
 * @param model the skinned model
 * @param coefficients shape [≤Ks], expression [≤Ke], pose [≤J×3] rad and eyelids [2]
 * @param out [V×3] written in place and returned; allocated when absent
 * @param workspace of this model; with it nothing is allocated, and what the coefficients have in
 *   common with the last ones is not computed again
 * @throws RangeError for more coefficients than the model has, a non-finite one, a wrong `out`, or
 *   the workspace of another model
 * @see Li et al., Learning a model of facial shape and expression from 4D scans, 2017, section 4
 */
export function evaluate(
  model: SkinnedModel,
  coefficients?: SkinnedCoefficients,
  out?: Float32Array,
  workspace?: SkinnedWorkspace,
): Float32Array;
export function evaluate(
  model: PcaModel | SkinnedModel,
  coefficients?: SkinnedCoefficients,
  out?: Float32Array,
): Float32Array;
export function evaluate(
  model: PcaModel | SkinnedModel,
  coefficients: SkinnedCoefficients = {},
  out: Float32Array = new Float32Array(restOf(model).length),
  workspace?: SkinnedWorkspace,
): Float32Array {
  const size = restOf(model).length;
  if (out.length !== size) {
    throw new RangeError(`evaluate: expected out of ${size}, got ${out.length}`);
  }
  if (model.kind === "skinned") {
    if (workspace && workspace.model !== model) {
      throw new RangeError("evaluate: expected the workspace of this model, got another's");
    }
    // One use does not repay a copy of the bases.
    const room = workspace ?? createSkinnedWorkspace(model, { kernel: "typescript" });
    return evaluateSkinned(room, coefficients, out);
  }
  const shape = coefficients.shape ?? [];
  const expression = coefficients.expression ?? [];
  checkCoefficients("evaluate", "shape", shape, model.shapeStandardDeviations.length);
  checkCoefficients(
    "evaluate",
    "expression",
    expression,
    model.expressionStandardDeviations.length,
  );
  out.set(model.mean);
  accumulate(out, model.shapeBasis, shape);
  accumulate(out, model.expressionBasis, expression);
  return out;
}

function restOf(model: PcaModel | SkinnedModel): Float32Array {
  return model.kind === "skinned" ? model.template : model.mean;
}

function accumulate(out: Float32Array, basis: Float32Array, coefficients: ArrayLike<number>): void {
  const size = out.length;
  for (let k = 0; k < coefficients.length; k++) {
    const c = coefficients[k];
    if (c === 0) continue;
    const start = k * size;
    for (let i = 0; i < size; i++) out[i] += c * basis[start + i];
  }
}
