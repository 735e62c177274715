import type { Image } from "@headform/mesh";
import type { PcaModel } from "@headform/morphable-model";
import type { TexelMap } from "./texel-map.ts";
import { diffuse, type VertexNeighbors } from "./vertex-neighbors.ts";

/** Skin of a model that brings no albedo, sRGB. */
const PLAIN_SKIN: readonly [number, number, number] = [205, 165, 145];
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
  /** [V×3] logarithm of photo over mean skin, and of photo over mirrored photo. */
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
 * [V×3] logarithm of `a/b` where both are trusted, continued smoothly over the rest of the mesh;
 * pieces without any trusted vertex take the mean.
 */
export function smoothGain(
  a: Float32Array,
  b: Float32Array,
  trust: Float32Array,
  neighbors: VertexNeighbors,
  sweeps: number,
): Float32Array {
  const out = new Float32Array(a.length);
  const mean = [0, 0, 0];
  let total = 1e-6;
  for (let v = 0; v < trust.length; v++) {
    if (trust[v] === 0) continue;
    total += trust[v];
    for (let c = 0; c < 3; c++) {
      out[3 * v + c] = Math.log((a[3 * v + c] + RATIO_FLOOR) / (b[3 * v + c] + RATIO_FLOOR));
      mean[c] += trust[v] * out[3 * v + c];
    }
  }
  for (let v = 0; v < trust.length; v++) {
    for (let c = 0; c < 3; c++) if (trust[v] === 0) out[3 * v + c] = mean[c] / total;
  }
  diffuse(out, 3, trust, neighbors, sweeps);
  return out;
}

/** Mixes photo, mirrored photo and mean skin texel by texel, then fills the margins. */
export function compositeTexture(model: PcaModel, texels: TexelMap, layers: TextureLayers): Image {
  const { size, barycentrics, vertices } = texels;
  const { cut, spots, mirror, trust, mirrorTrust, skinGain, mirrorGain } = layers;
  const data = new Uint8Array(3 * size * size).fill(128);
  const color = new Float32Array(3);
  const albedo = model.albedo;
  for (let i = 0; i < texels.texels.length; i++) {
    const texel = texels.texels[i];
    const a = vertices[3 * i];
    const b = vertices[3 * i + 1];
    const c = vertices[3 * i + 2];
    const wa = barycentrics[3 * i];
    const wb = barycentrics[3 * i + 1];
    const wc = barycentrics[3 * i + 2];
    const direct = wa * trust[a] + wb * trust[b] + wc * trust[c];
    const across = (1 - direct) * (wa * mirrorTrust[a] + wb * mirrorTrust[b] + wc * mirrorTrust[c]);
    const plain = 1 - direct - across;
    let red = 0;
    let green = 0;
    let blue = 0;
    if (direct > 0.002) {
      const u = wa * spots[2 * a] + wb * spots[2 * b] + wc * spots[2 * c];
      const v = wa * spots[2 * a + 1] + wb * spots[2 * b + 1] + wc * spots[2 * c + 1];
      sampleImage(color, cut, u, v);
      red = direct * color[0];
      green = direct * color[1];
      blue = direct * color[2];
    }
    if (across > 0.002) {
      const ma = mirror[a];
      const mb = mirror[b];
      const mc = mirror[c];
      const u = wa * spots[2 * ma] + wb * spots[2 * mb] + wc * spots[2 * mc];
      const v = wa * spots[2 * ma + 1] + wb * spots[2 * mb + 1] + wc * spots[2 * mc + 1];
      sampleImage(color, cut, u, v);
      red += across * gained(color[0], mirrorGain, 0, a, b, c, wa, wb, wc);
      green += across * gained(color[1], mirrorGain, 1, a, b, c, wa, wb, wc);
      blue += across * gained(color[2], mirrorGain, 2, a, b, c, wa, wb, wc);
    }
    if (plain > 0.002) {
      if (albedo) {
        const x = ((texel % size) + 0.5) * (albedo.width / size);
        const y = (Math.floor(texel / size) + 0.5) * (albedo.height / size);
        sampleImage(color, albedo, x, y);
      } else color.set(PLAIN_SKIN);
      red += plain * gained(color[0], skinGain, 0, a, b, c, wa, wb, wc);
      green += plain * gained(color[1], skinGain, 1, a, b, c, wa, wb, wc);
      blue += plain * gained(color[2], skinGain, 2, a, b, c, wa, wb, wc);
    }
    data[3 * texel] = toByte(red);
    data[3 * texel + 1] = toByte(green);
    data[3 * texel + 2] = toByte(blue);
  }
  for (let i = 0; i < texels.margin.length; i++) {
    const from = 3 * texels.marginSource[i];
    data.copyWithin(3 * texels.margin[i], from, from + 3);
  }
  return { width: size, height: size, channels: 3, data };
}

/** `(x + floor)·eᵍ − floor` with the gain g interpolated in the triangle. */
function gained(
  x: number,
  gain: Float32Array,
  channel: number,
  a: number,
  b: number,
  c: number,
  wa: number,
  wb: number,
  wc: number,
): number {
  const g = wa * gain[3 * a + channel] + wb * gain[3 * b + channel] + wc * gain[3 * c + channel];
  return (x + RATIO_FLOOR) * Math.exp(g) - RATIO_FLOOR;
}

function toByte(x: number): number {
  return Math.max(0, Math.min(255, Math.round(x)));
}

/** Bilinear sample at (x, y), pixel centers at half-integers, edges repeated; gray becomes RGB. */
function sampleImage(out: Float32Array, image: Image, x: number, y: number): void {
  const { width, height, channels, data } = image;
  const px = Math.max(0, Math.min(width - 1, x - 0.5));
  const py = Math.max(0, Math.min(height - 1, y - 0.5));
  const x0 = Math.floor(px);
  const y0 = Math.floor(py);
  const fx = px - x0;
  const fy = py - y0;
  const right = x0 < width - 1 ? channels : 0;
  const below = y0 < height - 1 ? channels * width : 0;
  const at = channels * (y0 * width + x0);
  const w00 = (1 - fx) * (1 - fy);
  const w10 = fx * (1 - fy);
  const w01 = (1 - fx) * fy;
  const w11 = fx * fy;
  if (channels === 1) {
    const gray =
      w00 * data[at] +
      w10 * data[at + right] +
      w01 * data[at + below] +
      w11 * data[at + right + below];
    out[0] = gray;
    out[1] = gray;
    out[2] = gray;
    return;
  }
  for (let c = 0; c < 3; c++) {
    out[c] =
      w00 * data[at + c] +
      w10 * data[at + right + c] +
      w01 * data[at + below + c] +
      w11 * data[at + right + below + c];
  }
}
