import type { ColorModel, PcaModel } from "../pca-model.ts";
import { landmarksAtVertices, orientTriangles, scaled } from "./arrange.ts";
import { badModel } from "./bad-model.ts";

/** Reads numbers in turn; everything is little-endian. */
interface Cursor {
  readonly view: DataView;
  at: number;
}

function cursorOf(bytes: Uint8Array): Cursor {
  return { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), at: 0 };
}

/** Claims bytes of the file before anything is made of them. */
function advance(cursor: Cursor, length: number): number {
  const { at } = cursor;
  if (!(at + length <= cursor.view.byteLength)) {
    throw badModel(
      `eos: ${length} bytes at ${at} lie outside the file's ${cursor.view.byteLength}`,
    );
  }
  cursor.at = at + length;
  return at;
}

function takeUint32(cursor: Cursor): number {
  return cursor.view.getUint32(advance(cursor, 4), true);
}

function takeUint64(cursor: Cursor): number {
  const low = takeUint32(cursor);
  return low + 2 ** 32 * takeUint32(cursor);
}

/** A matrix of floats: rows, columns, then column after column. */
function takeMatrix(cursor: Cursor): { rows: number; columns: number; data: Float32Array } {
  const rows = takeUint32(cursor);
  const columns = takeUint32(cursor);
  const start = advance(cursor, 4 * rows * columns);
  const data = new Float32Array(rows * columns);
  for (let i = 0; i < data.length; i++) data[i] = cursor.view.getFloat32(start + 4 * i, true);
  return { rows, columns, data };
}

/** A linear model: mean, basis, eigenvalues, triangles. */
interface Part {
  readonly mean: Float32Array;
  readonly basis: Float32Array;
  readonly eigenvalues: Float32Array;
  readonly indices: Uint32Array;
}

function takePart(cursor: Cursor): Part {
  const mean = takeMatrix(cursor).data;
  const basis = takeMatrix(cursor);
  const eigenvalues = takeMatrix(cursor).data;
  if (
    basis.data.length > 0 &&
    (basis.rows !== mean.length || basis.columns !== eigenvalues.length)
  ) {
    throw badModel(`eos: a basis of ${basis.rows}×${basis.columns} for ${mean.length} numbers`);
  }
  const count = takeUint64(cursor);
  const start = advance(cursor, 12 * count);
  const indices = new Uint32Array(3 * count);
  for (let i = 0; i < indices.length; i++) indices[i] = cursor.view.getUint32(start + 4 * i, true);
  return { mean, basis: basis.data, eigenvalues, indices };
}

/**
 * A model of the eos library such as the Surrey Face Model (`sfm_shape_3448.bin`), with its
 * blendshapes and its map of landmarks where those are given. Millimeters; colors, where the file has a
 * model of them, from 0 to 1, or to 255 where their mean exceeds 2.
 *
 * Coefficients belong to the orthonormal basis, so they are in millimeters. Blendshapes have weights
 * from 0 to 1. Texture coordinates, whose origin is at the top in the file, are turned over.
 *
 * @see Huber et al., A multiresolution 3D morphable face model and fitting framework, 2016
 */
export function readEos(
  bytes: Uint8Array,
  blendshapes: Uint8Array | undefined,
  landmarkMap: Uint8Array | undefined,
): PcaModel {
  const cursor = cursorOf(bytes);
  const version = takeUint32(cursor);
  if (version !== 1) throw badModel(`eos: a model of version ${version} is not read`);
  const { mean, basis, eigenvalues, indices } = takePart(cursor);
  const color = asColors(takePart(cursor), mean.length);
  const uvCount = takeUint64(cursor);
  const start = advance(cursor, 16 * uvCount);
  if (cursor.at !== bytes.length)
    throw badModel(`eos: ${bytes.length - cursor.at} bytes are left over`);
  const uvs = new Float32Array(2 * uvCount);
  for (let i = 0; i < uvs.length; i++) {
    const value = cursor.view.getFloat64(start + 8 * i, true);
    uvs[i] = i % 2 === 0 ? value : 1 - value;
  }
  const triangles = orientTriangles(mean, checkIndices(indices, mean.length / 3));
  const expressions = blendshapes
    ? readBlendshapes(blendshapes, mean.length)
    : { names: [], basis: [] };
  const used = new Set(triangles);
  const landmarks = (landmarkMap ? readLandmarkMap(landmarkMap) : []).filter(({ vertex }) =>
    used.has(vertex),
  );
  const numbers = Uint32Array.from(landmarks, ({ landmark }) => landmark - 1);
  return {
    kind: "pca",
    name: "eos model",
    version: "",
    licence: "",
    unit: "mm",
    mean,
    indices: triangles,
    ...(color && { color }),
    ...(uvCount === mean.length / 3 && { uvs }),
    shapeBasis: basis,
    shapeStandardDeviations: Float32Array.from(eigenvalues, Math.sqrt),
    expressionBasis: Float32Array.from(expressions.basis),
    expressionStandardDeviations: new Float32Array(expressions.names.length).fill(1),
    expressionNames: expressions.names,
    ...(expressions.names.length > 0 && { expressionRange: [0, 1] as const }),
    ...landmarksAtVertices(
      landmarks.map(({ vertex }) => vertex),
      triangles,
      mean.length / 3,
    ),
    // Numbers beyond iBUG's 68 say nothing.
    ...(numbers.length > 0 &&
      numbers.every((number) => number < 68) && { landmarkNumbers: numbers }),
  };
}

/** The model of the colors, which most files leave empty. */
function asColors({ mean, basis, eigenvalues }: Part, size: number): ColorModel | undefined {
  if (mean.length === 0) return undefined;
  if (mean.length !== size) throw badModel(`eos: colors of ${mean.length} for ${size} numbers`);
  const unit = mean.some((value) => value > 2) ? 255 : 1;
  return {
    mean: scaled(mean, 1 / unit),
    basis,
    // The basis is orthonormal, so its coefficients are in the unit of the colors.
    standardDeviations: Float32Array.from(eigenvalues, (value) => Math.sqrt(value) / unit),
  };
}

function checkIndices(indices: Uint32Array, vertexCount: number): Uint32Array {
  for (const index of indices) {
    if (index >= vertexCount) throw badModel(`eos: triangles hold ${index} of ${vertexCount}`);
  }
  return indices;
}

/** A count, then name and deformation of each. */
function readBlendshapes(
  bytes: Uint8Array,
  size: number,
): { names: string[]; basis: Float32Array } {
  const cursor = cursorOf(bytes);
  const count = takeUint64(cursor);
  if (count * (16 + 4 * size) > bytes.length)
    throw badModel(`eos: ${count} blendshapes in too few bytes`);
  const names: string[] = [];
  const basis = new Float32Array(count * size);
  for (let k = 0; k < count; k++) {
    const length = takeUint64(cursor);
    const start = advance(cursor, length);
    names.push(String.fromCharCode(...bytes.subarray(start, start + Math.min(length, 200))));
    const { data } = takeMatrix(cursor);
    if (data.length !== size)
      throw badModel(`eos: a blendshape of ${data.length} for ${size} numbers`);
    basis.set(data, k * size);
  }
  if (cursor.at !== bytes.length) throw badModel("eos: bytes are left over after the blendshapes");
  return { names, basis };
}

/** Lines "31 = 114 # nose-tip" of the section of landmarks, by ascending landmark; they count from 1. */
function readLandmarkMap(bytes: Uint8Array): { landmark: number; vertex: number }[] {
  const text = String.fromCharCode(...bytes.subarray(0, 65_536));
  const section = text.split("[landmark_mappings]")[1]?.split(/^\[/m)[0] ?? "";
  return [...section.matchAll(/^\s*(\d+)\s*=\s*(\d+)/gm)]
    .map((line) => ({ landmark: Number(line[1]), vertex: Number(line[2]) }))
    .sort((a, b) => a.landmark - b.landmark);
}
