import type { Mesh, Unit } from "../mesh.ts";
import { MeshFormatError } from "./mesh-format-error.ts";
import { decodeText, excerpt, parseFloat32, parseUnitNote } from "./text.ts";

export interface ReadObjOptions {
  /** Unit of the file; default what a comment of `writeObj` says, else `"none"`. */
  readonly unit?: Unit;
}

/**
 * Reads a Wavefront OBJ: all its triangles and polygons (cut into fans) as one mesh.
 *
 * Colors are taken where every `v` line has them, normals where every vertex has one (hard edges
 * give a vertex several: then there are none). Groups, materials, lines and points are passed over.
 *
 * @param file the file's bytes or text
 * @throws {MeshFormatError} with the line, when a number, an index or a polygon is not one
 */
export function readObj(file: Uint8Array | string, options: ReadObjOptions = {}): Mesh {
  const text = typeof file === "string" ? file : decodeText(file, "obj");
  const positions: number[] = [];
  const colors: number[] = [];
  const uvs: number[] = [];
  const normals: number[] = [];
  const corners: Corners = { v: [], vt: [], vn: [] };
  let unit: Unit | undefined;

  let line = 0;
  for (let start = 0; start <= text.length; ) {
    // 1. One line; a backslash at its end joins the next.
    let content = "";
    const firstLine = line + 1;
    for (;;) {
      const newline = text.indexOf("\n", start);
      const end = newline < 0 ? text.length : newline;
      const piece = text.slice(start, end).trimEnd();
      start = end + 1;
      line++;
      const joins = piece.endsWith("\\") && start <= text.length;
      content += joins ? `${piece.slice(0, -1)} ` : piece;
      if (!joins) break;
    }
    const comment = content.indexOf("#");
    if (comment >= 0) {
      unit ??= parseUnitNote(content.slice(comment));
      content = content.slice(0, comment);
    }
    const tokens = content.trim().split(/\s+/);

    // 2. What it says.
    const number = (i: number): number => parseFloat32(tokens[i], "obj", firstLine);
    if (tokens[0] === "v") {
      positions.push(number(1), number(2), number(3));
      // Four numbers are x y z w; six or more carry a color.
      if (tokens.length >= 7) colors.push(number(4), number(5), number(6));
    } else if (tokens[0] === "vt") {
      uvs.push(number(1), tokens.length > 2 ? number(2) : 0);
    } else if (tokens[0] === "vn") {
      normals.push(number(1), number(2), number(3));
    } else if (tokens[0] === "f") {
      const counts = { v: positions.length / 3, vt: uvs.length / 2, vn: normals.length / 3 };
      addPolygon(corners, tokens, counts, firstLine);
    }
  }

  // 3. The mesh.
  const indices = Uint32Array.from(corners.v);
  const vertexNormals = perVertex(corners, normals, positions.length / 3);
  const mesh: Mesh = {
    positions: Float32Array.from(positions),
    indices,
    unit: options.unit ?? unit ?? "none",
    ...(vertexNormals && { normals: vertexNormals }),
    ...(colors.length === positions.length && colors.length > 0 && { colors: toBytes(colors) }),
  };
  if (uvs.length === 0 || corners.vt.includes(-1)) return mesh;
  const uvIndices = Uint32Array.from(corners.vt);
  const shared =
    uvs.length / 2 === positions.length / 3 && uvIndices.every((vt, i) => vt === indices[i]);
  return { ...mesh, uvs: Float32Array.from(uvs), ...(!shared && { uvIndices }) };
}

/** Per triangle corner, indices from 0; −1 where the file gives none. */
interface Corners {
  readonly v: number[];
  readonly vt: number[];
  readonly vn: number[];
}

function addPolygon(
  corners: Corners,
  tokens: readonly string[],
  counts: { readonly v: number; readonly vt: number; readonly vn: number },
  line: number,
): void {
  const size = tokens.length - 1;
  if (size < 3) {
    throw new MeshFormatError("obj", `expected a polygon of 3 or more corners, got ${size}`, {
      line,
    });
  }
  const polygon = tokens.slice(1).map((token) => {
    const [v, vt, vn] = token.split("/");
    return {
      v: parseIndex(v, counts.v, line),
      vt: vt ? parseIndex(vt, counts.vt, line) : -1,
      vn: vn ? parseIndex(vn, counts.vn, line) : -1,
    };
  });
  for (let i = 2; i < size; i++) {
    for (const corner of [polygon[0]!, polygon[i - 1]!, polygon[i]!]) {
      corners.v.push(corner.v);
      corners.vt.push(corner.vt);
      corners.vn.push(corner.vn);
    }
  }
}

/** From 1 upwards, or from −1 downwards for the latest. */
function parseIndex(token: string | undefined, count: number, line: number): number {
  const value = token ? Number(token) : Number.NaN;
  const index = value < 0 ? count + value : value - 1;
  if (!(Number.isInteger(value) && index >= 0 && index < count)) {
    const message = `expected an index of one of ${count} elements so far, got "${excerpt(token)}"`;
    throw new MeshFormatError("obj", message, { line });
  }
  return index;
}

/** [V×3] normals where each vertex has exactly one, else nothing. */
function perVertex(
  corners: Corners,
  normals: readonly number[],
  vertexCount: number,
): Float32Array | undefined {
  if (normals.length === 0 || corners.vn.includes(-1)) return undefined;
  if (normals.length === 3 * vertexCount && corners.vn.every((vn, i) => vn === corners.v[i])) {
    return Float32Array.from(normals);
  }
  const normalOf = new Int32Array(vertexCount).fill(-1);
  for (let i = 0; i < corners.v.length; i++) {
    const v = corners.v[i]!;
    if (normalOf[v] === -1) normalOf[v] = corners.vn[i]!;
    else if (normalOf[v] !== corners.vn[i]) return undefined;
  }
  if (normalOf.includes(-1)) return undefined;
  const out = new Float32Array(3 * vertexCount);
  for (let i = 0; i < out.length; i++)
    out[i] = normals[3 * normalOf[Math.floor(i / 3)]! + (i % 3)]!;
  return out;
}

/** Levels from 0 to 1, or from 0 to 255 where one is above 1. */
function toBytes(colors: readonly number[]): Uint8Array {
  const scale = colors.some((level) => level > 1) ? 1 : 255;
  return Uint8Array.from(colors, (level) => Math.round(Math.min(255, Math.max(0, scale * level))));
}
