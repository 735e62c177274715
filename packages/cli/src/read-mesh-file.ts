import { extname } from "node:path";
import { applyMorphTargets, type Mesh } from "@headform/mesh";
import { isMeshFormatError, readGlb, readObj, readPly, readStl } from "@headform/mesh/io";
import { Failure } from "./failure.ts";
import { readBytes } from "./read-bytes.ts";

const READERS: Readonly<Record<string, (bytes: Uint8Array) => Mesh | Promise<Mesh>>> = {
  ".ply": readPly,
  ".obj": readObj,
  ".glb": readGlb,
  ".stl": readStl,
};

/**
 * Reads a mesh of any known format, morph targets applied as they are set.
 *
 * @throws {Failure} usage for another ending; when the file cannot be read or is no mesh
 */
export async function readMeshFile(file: string, cwd: string): Promise<Mesh> {
  const bytes = await readBytes(file, cwd);
  const read = READERS[extname(file).toLowerCase()];
  if (!read) {
    throw new Failure(
      "usage",
      "unknown-format",
      `${file}: meshes are read from ${Object.keys(READERS).join(", ")}.`,
    );
  }
  try {
    return applyMorphTargets(await read(bytes));
  } catch (cause) {
    if (!isMeshFormatError(cause)) throw cause;
    throw new Failure(
      "failed",
      "wrong-mesh",
      `${file} is no mesh that can be read: ${cause.message}.`,
      { cause },
    );
  }
}
