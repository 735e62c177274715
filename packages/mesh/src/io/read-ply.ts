import type { Mesh, Unit } from "../mesh.ts";
import { joinRows } from "./join-rows.ts";
import { MeshFormatError } from "./mesh-format-error.ts";
import {
  type PlyElement,
  type PlyHeader,
  type PlyProperty,
  type PlyScalar,
  readPlyHeader,
} from "./ply-header.ts";
import { decodeText, excerpt } from "./text.ts";

export interface ReadPlyOptions {
  /** Unit of the file; default what a comment of `writePly` says, else `"none"`. */
  readonly unit?: Unit;
}

/**
 * Reads a PLY, text or binary of either byte order: triangles and polygons (cut into fans) as one mesh.
 *
 * Positions, normals, colors (bytes, or floats from 0 to 1) and texture coordinates (per vertex as
 * `s t`, `u v` or `texture_u texture_v`, or per corner as `texcoord`) are taken; other elements and
 * properties are passed over. A file without faces is a cloud of points.
 *
 * @throws {MeshFormatError} with the line or byte, when the header contradicts the file's length, a
 *   position is not finite, or a polygon names a vertex that is not there
 */
export function readPly(bytes: Uint8Array, options: ReadPlyOptions = {}): Mesh {
  const header = readPlyHeader(bytes);
  const source =
    header.encoding === "ascii" ? textSource(bytes, header) : binarySource(bytes, header);
  let vertices: Vertices | undefined;
  let faces: Faces | undefined;
  for (const element of header.elements) {
    checkCount(element, source);
    if (element.name === "vertex") vertices = readVertices(element, source);
    else if (element.name === "face") faces = readFaces(element, source);
    else skipElement(element, source);
  }
  if (!vertices) throw new MeshFormatError("ply", "the header names no vertices", { line: 1 });
  const indices = Uint32Array.from(faces?.indices ?? []);
  const vertexCount = vertices.positions.length / 3;
  for (let i = 0; i < indices.length; i++) {
    if (indices[i]! >= vertexCount) {
      throw new MeshFormatError(
        "ply",
        `triangle ${Math.floor(i / 3)} names vertex ${indices[i]} of ${vertexCount}`,
      );
    }
  }
  const unit = options.unit ?? header.unit ?? "none";
  const mesh: Mesh = { ...vertices, indices, unit };
  const texcoords = faces?.texcoords ?? [];
  if (indices.length === 0 || texcoords.length !== 2 * indices.length) return mesh;
  const { rows, indices: uvIndices } = joinRows(Float32Array.from(texcoords), 2);
  return { ...mesh, uvs: rows, uvIndices };
}

type Vertices = Pick<Mesh, "positions" | "normals" | "uvs" | "colors">;

/** Per triangle corner: a vertex, and two texture coordinates where every face has them. */
interface Faces {
  readonly indices: number[];
  readonly texcoords: number[];
}

/** Where values come from, one after the other; text and bytes differ only here. */
interface Source {
  next(type: PlyScalar): number;
  skip(type: PlyScalar, count: number): void;
  /** Most values of a type that can still follow. */
  left(type: PlyScalar): number;
  fail(message: string): never;
}

/** Refuses counts that the file is too short for, before anything is reserved for them. */
function checkCount({ name, count, properties }: PlyElement, source: Source): void {
  for (const { type, count: countType } of properties) {
    if (count > source.left(countType ?? type)) {
      source.fail(`${count} of "${name}" are more than the file is long`);
    }
  }
}

const COLUMNS: Readonly<
  Record<string, { readonly array: keyof Vertices; readonly column: number }>
> = {
  x: { array: "positions", column: 0 },
  y: { array: "positions", column: 1 },
  z: { array: "positions", column: 2 },
  nx: { array: "normals", column: 0 },
  ny: { array: "normals", column: 1 },
  nz: { array: "normals", column: 2 },
  s: { array: "uvs", column: 0 },
  t: { array: "uvs", column: 1 },
  u: { array: "uvs", column: 0 },
  v: { array: "uvs", column: 1 },
  texture_u: { array: "uvs", column: 0 },
  texture_v: { array: "uvs", column: 1 },
  red: { array: "colors", column: 0 },
  green: { array: "colors", column: 1 },
  blue: { array: "colors", column: 2 },
};

function readVertices({ count, properties }: PlyElement, source: Source): Vertices {
  const widths = { positions: 3, normals: 3, uvs: 2, colors: 3 };
  const arrays: Partial<Record<keyof Vertices, Float32Array | Uint8Array>> = {};
  for (const key of Object.keys(widths) as (keyof Vertices)[]) {
    const columns = new Set<number>();
    for (const { name, count: isList } of properties) {
      if (!isList && columnOf(name)?.array === key) columns.add(columnOf(name)!.column);
    }
    if (columns.size < widths[key]) continue;
    arrays[key] =
      key === "colors" ? new Uint8Array(3 * count) : new Float32Array(widths[key] * count);
  }
  const { positions } = arrays;
  if (!positions) return source.fail("the vertices have no x, y and z");
  const steps = properties.map((property) => {
    const place = property.count ? undefined : columnOf(property.name);
    const array = place && arrays[place.array];
    return { property, array, width: place ? widths[place.array] : 0, column: place?.column ?? 0 };
  });
  for (let i = 0; i < count; i++) {
    for (const { property, array, width, column } of steps) {
      if (!array) {
        skipProperty(property, source);
        continue;
      }
      const value = source.next(property.type);
      if (array instanceof Uint8Array) array[i * width + column] = toByte(value, property.type);
      else {
        if (!Number.isFinite(Math.fround(value)))
          source.fail(`vertex ${i} has ${property.name} = ${value}`);
        array[i * width + column] = value;
      }
    }
  }
  return arrays as Vertices;
}

function columnOf(
  name: string,
): { readonly array: keyof Vertices; readonly column: number } | undefined {
  return Object.hasOwn(COLUMNS, name) ? COLUMNS[name] : undefined;
}

function toByte(value: number, type: PlyScalar): number {
  const level = type.startsWith("float") ? 255 * value : type.endsWith("16") ? value / 257 : value;
  return Math.round(Math.min(255, Math.max(0, level)));
}

function readFaces({ count, properties }: PlyElement, source: Source): Faces {
  const faces: Faces = { indices: [], texcoords: [] };
  for (let i = 0; i < count; i++) {
    let polygon: number[] = [];
    let uvs: number[] = [];
    for (const property of properties) {
      const isPolygon = property.name === "vertex_indices" || property.name === "vertex_index";
      if (property.count && isPolygon) polygon = readList(property, source);
      else if (property.count && property.name === "texcoord") uvs = readList(property, source);
      else skipProperty(property, source);
    }
    if (polygon.length > 0 && polygon.length < 3) {
      source.fail(`face ${i} has ${polygon.length} corners`);
    }
    for (const index of polygon) {
      if (!(Number.isInteger(index) && index >= 0)) source.fail(`face ${i} names vertex ${index}`);
    }
    const hasUvs =
      uvs.length === 2 * polygon.length && uvs.every((uv) => Number.isFinite(Math.fround(uv)));
    for (let j = 2; j < polygon.length; j++) {
      for (const k of [0, j - 1, j]) {
        faces.indices.push(polygon[k]!);
        if (hasUvs) faces.texcoords.push(uvs[2 * k]!, uvs[2 * k + 1]!);
      }
    }
  }
  return faces;
}

function skipElement({ count, properties }: PlyElement, source: Source): void {
  // Without properties an element takes no room, whatever its count claims.
  if (properties.length === 0) return;
  for (let i = 0; i < count; i++) for (const property of properties) skipProperty(property, source);
}

function skipProperty(property: PlyProperty, source: Source): void {
  source.skip(property.type, property.count ? readCount(property, source) : 1);
}

function readList(property: PlyProperty, source: Source): number[] {
  const values = new Array<number>(readCount(property, source));
  for (let i = 0; i < values.length; i++) values[i] = source.next(property.type);
  return values;
}

function readCount({ name, type, count }: PlyProperty, source: Source): number {
  const length = source.next(count!);
  if (!(Number.isInteger(length) && length >= 0 && length <= source.left(type))) {
    source.fail(`a list "${name}" of ${length} values does not fit`);
  }
  return length;
}

const SIZES: Readonly<Record<PlyScalar, number>> = {
  int8: 1,
  uint8: 1,
  int16: 2,
  uint16: 2,
  int32: 4,
  uint32: 4,
  float32: 4,
  float64: 8,
};

function binarySource(bytes: Uint8Array, { encoding, dataStart }: PlyHeader): Source {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const little = encoding === "binary_little_endian";
  let offset = dataStart;
  const fail = (message: string): never => {
    throw new MeshFormatError("ply", message, { offset });
  };
  const left = (type: PlyScalar): number => Math.floor((bytes.length - offset) / SIZES[type]);
  const take = (type: PlyScalar, count: number): number => {
    if (count > left(type)) fail("the file ends early");
    const start = offset;
    offset += count * SIZES[type];
    return start;
  };
  const next = (type: PlyScalar): number => {
    const at = take(type, 1);
    switch (type) {
      case "int8":
        return view.getInt8(at);
      case "uint8":
        return view.getUint8(at);
      case "int16":
        return view.getInt16(at, little);
      case "uint16":
        return view.getUint16(at, little);
      case "int32":
        return view.getInt32(at, little);
      case "uint32":
        return view.getUint32(at, little);
      case "float32":
        return view.getFloat32(at, little);
      case "float64":
        return view.getFloat64(at, little);
    }
  };
  return { next, skip: take, left, fail };
}

function textSource(bytes: Uint8Array, { dataStart, lineCount }: PlyHeader): Source {
  const text = decodeText(bytes.subarray(dataStart), "ply");
  const word = /\S+/g;
  const fail = (message: string): never => {
    // Counted only when something is wrong: the words themselves know no lines.
    const line = lineCount + text.slice(0, word.lastIndex).split("\n").length;
    throw new MeshFormatError("ply", message, { line });
  };
  const next = (): number => {
    const at = word.lastIndex;
    const token = word.exec(text)?.[0];
    if (token === undefined) {
      word.lastIndex = at;
      return fail("the file ends early");
    }
    const value = Number(token);
    return Number.isNaN(value) ? fail(`expected a number, got "${excerpt(token)}"`) : value;
  };
  const skip = (_: PlyScalar, count: number): void => {
    for (let i = 0; i < count; i++) next();
  };
  // Every value takes a digit and, but for the last, a space.
  const left = (): number => Math.ceil((text.length - word.lastIndex) / 2);
  return { next, skip, left, fail };
}
