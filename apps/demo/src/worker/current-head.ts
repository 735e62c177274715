import { computeNormals, type Mesh, splitSeams } from "@headform/mesh";
import { evaluate, type PcaModel, toMesh } from "@headform/morphable-model";
import type { Face } from "@headform/reconstruction";
import type { Coefficients, Picture, PosedHead, Surface } from "../protocol.ts";
import { bounds } from "./stage-pictures.ts";

/** The head on show: what poses, tracks and exports it. */
export interface CurrentHead {
  readonly model: PcaModel;
  readonly face: Face;
  /** [V×3] what the coefficients do not say. */
  readonly offsets: Float32Array;
  /** [W] the vertex that each vertex of the split surface repeats. */
  readonly source: Uint32Array;
}

/** Keeps what is needed of a finished face. */
export function createCurrentHead(model: PcaModel, face: Face): CurrentHead {
  const plain = evaluate(model, { shape: face.shape });
  return {
    model,
    face,
    offsets: face.mesh.positions.map((value, i) => value - plain[i]!),
    source: splitSources(face.mesh),
  };
}

/** The surface to draw, posed as in the photo. */
export function drawableSurface(current: CurrentHead): Surface {
  const { face, model, source } = current;
  const { indices, uvs } = splitSeams({ ...face.mesh, morphTargets: [] });
  const { texture } = face.mesh;
  return {
    ...poseHead(current, face),
    indices: indices.slice() as Uint32Array<ArrayBuffer>,
    ...(uvs && { uvs: uvs.slice() as Float32Array<ArrayBuffer> }),
    ...(texture && { texture: opaque(texture) }),
    pncc: meanColors(model, source),
  };
}

/** The head's surface with other coefficients. */
export function poseHead(current: CurrentHead, coefficients: Coefficients): PosedHead {
  const { model, offsets, source } = current;
  const positions = evaluate(model, coefficients);
  for (let i = 0; i < positions.length; i++) positions[i]! += offsets[i]!;
  const normals = computeNormals({ positions, indices: model.indices });
  return { positions: repeat(positions, source), normals: repeat(normals, source) };
}

/** The head as a mesh to write: neutral, with its expressions as morph targets. */
export function meshOf(current: CurrentHead, { shape, expression }: Coefficients): Mesh {
  const { model, face, offsets } = current;
  const { texture } = face.mesh;
  const mesh = toMesh(model, { shape, expression }, texture ? { texture } : {});
  const positions = mesh.positions.map((value, i) => value + offsets[i]!);
  return { ...mesh, positions, normals: computeNormals({ ...mesh, positions }) };
}

/** Splits a mesh whose positions are its vertices' numbers, and reads them back. */
function splitSources(mesh: Mesh): Uint32Array {
  const positions = mesh.positions.map((_, i) => Math.floor(i / 3));
  const { normals: _, morphTargets: __, ...rest } = mesh;
  const split = splitSeams({ ...rest, positions });
  return Uint32Array.from(
    { length: split.positions.length / 3 },
    (_, i) => split.positions[3 * i]!,
  );
}

function repeat(rows: Float32Array, source: Uint32Array): Float32Array<ArrayBuffer> {
  const out = new Float32Array(3 * source.length);
  for (let i = 0; i < source.length; i++) {
    const from = 3 * source[i]!;
    out[3 * i] = rows[from]!;
    out[3 * i + 1] = rows[from + 1]!;
    out[3 * i + 2] = rows[from + 2]!;
  }
  return out;
}

function meanColors({ mean }: PcaModel, source: Uint32Array): Uint8Array<ArrayBuffer> {
  const { low, high } = bounds(mean);
  const colors = mean.map(
    (value, i) => (255 * (value - low[i % 3]!)) / (high[i % 3]! - low[i % 3]!),
  );
  return Uint8Array.from(repeat(colors, source));
}

function opaque(image: NonNullable<Mesh["texture"]>): Picture {
  const { width, height, channels, data } = image;
  const out = new Uint8ClampedArray(4 * width * height).fill(255);
  for (let i = 0; i < width * height; i++) {
    for (let c = 0; c < 3; c++) out[4 * i + c] = data[channels * i + (channels === 1 ? 0 : c)]!;
  }
  return { width, height, data: out };
}
