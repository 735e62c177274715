import type { Image } from "@headform/mesh";
import { checkCoefficients } from "./check-coefficients.ts";
import type { AlbedoPatch, PcaModel } from "./pca-model.ts";

/** How a head's texture looks; what is absent is 0: the mean skin, brown eyes. */
export interface AlbedoCoefficients {
  /** [≤Ks] in standard deviations; the first goes from dark to light. */
  readonly skin?: ArrayLike<number>;
  /** [≤Ke] shares of the eyes' colors, in the order of `albedoModes.eyeNames`. */
  readonly eyes?: ArrayLike<number>;
}

/**
 * The texture of a model that knows how skins differ: `A(s, e) = albedo + Σ sₖ·Sₖ + Σ eₖ·Eₖ`, cut to
 * what bytes hold.
 *
 * @param model a model with `albedo` and `albedoModes`, such as the open head
 * @param coefficients of skin and eyes
 * @returns an image in the model's uv layout, of the size of its albedo
 * @throws RangeError for a model without them, for more coefficients than it has, or for one that is
 *   not finite
 */
export function evaluateAlbedo(model: PcaModel, coefficients: AlbedoCoefficients = {}): Image {
  const { albedo, albedoModes: modes } = model;
  if (!albedo || !modes) {
    throw new RangeError(`evaluateAlbedo: expected a model with albedo modes, got ${model.name}`);
  }
  const { skin = [], eyes = [] } = coefficients;
  checkCoefficients("evaluateAlbedo", "skin", skin, modes.skinRange.length / 2);
  checkCoefficients("evaluateAlbedo", "eye", eyes, modes.eyeNames.length);
  const sum = Float32Array.from(albedo.data);
  addPatch(sum, albedo, modes.skin, skin);
  addPatch(sum, albedo, modes.eyes, eyes);
  return { ...albedo, data: new Uint8Array(Uint8ClampedArray.from(sum).buffer) };
}

/** Adds a mix of a patch' modes, bilinear between its texels. */
function addPatch(
  sum: Float32Array,
  image: Image,
  { basis, width, height, rectangle }: AlbedoPatch,
  coefficients: ArrayLike<number>,
): void {
  const size = 3 * width * height;
  const mix = new Float32Array(size);
  for (let k = 0; k < coefficients.length; k++) {
    const start = k * size;
    if (coefficients[k] === 0) continue;
    for (let i = 0; i < size; i++) mix[i] += coefficients[k] * basis[start + i];
  }
  const [left, top, columns, rows] = rectangle;
  for (let y = 0; y < rows; y++) {
    const v = clamp(((y + 0.5) * height) / rows - 0.5, height);
    const v0 = Math.min(Math.floor(v), height - 2);
    for (let x = 0; x < columns; x++) {
      const u = clamp(((x + 0.5) * width) / columns - 0.5, width);
      const u0 = Math.min(Math.floor(u), width - 2);
      const [a, b] = [u - u0, v - v0];
      const at = 3 * (v0 * width + u0);
      const to = image.channels * ((top + y) * image.width + left + x);
      for (let c = 0; c < 3; c++) {
        const i = at + c;
        const upper = (1 - a) * mix[i] + a * mix[i + 3];
        const lower = (1 - a) * mix[i + 3 * width] + a * mix[i + 3 * width + 3];
        sum[to + c] += (1 - b) * upper + b * lower;
      }
    }
  }
}

function clamp(place: number, size: number): number {
  return Math.max(0, Math.min(size - 1, place));
}
