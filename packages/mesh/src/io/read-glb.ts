import { type Document, Logger, type Node, type Primitive, WebIO } from "@gltf-transform/core";
import { checkMesh } from "../check-mesh.ts";
import type { Image } from "../image.ts";
import { mergeMeshes } from "../merge-meshes.ts";
import type { Mesh } from "../mesh.ts";
import { checkGlb } from "./check-glb.ts";
import { decodePng } from "./decode-png.ts";
import { MeshFormatError } from "./mesh-format-error.ts";
import { srgbFromLinear } from "./srgb.ts";

export interface ReadGlbOptions {
  /** Unpacks a texture; default PNG, textures of other kinds being left out. */
  readonly decodeTexture?: (texture: {
    readonly mimeType: string;
    readonly bytes: Uint8Array;
  }) => Promise<Image>;
}

/**
 * Reads the triangles of a binary glTF 2.0's default scene as one mesh, in meters.
 *
 * Nodes place their meshes; skins and animations do not move them. Attributes are kept where every
 * part has them, as `mergeMeshes` does. Compressed geometry is not read.
 *
 * @throws {MeshFormatError} when the file is truncated or contradicts itself, refers to other files,
 *   needs an extension, or holds no triangles
 */
export async function readGlb(bytes: Uint8Array, options: ReadGlbOptions = {}): Promise<Mesh> {
  checkGlb(bytes);
  const textures = new Map<object, Image | undefined>();
  try {
    // A copy, because the reader wants unshared memory and keeps views of it.
    const io = new WebIO().setLogger(new Logger(Logger.Verbosity.SILENT));
    const document = await io.readBinary(new Uint8Array(bytes));
    const parts: Mesh[] = [];
    for (const { node, matrix } of placedNodes(document)) {
      const mesh = node.getMesh();
      for (const primitive of mesh?.listPrimitives() ?? []) {
        const weights = node.getWeights().length > 0 ? node.getWeights() : mesh!.getWeights();
        const texture = await textureOf(primitive, textures, options.decodeTexture);
        const part = readPrimitive(primitive, weights, texture);
        if (part) parts.push(place(part, matrix));
      }
    }
    if (parts.length === 0) throw new MeshFormatError("glb", "the scene holds no triangles");
    const mesh = mergeMeshes(parts);
    checkMesh(mesh, "readGlb");
    return mesh;
  } catch (cause) {
    // The reader trusts its input, so whatever it stumbles over is the file's doing.
    if (cause instanceof MeshFormatError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new MeshFormatError("glb", `the scene cannot be read (${reason.slice(0, 200)})`, {
      cause,
    });
  }
}

/** [16] column-major, as glTF has it. */
type Matrix = readonly number[];

const IDENTITY: Matrix = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];

/** The nodes of the default scene, parents first, with their place in the world. */
function placedNodes(document: Document): { node: Node; matrix: Matrix }[] {
  const root = document.getRoot();
  const scene = root.getDefaultScene() ?? root.listScenes()[0];
  const placed: { node: Node; matrix: Matrix }[] = [];
  const waiting = (scene?.listChildren() ?? []).map((node) => ({ node, parent: IDENTITY }));
  // The library gives each node one parent, the last that claims it, so this ends whatever is claimed.
  for (let next = waiting.shift(); next; next = waiting.shift()) {
    const { node, parent } = next;
    const matrix = multiply(parent, node.getMatrix());
    placed.push({ node, matrix });
    for (const child of node.listChildren()) waiting.push({ node: child, parent: matrix });
  }
  return placed;
}

function multiply(a: Matrix, b: Matrix): Matrix {
  return IDENTITY.map((_, i) => {
    const row = i % 4;
    const column = i - row;
    let sum = 0;
    for (let k = 0; k < 4; k++) sum += a[row + 4 * k]! * b[column + k]!;
    return sum;
  });
}

async function textureOf(
  primitive: Primitive,
  textures: Map<object, Image | undefined>,
  decodeTexture: ReadGlbOptions["decodeTexture"],
): Promise<Image | undefined> {
  const texture = primitive.getMaterial()?.getBaseColorTexture();
  const bytes = texture?.getImage();
  if (!texture || !bytes) return undefined;
  if (!textures.has(texture)) {
    const mimeType = texture.getMimeType();
    const image = decodeTexture
      ? await decodeTexture({ mimeType, bytes })
      : mimeType === "image/png"
        ? decodePng(bytes)
        : undefined;
    textures.set(texture, image);
  }
  return textures.get(texture);
}

const TRIANGLES = 4;

function readPrimitive(
  primitive: Primitive,
  weights: readonly number[],
  texture: Image | undefined,
): Mesh | undefined {
  if (primitive.getMode() !== TRIANGLES) return undefined;
  const positions = readFloats(primitive, "POSITION", 3);
  if (!positions) throw new MeshFormatError("glb", "a primitive has no positions");
  const normals = readFloats(primitive, "NORMAL", 3);
  const uvs = readFloats(primitive, "TEXCOORD_0", 2)?.map((uv, i) => (i % 2 === 0 ? uv : 1 - uv));
  const colors = readColors(primitive);
  const given = primitive.getIndices()?.getArray();
  const indices = Uint32Array.from(
    given ?? Array.from({ length: positions.length / 3 }, (_, i) => i),
  );
  const morphTargets = primitive.listTargets().map((target, i) => ({
    name: target.getName(),
    weight: weights[i] ?? 0,
    offsets: readFloats(target, "POSITION", 3) ?? new Float32Array(positions.length),
  }));
  return {
    positions,
    indices,
    unit: "m",
    ...(normals && { normals }),
    ...(uvs && { uvs }),
    ...(uvs && texture && { texture }),
    ...(colors && { colors }),
    ...(morphTargets.length > 0 && { morphTargets }),
  };
}

type Attributes = Pick<Primitive, "getAttribute">;

/** An attribute as floats, whatever it is stored as; extra columns are dropped. */
function readFloats(from: Attributes, semantic: string, width: number): Float32Array | undefined {
  const accessor = from.getAttribute(semantic);
  if (!accessor) return undefined;
  if (accessor.getElementSize() < width) {
    throw new MeshFormatError("glb", `${semantic} has ${accessor.getElementSize()} columns`);
  }
  const out = new Float32Array(accessor.getCount() * width);
  const element: number[] = [];
  for (let i = 0; i < accessor.getCount(); i++) {
    accessor.getElement(i, element);
    for (let j = 0; j < width; j++) out[i * width + j] = element[j]!;
  }
  return out;
}

function readColors(primitive: Primitive): Uint8Array | undefined {
  const linear = readFloats(primitive, "COLOR_0", 3);
  if (!linear) return undefined;
  return Uint8Array.from(linear, (value) =>
    Math.round(255 * srgbFromLinear(Math.min(1, Math.max(0, value)))),
  );
}

/** The part in the world: positions by M, normals by its cofactors, mirrored triangles turned over. */
function place(part: Mesh, m: Matrix): Mesh {
  if (m.every((value, i) => value === IDENTITY[i])) return part;
  const linear = [m[0]!, m[4]!, m[8]!, m[1]!, m[5]!, m[9]!, m[2]!, m[6]!, m[10]!];
  const cofactors = [0, 1, 2].flatMap((row) => {
    const [a, b] = [3 * ((row + 1) % 3), 3 * ((row + 2) % 3)];
    return [0, 1, 2].map((column) => {
      const [c, d] = [(column + 1) % 3, (column + 2) % 3];
      return linear[a + c]! * linear[b + d]! - linear[a + d]! * linear[b + c]!;
    });
  });
  const determinant = [0, 1, 2].reduce((sum, j) => sum + linear[j]! * cofactors[j]!, 0);
  const { positions, normals, indices, morphTargets } = part;
  return {
    ...part,
    positions: mapRows(positions, linear, [m[12]!, m[13]!, m[14]!], false),
    indices: determinant < 0 ? indices.map((_, i) => indices[i - (i % 3) + 2 - (i % 3)]!) : indices,
    ...(normals && {
      normals: mapRows(
        normals,
        cofactors.map((value) => value * Math.sign(determinant)),
        [0, 0, 0],
        true,
      ),
    }),
    ...(morphTargets && {
      morphTargets: morphTargets.map((target) => ({
        ...target,
        offsets: mapRows(target.offsets, linear, [0, 0, 0], false),
      })),
    }),
  };
}

function mapRows(
  rows: Float32Array,
  m: readonly number[],
  t: readonly number[],
  normalize: boolean,
): Float32Array {
  const out = new Float32Array(rows.length);
  for (let i = 0; i < rows.length; i += 3) {
    const mapped = [0, 1, 2].map(
      (j) =>
        m[3 * j]! * rows[i]! + m[3 * j + 1]! * rows[i + 1]! + m[3 * j + 2]! * rows[i + 2]! + t[j]!,
    );
    const length = normalize ? Math.hypot(...mapped) || 1 : 1;
    for (let j = 0; j < 3; j++) out[i + j] = mapped[j]! / length;
  }
  return out;
}
