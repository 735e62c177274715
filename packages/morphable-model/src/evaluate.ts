import type { Coefficients, PcaModel } from "./pca-model.ts";

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
  coefficients: Coefficients = {},
  out: Float32Array = new Float32Array(model.mean.length),
): Float32Array {
  if (out.length !== model.mean.length) {
    throw new RangeError(`evaluate: expected out of ${model.mean.length}, got ${out.length}`);
  }
  const shape = coefficients.shape ?? [];
  const expression = coefficients.expression ?? [];
  checkList("shape", shape, model.shapeStandardDeviations.length);
  checkList("expression", expression, model.expressionStandardDeviations.length);
  out.set(model.mean);
  accumulate(out, model.shapeBasis, shape);
  accumulate(out, model.expressionBasis, expression);
  return out;
}

function checkList(name: string, list: ArrayLike<number>, size: number): void {
  if (list.length > size) {
    throw new RangeError(
      `evaluate: expected at most ${size} ${name} coefficients, got ${list.length}`,
    );
  }
  for (let k = 0; k < list.length; k++) {
    if (!Number.isFinite(list[k])) {
      throw new RangeError(
        `evaluate: expected finite ${name} coefficients, got ${list[k]} at ${k}`,
      );
    }
  }
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
