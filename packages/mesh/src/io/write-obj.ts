import { applyMorphTargets } from "../apply-morph-targets.ts";
import { checkMesh } from "../check-mesh.ts";
import type { Mesh } from "../mesh.ts";
import { checkLine, formatFloat } from "./text.ts";

export interface WriteObjOptions {
  /** Name of the object and of its material; default `"mesh"`. */
  readonly name?: string;
  /** File name that the OBJ gives for its materials; default `<name>.mtl` where there is a texture. */
  readonly materialFile?: string;
  /** File name that the materials give for the texture; default `<name>.png` where there is one. */
  readonly textureFile?: string;
}

/** The text of an OBJ and, where it has a texture or a material file was named, of its MTL. */
export interface WrittenObj {
  readonly obj: string;
  readonly mtl?: string;
}

/**
 * Writes a mesh as Wavefront OBJ, posed by its morph targets.
 *
 * Numbers are the shortest that read back as the same float. Colors follow the position on the `v`
 * line, from 0 to 1, as most tools read them. The unit is noted in a comment. The texture's pixels
 * are the caller's to store, with {@link encodePng}, under `textureFile`.
 *
 * @throws {TypeError | RangeError} when the mesh fails `checkMesh`, or a name has control characters
 */
export function writeObj(mesh: Mesh, options: WriteObjOptions = {}): WrittenObj {
  checkMesh(mesh, "writeObj");
  const { name = "mesh" } = options;
  const textureFile = options.textureFile ?? (mesh.texture ? `${name}.png` : undefined);
  const materialFile = options.materialFile ?? (textureFile ? `${name}.mtl` : undefined);
  checkLine(name, "a name", "writeObj");
  checkLine(textureFile, "a textureFile", "writeObj");
  checkLine(materialFile, "a materialFile", "writeObj");
  const { positions, indices, normals, uvs, uvIndices, colors, unit } = applyMorphTargets(mesh);

  const lines: string[] = [`# unit ${unit}`];
  if (materialFile !== undefined) lines.push(`mtllib ${materialFile}`);
  lines.push(`o ${name}`);
  for (let i = 0; i < positions.length; i += 3) {
    const position = formatRow(positions, i, 3);
    lines.push(colors ? `v ${position} ${formatColor(colors, i)}` : `v ${position}`);
  }
  if (uvs) for (let i = 0; i < uvs.length; i += 2) lines.push(`vt ${formatRow(uvs, i, 2)}`);
  if (normals)
    for (let i = 0; i < normals.length; i += 3) lines.push(`vn ${formatRow(normals, i, 3)}`);
  if (materialFile !== undefined) lines.push(`usemtl ${name}`);
  const uvCorners = uvIndices ?? indices;
  const corner = (i: number): string => {
    const v = indices[i]! + 1;
    if (!uvs) return normals ? `${v}//${v}` : `${v}`;
    const vt = uvCorners[i]! + 1;
    return normals ? `${v}/${vt}/${v}` : `${v}/${vt}`;
  };
  for (let i = 0; i < indices.length; i += 3) {
    lines.push(`f ${corner(i)} ${corner(i + 1)} ${corner(i + 2)}`);
  }
  const obj = `${lines.join("\n")}\n`;
  if (materialFile === undefined) return { obj };

  const material = [`newmtl ${name}`, "Ka 0 0 0", "Kd 1 1 1", "Ks 0 0 0", "illum 1"];
  if (textureFile !== undefined) material.push(`map_Kd ${textureFile}`);
  return { obj, mtl: `${material.join("\n")}\n` };
}

function formatRow(values: Float32Array, start: number, count: number): string {
  let row = formatFloat(values[start]!);
  for (let j = 1; j < count; j++) row += ` ${formatFloat(values[start + j]!)}`;
  return row;
}

/** Four digits tell all 256 levels apart. */
function formatColor(colors: Uint8Array, start: number): string {
  const level = (byte: number): string => String(Number((byte / 255).toFixed(4)));
  return `${level(colors[start]!)} ${level(colors[start + 1]!)} ${level(colors[start + 2]!)}`;
}
