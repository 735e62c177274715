import { readObj } from "@headform/mesh/io";
import type { PcaModel } from "../pca-model.ts";
import { orientTriangles, scaled } from "./arrange.ts";
import { badModel } from "./bad-model.ts";
import { type FileOf, label } from "./open-file.ts";

/**
 * A folder of OBJ files of one topology, as ICT-FaceKit has it: `generic_neutral_mesh.obj` (or another
 * whose name says neutral, mean or base), `identity000.obj` …, each one shape mode at one standard
 * deviation, and expressions at full weight under their names.
 *
 * @param scale from the files' unit to millimeters; ICT-FaceKit is in centimeters
 */
export function readObjFolder(files: readonly FileOf<"obj">[], scale = 10): PcaModel {
  const titled = files
    .map((file) => ({ title: titleOf(file.name), ...file }))
    .sort((a, b) => (a.title < b.title ? -1 : 1));
  const neutral = titled.find(({ title }) => /neutral|mean|base/i.test(title));
  if (!neutral) throw badModel("no OBJ file is called neutral, mean or base");
  const mesh = readObj(neutral.bytes);
  const mean = scaled(mesh.positions, scale);
  const others = titled.filter((file) => file !== neutral);
  const isShape = ({ title }: { title: string }): boolean => /^identity\d+$/.test(title);
  const shapes = others.filter(isShape);
  const expressions = others.filter((file) => !isShape(file));
  for (const { name, bytes } of others) {
    // Every number takes a digit and a space at least, so no small file claims a large basis.
    if (bytes.length < 2 * mean.length) throw badModel(`${label(name)} has too few vertices`);
  }
  const basisOf = (list: typeof others): Float32Array => {
    const basis = new Float32Array(list.length * mean.length);
    for (const [k, { name, bytes }] of list.entries()) {
      const positions = readVertices(bytes, mean.length, name);
      for (let i = 0; i < mean.length; i++) {
        // Differences first: positions are a hundred times as large.
        basis[k * mean.length + i] = scale * (positions[i] - mesh.positions[i]);
      }
    }
    return basis;
  };
  const indices = orientTriangles(mean, mesh.indices);
  // Only where no triangle was turned over do its texture coordinates still stand in order.
  const uvs = mesh.uvs &&
    indices === mesh.indices && {
      uvs: mesh.uvs,
      ...(mesh.uvIndices && { uvIndices: mesh.uvIndices }),
    };
  return {
    kind: "pca",
    name: /^generic_neutral_mesh$/.test(neutral.title) ? "ICT-FaceKit" : neutral.title,
    version: "",
    licence: "",
    unit: "mm",
    mean,
    indices,
    ...uvs,
    shapeBasis: basisOf(shapes),
    shapeStandardDeviations: new Float32Array(shapes.length).fill(1),
    expressionBasis: basisOf(expressions),
    expressionStandardDeviations: new Float32Array(expressions.length).fill(1),
    expressionNames: expressions.map(({ title }) => title),
    ...(expressions.length > 0 && { expressionRange: [0, 1] as const }),
    landmarkTriangles: new Uint32Array(0),
    landmarkBarycentrics: new Float32Array(0),
  };
}

/** "FaceXModel/jawOpen.obj" is "jawOpen". */
function titleOf(path: string): string {
  return (path.split(/[/\\]/).at(-1) ?? path).replace(/\.obj$/i, "");
}

const NEWLINE = 10;
const V = 0x76;
const SPACE = 0x20;

/** The `v` lines alone: a hundred files of the same triangles need them read once only. */
function readVertices(bytes: Uint8Array, length: number, name: string): Float32Array {
  const out = new Float32Array(length);
  let filled = 0;
  for (let start = 0; start < bytes.length; ) {
    const newline = bytes.indexOf(NEWLINE, start);
    const end = newline < 0 ? bytes.length : newline;
    if (bytes[start] === V && bytes[start + 1] === SPACE) {
      const line = String.fromCharCode(...bytes.subarray(start + 2, Math.min(end, start + 202)));
      const tokens = line.trim().split(/\s+/, 3);
      for (const token of tokens) {
        const value = Number(token);
        if (!Number.isFinite(value) || filled === length) break;
        out[filled++] = value;
      }
      if (filled % 3 !== 0)
        throw badModel(`${label(name)} has a vertex ${JSON.stringify(line.slice(0, 40))}`);
      if (filled === length && bytes.indexOf(NEWLINE, end) < 0) break;
    }
    start = end + 1;
  }
  if (filled !== length)
    throw badModel(`${label(name)} has ${filled / 3} vertices of ${length / 3}`);
  return out;
}
