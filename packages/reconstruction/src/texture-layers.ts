import type { Image } from "@headform/mesh";
import type { PcaModel } from "@headform/morphable-model";
import { sampleImage } from "./sample-image.ts";
import { PLAIN_SKIN, type TexelMap } from "./texel-map.ts";
import type { VertexNeighbors } from "./vertex-neighbors.ts";

/** Added to both colors of a ratio, so that shadows do not make it explode. */
const RATIO_FLOOR = 8;

/** What {@link compositeTexture} mixes. */
export interface TextureLayers {
  /** The photo, or the part of it the head lies on. */
  readonly cut: Image;
  /** [V×2] where each vertex lies in `cut`, pixels. */
  readonly spots: Float32Array;
  /** [V] the vertex across the symmetry. */
  readonly mirror: Uint32Array;
  /** [V] trust in the photo at the vertex, and at its mirror. */
  readonly trust: Float32Array;
  readonly mirrorTrust: Float32Array;
  /** [V×3] photo over mean skin, and photo over mirrored photo, smooth. */
  readonly skinGain: Float32Array;
  readonly mirrorGain: Float32Array;
}

/** [V×3] the photo's color around each vertex: the trusted mean of the vertex and its ring. */
export function vertexColors(
  cut: Image,
  spots: Float32Array,
  trust: Float32Array,
  neighbors: VertexNeighbors,
): Float32Array {
  const count = trust.length;
  const sharp = new Float32Array(3 * count);
  const color = new Float32Array(3);
  for (let v = 0; v < count; v++) {
    if (trust[v] === 0) continue;
    sampleImage(color, cut, spots[2 * v], spots[2 * v + 1]);
    sharp.set(color, 3 * v);
  }
  const out = new Float32Array(3 * count);
  for (let v = 0; v < count; v++) {
    let total = trust[v];
    for (let c = 0; c < 3; c++) out[3 * v + c] = trust[v] * sharp[3 * v + c];
    for (let n = neighbors.starts[v]; n < neighbors.starts[v + 1]; n++) {
      const at = neighbors.list[n];
      total += trust[at];
      for (let c = 0; c < 3; c++) out[3 * v + c] += trust[at] * sharp[3 * at + c];
    }
    if (total > 0) for (let c = 0; c < 3; c++) out[3 * v + c] /= total;
  }
  return out;
}

/** [V×3] the model's mean skin at each vertex. */
export function vertexSkin(model: PcaModel): Float32Array {
  const count = model.mean.length / 3;
  const out = new Float32Array(3 * count);
  if (!model.albedo || !model.uvs) {
    for (let v = 0; v < count; v++) out.set(PLAIN_SKIN, 3 * v);
    return out;
  }
  const { width, height } = model.albedo;
  const uvIndices = model.uvIndices ?? model.indices;
  const color = new Float32Array(3);
  for (let i = 0; i < uvIndices.length; i++) {
    const uv = 2 * uvIndices[i];
    sampleImage(color, model.albedo, model.uvs[uv] * width, (1 - model.uvs[uv + 1]) * height);
    out.set(color, 3 * model.indices[i]);
  }
  return out;
}

/**
 * [V×3] logarithm of `a/b` where trusted, and its mean elsewhere.
 *
 * @param ignored [V] vertices that neither count nor keep their own
 */
export function logRatio(
  a: Float32Array,
  b: Float32Array,
  trust: Float32Array,
  ignored?: readonly boolean[],
): Float32Array {
  const out = new Float32Array(a.length);
  const mean = [0, 0, 0];
  let total = 1e-6;
  for (let v = 0; v < trust.length; v++) {
    if (trust[v] === 0 || ignored?.[v]) continue;
    total += trust[v];
    for (let c = 0; c < 3; c++) {
      out[3 * v + c] = Math.log((a[3 * v + c] + RATIO_FLOOR) / (b[3 * v + c] + RATIO_FLOOR));
      mean[c] += trust[v] * out[3 * v + c];
    }
  }
  for (let v = 0; v < trust.length; v++) {
    if (trust[v] > 0 && !ignored?.[v]) continue;
    for (let c = 0; c < 3; c++) out[3 * v + c] = mean[c] / total;
  }
  return out;
}

/** Mixes photo, mirrored photo and mean skin texel by texel, then fills the margins. */
export function compositeTexture(texels: TexelMap, layers: TextureLayers): Image {
  const { size, barycentrics, vertices, skin } = texels;
  const { cut, spots, mirror, trust, mirrorTrust, skinGain, mirrorGain } = layers;
  const data = new Uint8ClampedArray(3 * size * size).fill(128);
  const color = new Float32Array(3);
  for (let i = 0, k = 0; i < texels.texels.length; i++, k += 3) {
    const a = vertices[k];
    const b = vertices[k + 1];
    const c = vertices[k + 2];
    const wa = barycentrics[k];
    const wb = barycentrics[k + 1];
    const wc = barycentrics[k + 2];
    const direct = wa * trust[a] + wb * trust[b] + wc * trust[c];
    const mirrored = wa * mirrorTrust[a] + wb * mirrorTrust[b] + wc * mirrorTrust[c];
    const across = (1 - direct) * mirrored;
    const plain = 1 - direct - across;
    let red = 0;
    let green = 0;
    let blue = 0;
    if (direct > LEAST) {
      const u = wa * spots[2 * a] + wb * spots[2 * b] + wc * spots[2 * c];
      const v = wa * spots[2 * a + 1] + wb * spots[2 * b + 1] + wc * spots[2 * c + 1];
      sampleImage(color, cut, u, v);
      red = direct * color[0];
      green = direct * color[1];
      blue = direct * color[2];
    }
    if (across > LEAST) {
      const ma = 2 * mirror[a];
      const mb = 2 * mirror[b];
      const mc = 2 * mirror[c];
      const u = wa * spots[ma] + wb * spots[mb] + wc * spots[mc];
      const v = wa * spots[ma + 1] + wb * spots[mb + 1] + wc * spots[mc + 1];
      sampleImage(color, cut, u, v);
      red += across * gained(color[0], mirrorGain, 3 * a, 3 * b, 3 * c, wa, wb, wc);
      green += across * gained(color[1], mirrorGain, 3 * a + 1, 3 * b + 1, 3 * c + 1, wa, wb, wc);
      blue += across * gained(color[2], mirrorGain, 3 * a + 2, 3 * b + 2, 3 * c + 2, wa, wb, wc);
    }
    if (plain > LEAST) {
      red += plain * gained(skin[k], skinGain, 3 * a, 3 * b, 3 * c, wa, wb, wc);
      green += plain * gained(skin[k + 1], skinGain, 3 * a + 1, 3 * b + 1, 3 * c + 1, wa, wb, wc);
      blue += plain * gained(skin[k + 2], skinGain, 3 * a + 2, 3 * b + 2, 3 * c + 2, wa, wb, wc);
    }
    const out = 3 * texels.texels[i];
    data[out] = red;
    data[out + 1] = green;
    data[out + 2] = blue;
  }
  for (let i = 0; i < texels.margin.length; i++) {
    const from = 3 * texels.marginSource[i];
    const to = 3 * texels.margin[i];
    data[to] = data[from];
    data[to + 1] = data[from + 1];
    data[to + 2] = data[from + 2];
  }
  return { width: size, height: size, channels: 3, data: new Uint8Array(data.buffer) };
}

/** A layer with less than half a gray level of weight is left out. */
const LEAST = 0.002;

/** `(x + floor)·g − floor`, the gain g interpolated in the triangle. */
function gained(
  x: number,
  gain: Float32Array,
  a: number,
  b: number,
  c: number,
  wa: number,
  wb: number,
  wc: number,
): number {
  return (x + RATIO_FLOOR) * (wa * gain[a] + wb * gain[b] + wc * gain[c]) - RATIO_FLOOR;
}
