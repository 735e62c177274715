import type { PcaModel } from "@headform/morphable-model";
import { rasterize } from "@headform/raster";
import { sampleImage } from "./sample-image.ts";

/** Which point of the head each texel shows; depends on the model's uv layout alone. */
export interface TexelMap {
  /** Width and height of the texture, texels. */
  readonly size: number;
  /** [n] texels that lie on the head, row-major from the top-left. */
  readonly texels: Uint32Array;
  /** [n×3] vertices around each of them. */
  readonly vertices: Uint32Array;
  /** [n×3] their barycentric coordinates. */
  readonly barycentrics: Float32Array;
  /** [n×3] the model's mean skin there, sRGB. */
  readonly skin: Uint8Array;
  /** [m] texels beside an island, in the order in which they are filled. */
  readonly margin: Uint32Array;
  /** [m] the texel each of them copies. */
  readonly marginSource: Uint32Array;
}

/** Skin of a model that brings no albedo, sRGB. */
export const PLAIN_SKIN: readonly [number, number, number] = [205, 165, 145];
/** Texels around each island that repeat its edge, so that filtering does not reach the gap. */
const MARGIN = 6;

/**
 * Prepares the model's uv layout for texturing.
 *
 * @param model a morphable model with uvs
 * @param size width and height of the texture, texels
 * @throws RangeError when the model has no uvs or the size is not a whole number in 16…8192
 */
export function createTexelMap(model: PcaModel, size: number): TexelMap {
  if (!model.uvs) throw new RangeError("createTexelMap: expected a model with uvs, got none");
  if (!Number.isInteger(size) || size < 16 || size > 8192) {
    throw new RangeError(`createTexelMap: expected a whole size in 16…8192, got ${size}`);
  }
  // 1. The layout drawn like a mesh; row 0 is v = 1.
  const uvIndices = model.uvIndices ?? model.indices;
  const count = model.uvs.length / 2;
  const screen = new Float32Array(3 * count);
  for (let i = 0; i < count; i++) {
    screen[3 * i] = model.uvs[2 * i] * size;
    screen[3 * i + 1] = (1 - model.uvs[2 * i + 1]) * size;
  }
  const drawn = rasterize({ positions: screen, indices: uvIndices, width: size, height: size });
  // 2. Compact: only texels on the head.
  let covered = 0;
  for (const triangle of drawn.triangles) if (triangle >= 0) covered++;
  const texels = new Uint32Array(covered);
  const vertices = new Uint32Array(3 * covered);
  const barycentrics = new Float32Array(3 * covered);
  for (let texel = 0, i = 0; texel < drawn.triangles.length; texel++) {
    const triangle = drawn.triangles[texel];
    if (triangle < 0) continue;
    texels[i] = texel;
    for (let corner = 0; corner < 3; corner++) {
      vertices[3 * i + corner] = model.indices[3 * triangle + corner];
      barycentrics[3 * i + corner] = drawn.barycentrics[3 * texel + corner];
    }
    i++;
  }
  const skin = skinAt(model, texels, size);
  return { size, texels, vertices, barycentrics, skin, ...growMargin(drawn.triangles, size) };
}

function skinAt(model: PcaModel, texels: Uint32Array, size: number): Uint8Array {
  const out = new Uint8Array(3 * texels.length);
  const color = new Float32Array(3);
  color.set(PLAIN_SKIN);
  for (let i = 0; i < texels.length; i++) {
    if (model.albedo) {
      const x = ((texels[i] % size) + 0.5) / size;
      const y = (Math.floor(texels[i] / size) + 0.5) / size;
      sampleImage(color, model.albedo, x * model.albedo.width, y * model.albedo.height);
    }
    for (let c = 0; c < 3; c++) out[3 * i + c] = Math.round(color[c]);
  }
  return out;
}

/** Rings around the islands, each texel pointing at a neighbor that is already filled. */
function growMargin(
  triangles: Int32Array,
  size: number,
): { margin: Uint32Array; marginSource: Uint32Array } {
  const filled = Uint8Array.from(triangles, (triangle) => (triangle >= 0 ? 1 : 0));
  const margin: number[] = [];
  const sources: number[] = [];
  let front: number[] = [];
  for (let texel = 0; texel < filled.length; texel++) if (filled[texel]) front.push(texel);
  for (let ring = 0; ring < MARGIN; ring++) {
    const next: number[] = [];
    for (const texel of front) {
      const x = texel % size;
      const reach = (to: number) => {
        if (filled[to]) return;
        filled[to] = 1;
        margin.push(to);
        sources.push(texel);
        next.push(to);
      };
      if (x > 0) reach(texel - 1);
      if (x < size - 1) reach(texel + 1);
      if (texel >= size) reach(texel - size);
      if (texel < size * (size - 1)) reach(texel + size);
    }
    front = next;
  }
  return { margin: Uint32Array.from(margin), marginSource: Uint32Array.from(sources) };
}
