import type { Mesh } from "./mesh.ts";

/**
 * The texture's color at each vertex, for formats that carry colors but no texture.
 *
 * The texel under the vertex is taken (a vertex on a seam: that of the last corner that names it);
 * uvs wrap around. A vertex of no triangle stays mid-gray.
 *
 * @param mesh with `texture` and `uvs`
 * @returns [V×3] sRGB
 * @throws RangeError when the mesh has no texture or no uvs
 */
export function colorsFromTexture(mesh: Mesh): Uint8Array {
  const { positions, indices, texture, uvs } = mesh;
  if (!texture || !uvs) {
    throw new RangeError(
      `colorsFromTexture: expected a mesh with texture and uvs, got none of ${texture ? "uvs" : "texture"}`,
    );
  }
  const { width, height, channels, data } = texture;
  const corners = mesh.uvIndices ?? indices;
  const colors = new Uint8Array(positions.length).fill(128);
  for (let corner = 0; corner < indices.length; corner++) {
    const u = uvs[2 * corners[corner]!]!;
    const v = uvs[2 * corners[corner]! + 1]!;
    const x = Math.min(Math.floor((u - Math.floor(u)) * width), width - 1);
    // uvs count from the bottom, rows from the top.
    const y = Math.min(Math.floor((1 - (v - Math.floor(v))) * height), height - 1);
    const texel = channels * (y * width + x);
    for (let c = 0; c < 3; c++) {
      colors[3 * indices[corner]! + c] = data[texel + (channels < 3 ? 0 : c)]!;
    }
  }
  return colors;
}
