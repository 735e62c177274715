import type { FloatImage } from "@headform/mesh";
import type { Fragments } from "./rasterize.ts";

export interface InterpolateOptions {
  /** Value [C] where there is no triangle; absent: 0. */
  readonly background?: ArrayLike<number>;
}

/**
 * Spreads values of the vertices over the pixels: Σ bᵢ·attribute(vertexᵢ).
 *
 * @param fragments what each pixel sees.
 * @param attributes [V×C] values per vertex.
 * @param indices [F×3] the triangles that were drawn, or another index of the same triangles
 * (for example of uvs).
 * @param channels C.
 * @returns [H×W×C].
 * @throws RangeError when C is not a positive whole number, a length does not fit, or the indices
 * do not reach the triangles drawn.
 */
export function interpolate(
  fragments: Fragments,
  attributes: Float32Array | Float64Array,
  indices: Uint32Array,
  channels: number,
  options: InterpolateOptions = {},
): FloatImage {
  const { width, height, triangles, barycentrics } = fragments;
  const { background } = options;
  if (!Number.isInteger(channels) || channels < 1 || attributes.length % channels !== 0) {
    throw new RangeError(
      `interpolate: expected attributes [V×C], got ${attributes.length} numbers for C = ${channels}`,
    );
  }
  if (background && background.length !== channels) {
    throw new RangeError(
      `interpolate: expected background [${channels}], got ${background.length} numbers`,
    );
  }
  const vertices = attributes.length / channels;
  for (let k = 0; k < indices.length; k++) {
    if (indices[k] >= vertices) {
      throw new RangeError(
        `interpolate: expected indices below ${vertices}, got ${indices[k]} at ${k}`,
      );
    }
  }
  let last = -1;
  for (let i = 0; i < triangles.length; i++) if (triangles[i] > last) last = triangles[i];
  if (3 * last + 2 >= indices.length) {
    throw new RangeError(
      `interpolate: expected indices of the triangles drawn, up to ${last}, got ${indices.length / 3}`,
    );
  }

  const data = new Float32Array(width * height * channels);
  for (let i = 0, o = 0; i < triangles.length; i++, o += channels) {
    const t = triangles[i];
    if (t < 0) {
      if (background) for (let c = 0; c < channels; c++) data[o + c] = background[c];
      continue;
    }
    const ka = indices[3 * t] * channels;
    const kb = indices[3 * t + 1] * channels;
    const kc = indices[3 * t + 2] * channels;
    const a = barycentrics[3 * i];
    const b = barycentrics[3 * i + 1];
    const c = barycentrics[3 * i + 2];
    for (let k = 0; k < channels; k++) {
      data[o + k] = a * attributes[ka + k] + b * attributes[kb + k] + c * attributes[kc + k];
    }
  }
  return { width, height, channels, data };
}
