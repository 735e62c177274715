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
  const { width, height, triangles } = fragments;
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
  if (channels === 3) spreadThree(data, fragments, attributes, indices);
  else spreadAny(data, fragments, attributes, indices, channels);
  if (background) {
    for (let i = 0; i < triangles.length; i++) {
      if (triangles[i] < 0) data.set(background, i * channels);
    }
  }
  return { width, height, channels, data };
}

function spreadAny(
  out: Float32Array,
  { triangles, barycentrics }: Fragments,
  attributes: Float32Array | Float64Array,
  indices: Uint32Array,
  channels: number,
): void {
  for (let i = 0; i < triangles.length; i++) {
    const t = 3 * triangles[i];
    if (t < 0) continue;
    const ka = indices[t] * channels;
    const kb = indices[t + 1] * channels;
    const kc = indices[t + 2] * channels;
    const a = barycentrics[3 * i];
    const b = barycentrics[3 * i + 1];
    const c = barycentrics[3 * i + 2];
    for (let k = 0; k < channels; k++) {
      out[i * channels + k] =
        a * attributes[ka + k] + b * attributes[kb + k] + c * attributes[kc + k];
    }
  }
}

/** The same for the usual three, written out: half the time. */
function spreadThree(
  out: Float32Array,
  { triangles, barycentrics }: Fragments,
  attributes: Float32Array | Float64Array,
  indices: Uint32Array,
): void {
  for (let i = 0, o = 0; i < triangles.length; i++, o += 3) {
    const t = 3 * triangles[i];
    if (t < 0) continue;
    const ka = 3 * indices[t];
    const kb = 3 * indices[t + 1];
    const kc = 3 * indices[t + 2];
    const a = barycentrics[o];
    const b = barycentrics[o + 1];
    const c = barycentrics[o + 2];
    out[o] = a * attributes[ka] + b * attributes[kb] + c * attributes[kc];
    out[o + 1] = a * attributes[ka + 1] + b * attributes[kb + 1] + c * attributes[kc + 1];
    out[o + 2] = a * attributes[ka + 2] + b * attributes[kb + 2] + c * attributes[kc + 2];
  }
}
