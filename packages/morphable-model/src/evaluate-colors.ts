import { checkCoefficients } from "./check-coefficients.ts";
import type { PcaModel } from "./pca-model.ts";

/**
 * The vertices' colors of a model that has a color model: `C(c) = mean + Σ cₖ·Cₖ`, cut to what
 * bytes hold.
 *
 * @param model a model with `color`
 * @param coefficients [≤Kc] color coefficients; absent ones are 0
 * @returns [V×3] sRGB
 * @throws RangeError for a model without colors, for more coefficients than it has, or for one that
 *   is not finite
 */
export function evaluateColors(model: PcaModel, coefficients: ArrayLike<number> = []): Uint8Array {
  const { color } = model;
  if (!color)
    throw new RangeError(`evaluateColors: expected a model with colors, got ${model.name}`);
  const { mean, basis, standardDeviations } = color;
  checkCoefficients("evaluateColors", "color", coefficients, standardDeviations.length);
  const sum = Float64Array.from(mean);
  for (let k = 0; k < coefficients.length; k++) {
    const at = k * mean.length;
    for (let i = 0; i < sum.length; i++) sum[i] += coefficients[k] * basis[at + i];
  }
  return new Uint8Array(Uint8ClampedArray.from(sum, (value) => 255 * value).buffer);
}
