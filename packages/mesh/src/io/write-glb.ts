import { type Accessor, Document, Logger, type Primitive, WebIO } from "@gltf-transform/core";
import { checkMesh } from "../check-mesh.ts";
import { computeNormals } from "../compute-normals.ts";
import type { Image } from "../image.ts";
import type { Mesh } from "../mesh.ts";
import { splitSeams } from "../split-seams.ts";
import { encodePng } from "./encode-png.ts";
import { linearFromSrgb } from "./srgb.ts";
import { checkLine } from "./text.ts";

/** A compressed picture, as glTF can hold it. */
export interface EncodedTexture {
  readonly mimeType: "image/png" | "image/jpeg";
  readonly bytes: Uint8Array;
}

export interface WriteGlbOptions {
  /** Name of the node and of the mesh; default `"mesh"`. */
  readonly name?: string;
  /** Compresses the texture; default PNG. */
  readonly encodeTexture?: (image: Image) => Promise<EncodedTexture>;
  /** JSON that goes to the node's `extras`, for instance a camera and coefficients. */
  readonly extras?: Readonly<Record<string, unknown>>;
  /** Length of a mesh unit; needed where the mesh's own unit is `"none"`. */
  readonly metersPerUnit?: number;
}

/** Displacements below a micrometer are left out: no display shows them, and most vertices rest. */
const RESTING_OFFSET = 1e-6;

/**
 * Writes a mesh as binary glTF 2.0, in meters.
 *
 * Morph targets carry positions only, are named in the mesh's `extras.targetNames`, start at their
 * weights, and are stored sparsely where most vertices rest. Seams are split, and normals computed
 * where the mesh has none. A texture becomes the base color; vertex colors, made linear, are
 * written where there is no texture, because glTF would multiply the two.
 *
 * @throws {TypeError | RangeError} when the mesh fails `checkMesh`, has no triangle, or has the unit
 *   `"none"` and no `metersPerUnit` was given
 * @see glTF 2.0 specification (Khronos Group), meshes and morph targets
 */
export async function writeGlb(mesh: Mesh, options: WriteGlbOptions = {}): Promise<Uint8Array> {
  checkMesh(mesh, "writeGlb");
  const { name = "mesh", extras } = options;
  checkLine(name, "a name", "writeGlb");
  if (mesh.indices.length === 0) throw new RangeError("writeGlb: expected a triangle, got none");
  const meters = metersPerUnit(mesh, options.metersPerUnit);

  // 1. One texture coordinate per vertex; normals first, so that they do not see the seams.
  const normals = unitNormals(mesh.normals ?? computeNormals(mesh));
  const whole = splitSeams({ ...mesh, normals });

  // 2. Geometry.
  const document = new Document();
  document.getRoot().getAsset().generator = "headform";
  const buffer = document.createBuffer();
  const vec3 = (values: Float32Array): Accessor =>
    document
      .createAccessor()
      .setType("VEC3")
      .setArray(values as Float32Array<ArrayBuffer>)
      .setBuffer(buffer);
  const primitive = document
    .createPrimitive()
    .setAttribute("POSITION", vec3(whole.positions.map((value) => value * meters)))
    .setAttribute("NORMAL", vec3(whole.normals!))
    .setIndices(
      document.createAccessor().setType("SCALAR").setArray(shortIndices(whole)).setBuffer(buffer),
    );
  if (whole.uvs) {
    const uvs = whole.uvs.map((value, i) => (i % 2 === 0 ? value : 1 - value));
    const accessor = document.createAccessor().setType("VEC2").setArray(uvs).setBuffer(buffer);
    primitive.setAttribute("TEXCOORD_0", accessor);
  }
  if (whole.colors && !whole.texture) {
    const accessor = document.createAccessor().setType("VEC4").setNormalized(true);
    primitive.setAttribute(
      "COLOR_0",
      accessor.setArray(linearColors(whole.colors)).setBuffer(buffer),
    );
  }

  // 3. Morph targets.
  for (const target of whole.morphTargets ?? []) {
    const { offsets, sparse } = restOffsets(target.offsets, meters);
    const accessor = vec3(offsets).setSparse(sparse);
    primitive.addTarget(
      document.createPrimitiveTarget(target.name).setAttribute("POSITION", accessor),
    );
  }

  // 4. Material, node, scene. Both sides, because a head is open at the neck.
  await addMaterial(document, primitive, mesh.texture, options.encodeTexture);
  const gltfMesh = document.createMesh(name).addPrimitive(primitive);
  gltfMesh.setWeights((mesh.morphTargets ?? []).map((target) => target.weight));
  const node = document.createNode(name).setMesh(gltfMesh);
  if (extras) node.setExtras({ ...extras });
  document.getRoot().setDefaultScene(document.createScene().addChild(node));
  return new WebIO().setLogger(new Logger(Logger.Verbosity.SILENT)).writeBinary(document);
}

function metersPerUnit({ unit }: Mesh, given: number | undefined): number {
  if (given !== undefined && !(given > 0 && Number.isFinite(given))) {
    throw new RangeError(`writeGlb: expected metersPerUnit above 0, got ${given}`);
  }
  if (given !== undefined) return given;
  if (unit === "none") {
    throw new RangeError('writeGlb: expected a mesh with a unit or metersPerUnit, got unit "none"');
  }
  return unit === "mm" ? 1e-3 : 1;
}

async function addMaterial(
  document: Document,
  primitive: Primitive,
  texture: Image | undefined,
  encodeTexture: WriteGlbOptions["encodeTexture"],
): Promise<void> {
  const material = document.createMaterial("skin").setDoubleSided(true);
  material.setMetallicFactor(0).setRoughnessFactor(0.7);
  primitive.setMaterial(material);
  if (!texture) return;
  const { mimeType, bytes } = encodeTexture
    ? await encodeTexture(texture)
    : { mimeType: "image/png", bytes: encodePng(texture) };
  const image = document.createTexture("texture").setMimeType(mimeType);
  material.setBaseColorTexture(image.setImage(bytes as Uint8Array<ArrayBuffer>));
}

/** glTF asks for length 1 exactly; a vertex without a direction faces forward. */
function unitNormals(normals: Float32Array): Float32Array {
  const out = new Float32Array(normals.length);
  for (let i = 0; i < normals.length; i += 3) {
    const length = Math.hypot(normals[i]!, normals[i + 1]!, normals[i + 2]!);
    if (length === 0) out[i + 2] = 1;
    else for (let j = 0; j < 3; j++) out[i + j] = normals[i + j]! / length;
  }
  return out;
}

/** The highest value of a type is reserved for restarts. */
function shortIndices({
  positions,
  indices,
}: Mesh): Uint16Array<ArrayBuffer> | Uint32Array<ArrayBuffer> {
  return positions.length / 3 < 65535 ? Uint16Array.from(indices) : Uint32Array.from(indices);
}

/** Sixteen bits, because eight linear ones would merge the dark sRGB levels. */
function linearColors(colors: Uint8Array): Uint16Array<ArrayBuffer> {
  const levels = Array.from({ length: 256 }, (_, i) => Math.round(65535 * linearFromSrgb(i / 255)));
  const out = new Uint16Array((colors.length / 3) * 4).fill(65535);
  for (let i = 0; i < colors.length; i++)
    out[4 * Math.floor(i / 3) + (i % 3)] = levels[colors[i]!]!;
  return out;
}

function restOffsets(
  offsets: Float32Array,
  meters: number,
): { offsets: Float32Array; sparse: boolean } {
  const out = new Float32Array(offsets.length);
  let moving = 0;
  for (let i = 0; i < offsets.length; i += 3) {
    const x = offsets[i]! * meters;
    const y = offsets[i + 1]! * meters;
    const z = offsets[i + 2]! * meters;
    if (Math.max(Math.abs(x), Math.abs(y), Math.abs(z)) < RESTING_OFFSET) continue;
    moving++;
    out[i] = x;
    out[i + 1] = y;
    out[i + 2] = z;
  }
  // A sparse row takes 14 to 16 bytes, a dense one 12.
  return { offsets: out, sparse: moving < (offsets.length / 3) * 0.5 };
}
