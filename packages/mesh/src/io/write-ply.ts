import { applyMorphTargets } from "../apply-morph-targets.ts";
import { checkMesh } from "../check-mesh.ts";
import type { Mesh } from "../mesh.ts";
import { checkLine, encodeText, formatFloat } from "./text.ts";

export interface WritePlyOptions {
  /** Little-endian binary (default) or text. */
  readonly binary?: boolean;
  /** File name of the texture, noted in the comment that MeshLab reads. */
  readonly textureFile?: string;
}

/**
 * Writes a mesh, or a cloud of points where it has no triangles, as PLY, posed by its morph targets.
 *
 * Texture coordinates go to the vertices as `s t`, or, where they have indices of their own, to the
 * triangles as `texcoord`. The unit is noted in a comment.
 *
 * @throws {TypeError | RangeError} when the mesh fails `checkMesh`, or `textureFile` has control characters
 */
export function writePly(mesh: Mesh, options: WritePlyOptions = {}): Uint8Array {
  checkMesh(mesh, "writePly");
  const { binary = true, textureFile } = options;
  checkLine(textureFile, "a textureFile", "writePly");
  const posed = applyMorphTargets(mesh);
  const header = encodeText(describe(posed, binary, textureFile));
  const body = binary ? binaryBody(posed) : encodeText(textBody(posed));
  const file = new Uint8Array(header.length + body.length);
  file.set(header);
  file.set(body, header.length);
  return file;
}

function describe(mesh: Mesh, binary: boolean, textureFile: string | undefined): string {
  const { positions, indices, normals, uvs, uvIndices, colors, unit } = mesh;
  const lines = ["ply", `format ${binary ? "binary_little_endian" : "ascii"} 1.0`];
  lines.push(`comment unit ${unit}`);
  if (textureFile !== undefined) lines.push(`comment TextureFile ${textureFile}`);
  lines.push(`element vertex ${positions.length / 3}`);
  const floats = ["x", "y", "z"];
  if (normals) floats.push("nx", "ny", "nz");
  if (uvs && !uvIndices) floats.push("s", "t");
  for (const name of floats) lines.push(`property float ${name}`);
  if (colors) for (const name of ["red", "green", "blue"]) lines.push(`property uchar ${name}`);
  lines.push(`element face ${indices.length / 3}`, "property list uchar int vertex_indices");
  if (uvIndices) lines.push("property list uchar float texcoord");
  lines.push("end_header");
  return `${lines.join("\n")}\n`;
}

function binaryBody({ positions, indices, normals, uvs, uvIndices, colors }: Mesh): Uint8Array {
  const vertexCount = positions.length / 3;
  const triangleCount = indices.length / 3;
  const vertexUvs = uvs && !uvIndices ? uvs : undefined;
  const vertexBytes = 12 + (normals ? 12 : 0) + (vertexUvs ? 8 : 0) + (colors ? 3 : 0);
  const triangleBytes = 13 + (uvIndices ? 25 : 0);
  const body = new Uint8Array(vertexCount * vertexBytes + triangleCount * triangleBytes);
  const view = new DataView(body.buffer);
  let at = 0;
  const put = (values: Float32Array, start: number, count: number): void => {
    for (let j = 0; j < count; j++, at += 4) view.setFloat32(at, values[start + j]!, true);
  };
  for (let i = 0; i < vertexCount; i++) {
    put(positions, 3 * i, 3);
    if (normals) put(normals, 3 * i, 3);
    if (vertexUvs) put(vertexUvs, 2 * i, 2);
    if (colors) for (let j = 0; j < 3; j++) body[at++] = colors[3 * i + j]!;
  }
  for (let i = 0; i < indices.length; i += 3) {
    body[at++] = 3;
    for (let j = 0; j < 3; j++, at += 4) view.setInt32(at, indices[i + j]!, true);
    if (!uvs || !uvIndices) continue;
    body[at++] = 6;
    for (let j = 0; j < 3; j++) put(uvs, 2 * uvIndices[i + j]!, 2);
  }
  return body;
}

function textBody({ positions, indices, normals, uvs, uvIndices, colors }: Mesh): string {
  const vertexUvs = uvs && !uvIndices ? uvs : undefined;
  const lines: string[] = [];
  for (let i = 0; i < positions.length / 3; i++) {
    const row: string[] = [];
    for (let j = 0; j < 3; j++) row.push(formatFloat(positions[3 * i + j]!));
    if (normals) for (let j = 0; j < 3; j++) row.push(formatFloat(normals[3 * i + j]!));
    if (vertexUvs) for (let j = 0; j < 2; j++) row.push(formatFloat(vertexUvs[2 * i + j]!));
    if (colors) for (let j = 0; j < 3; j++) row.push(String(colors[3 * i + j]!));
    lines.push(row.join(" "));
  }
  for (let i = 0; i < indices.length; i += 3) {
    const row = ["3", String(indices[i]), String(indices[i + 1]), String(indices[i + 2])];
    if (uvs && uvIndices) {
      row.push("6");
      for (let j = 0; j < 6; j++) {
        row.push(formatFloat(uvs[2 * uvIndices[i + (j >> 1)]! + (j & 1)]!));
      }
    }
    lines.push(row.join(" "));
  }
  return lines.map((line) => `${line}\n`).join("");
}
