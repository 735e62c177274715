import { basename } from "node:path";
import {
  applyMorphTargets,
  colorsFromTexture,
  computeNormals,
  type Image,
  type Mesh,
} from "@headform/mesh";
import { writeGlb, writeObj, writePly, writeStl } from "@headform/mesh/io";
import type { Face } from "@headform/reconstruction";
import sharp from "sharp";
import type { Format } from "./plan-outputs.ts";
import type { OutputFile } from "./write-output.ts";

const JPEG_QUALITY = 92;

/**
 * The files of one face: a GLB keeps the neutral head with its 52 expressions as morph targets, set
 * to the photo's expression; OBJ, PLY and STL hold the head as it looks in the photo.
 */
export function encodeFace(face: Face, format: Format, path: string): Promise<OutputFile[]> {
  return encodeMesh(format === "glb" ? face.mesh : pose(face.mesh), format, path);
}

/**
 * The files of a method's own surface, in photo pixels; a GLB, which is in metres, has the size of the
 * head. None where the method has no surface.
 */
export async function encodeSurface(
  { surface, camera, mesh }: Face,
  format: Format,
  path: string,
): Promise<OutputFile[]> {
  if (!surface) return [];
  const unit = mesh.unit === "mm" ? 0.001 : 1;
  const metersPerUnit = (unit * -(camera.translation[2] as number)) / camera.focalLength;
  return encodeMesh(surface, format, path, metersPerUnit);
}

/** The files of one mesh, as it is: OBJ brings a material and a texture along. */
export async function encodeMesh(
  mesh: Mesh,
  format: Format,
  path: string,
  metersPerUnit?: number,
): Promise<OutputFile[]> {
  const name = basename(path).replace(/\.[^.]+$/, "");
  if (format === "glb") {
    const options = { name, encodeTexture: encodeJpeg, ...(metersPerUnit && { metersPerUnit }) };
    return [{ path, bytes: await writeGlb(mesh, options) }];
  }
  if (format === "stl") return [{ path, bytes: writeStl(mesh) }];
  if (format === "ply") {
    const colored = mesh.texture ? { ...mesh, colors: colorsFromTexture(mesh) } : mesh;
    return [{ path, bytes: writePly(colored) }];
  }
  const stem = path.replace(/\.[^.]+$/, "");
  const { texture } = mesh;
  const { obj, mtl } = writeObj(mesh, {
    name,
    ...(texture && { materialFile: `${name}.mtl`, textureFile: `${name}-texture.jpg` }),
  });
  const files: OutputFile[] = [{ path, bytes: toBytes(obj) }];
  if (mtl !== undefined) files.push({ path: `${stem}.mtl`, bytes: toBytes(mtl) });
  if (texture) {
    files.push({ path: `${stem}-texture.jpg`, bytes: (await encodeJpeg(texture)).bytes });
  }
  return files;
}

function pose(mesh: Mesh): Mesh {
  const posed = applyMorphTargets(mesh);
  return { ...posed, normals: computeNormals(posed) };
}

async function encodeJpeg(image: Image): Promise<{ mimeType: "image/jpeg"; bytes: Uint8Array }> {
  const { width, height, channels, data } = image;
  const bytes = await sharp(data, { raw: { width, height, channels } })
    .removeAlpha()
    .jpeg({ quality: JPEG_QUALITY, chromaSubsampling: "4:4:4" })
    .toBuffer();
  return { mimeType: "image/jpeg", bytes };
}

function toBytes(content: string | Uint8Array): Uint8Array {
  return typeof content === "string" ? new TextEncoder().encode(content) : content;
}
