import { readSafetensors, toFloat32 } from "@headform/formats/safetensors";
import { MorphableModelError } from "./morphable-model-error.ts";

/**
 * A head at another level of detail: each of its N vertices is a fixed mix of a few of the head's V,
 * so that coefficients, expressions and textures of the head hold for it too.
 */
export interface HeadDetail {
  /** "low", "high". */
  readonly level: string;
  /** V, vertices of the head it is mixed from. */
  readonly headVertices: number;
  /** [N+1] where the mix of each vertex starts in `vertices` and `weights`. */
  readonly starts: Uint32Array;
  readonly vertices: Uint32Array;
  readonly weights: Float32Array;
  /** [F×3] triangles, counter-clockwise seen from outside. */
  readonly indices: Uint32Array;
  /** [T×2] texture coordinates in the head's layout, and [F×3] which of them each corner has. */
  readonly uvs: Float32Array;
  readonly uvIndices: Uint32Array;
  /** [L] triangle each of the head's landmarks lies on, and [L×3] where. */
  readonly landmarkTriangles: Uint32Array;
  readonly landmarkBarycentrics: Float32Array;
  /** [N] the vertex across the plane of symmetry. */
  readonly mirror: Uint32Array;
  /** [N] index into the head's `regionNames`. */
  readonly regions: Uint8Array;
}

/**
 * Reads a level of detail, as `loadHead({ detail })` of @headform/open-head gives it.
 *
 * @param bytes the whole file
 * @throws MorphableModelError "bad-file" when the bytes are no such file or contradict themselves
 */
export function readDetail(bytes: Uint8Array): HeadDetail {
  let file: ReturnType<typeof readSafetensors>;
  try {
    file = readSafetensors(bytes);
  } catch (cause) {
    throw new MorphableModelError("bad-file", "readDetail: not a safetensors file", { cause });
  }
  const { metadata, tensors } = file;
  if (metadata.format !== "headform-detail") throw bad(`format is ${metadata.format ?? "missing"}`);
  const headVertices = Number(metadata.headVertices);
  if (!(Number.isInteger(headVertices) && headVertices > 0)) {
    throw bad(`headVertices is ${metadata.headVertices ?? "missing"}`);
  }
  const take = (name: string, shape: readonly (number | undefined)[]) => {
    const tensor = tensors.get(name);
    if (!tensor) throw bad(`tensor ${name} is missing`);
    const fits =
      tensor.shape.length === shape.length &&
      shape.every((size, axis) => size === undefined || size === tensor.shape[axis]);
    if (!fits) throw bad(`tensor ${name} has shape ${tensor.shape.join("×")}`);
    return tensor;
  };
  const floats = (name: string, shape: readonly (number | undefined)[]): Float32Array => {
    const values = toFloat32(take(name, shape));
    if (!values.every(Number.isFinite)) throw bad(`${name} is not finite`);
    return values;
  };
  const wholes = (
    name: string,
    shape: readonly (number | undefined)[],
    limit: number,
  ): Uint32Array => {
    const tensor = take(name, shape);
    if (!/^U(8|16|32)$/.test(tensor.dtype)) throw bad(`${name} is ${tensor.dtype}, not whole`);
    const values = Uint32Array.from(tensor.data as ArrayLike<number>);
    const wrong = values.find((value) => value >= limit);
    if (wrong !== undefined) throw bad(`${name} holds ${wrong} of ${limit}`);
    return values;
  };

  // 1. The mix.
  const counts = wholes("counts", [undefined], 256);
  const starts = new Uint32Array(counts.length + 1);
  for (let i = 0; i < counts.length; i++) starts[i + 1] = starts[i] + counts[i];
  const total = starts[counts.length];
  // 2. The mesh.
  const triangles = take("triangles", [undefined, 3]).shape[0];
  const places = take("uvs", [undefined, 2]).shape[0];
  const landmarks = take("landmarkTriangles", [undefined]).shape[0];
  return {
    level: metadata.level ?? "",
    headVertices,
    starts,
    vertices: wholes("vertices", [total], headVertices),
    weights: floats("weights", [total]),
    indices: wholes("triangles", [triangles, 3], counts.length),
    uvs: floats("uvs", [places, 2]),
    uvIndices: wholes("uvTriangles", [triangles, 3], places),
    landmarkTriangles: wholes("landmarkTriangles", [landmarks], triangles),
    landmarkBarycentrics: floats("landmarkBarycentrics", [landmarks, 3]),
    mirror: wholes("mirror", [counts.length], counts.length),
    regions: Uint8Array.from(wholes("regions", [counts.length], 256)),
  };
}

function bad(message: string): MorphableModelError {
  return new MorphableModelError("bad-file", `readDetail: ${message}`);
}
