import { type NdArray, toFloat32 } from "@headform/formats/numpy";
import type { PcaModel } from "../pca-model.ts";
import { landmarksAtVertices, numbered, orientTriangles, scaled, transpose } from "./arrange.ts";
import { badModel } from "./bad-model.ts";
import type { FileOf, ModelFile, Table } from "./open-file.ts";
import { findArray, takeArray, toIndices } from "./take-array.ts";

/** Parameters of the pose that stand before those of the shape. */
const POSE_PARAMETERS = 12;

/**
 * The model of 3DDFA: `bfm_noneck_v3.pkl` or its slim form of the second version, or the `.npy` files
 * of the first (`u_shp`, `u_exp`, `w_shp_sim`, `w_exp_sim`, `keypoints_sim`).
 *
 * Beside it go the triangles (`tri.pkl`, `tri.npy` or `tri.mat`) where the model has none, and the
 * parameter statistics (`param_mean_std_62d….pkl`, `param_whitening.pkl`), which are the only source
 * of standard deviations: without them these are 1, which means unknown.
 * Coefficients are those that 3DDFA's networks give. The file is in micrometers.
 *
 * @see Guo et al., Towards fast, accurate and stable 3D dense face alignment, 2020
 */
export function read3ddfa(files: readonly ModelFile[]): PcaModel {
  const parts = collectParts(files);
  const take = (name: string): NdArray => takeArrayOf(parts, name);
  const mean = scaled(toFloat32(take("u")), 1e-3);
  const size = mean.length;
  const bases = ["w_shp", "w_exp"].map((name) => {
    const { shape } = take(name);
    if (shape.length !== 2 || shape[0] !== size)
      throw badModel(`${name} has shape ${shape.join("×")}`);
    return scaled(transpose(toFloat32(take(name)), size, shape[1]), 1e-3);
  });
  const [shapeCount, expressionCount] = bases.map((basis) => basis.length / size);
  const deviations = readDeviations(files, shapeCount, expressionCount);
  const indices = orientTriangles(mean, readTriangles(take("tri"), size / 3));
  // Keypoints list all three coordinates of each vertex, in the flat mean.
  const keypoints = parts.has("keypoints")
    ? toIndices("keypoints", take("keypoints").data, size).filter((_, i) => i % 3 === 0)
    : new Uint32Array(0);
  return {
    kind: "pca",
    name: "3DDFA model",
    version: "",
    licence: "",
    unit: "mm",
    mean,
    indices,
    shapeBasis: bases[0],
    shapeStandardDeviations: deviations.shape,
    expressionBasis: bases[1],
    expressionStandardDeviations: deviations.expression,
    expressionNames: numbered("expression", expressionCount),
    ...landmarksAtVertices(
      keypoints.map((place) => Math.floor(place / 3)),
      indices,
      size / 3,
    ),
  };
}

/** Whether files hold such a model. */
export function is3ddfa(files: readonly ModelFile[]): boolean {
  return files.some(
    (file) =>
      (file.kind === "table" && file.table.has("w_shp") && file.table.has("u")) ||
      (file.kind === "array" && partName(file.name) === "w_shp"),
  );
}

/** "some/folder/w_shp_sim.npy" is part "w_shp". */
function partName(path: string): string {
  const file = path.split(/[/\\]/).at(-1) ?? path;
  return file.replace(/(?:_sim)?\.\w+$/, "");
}

function collectParts(files: readonly ModelFile[]): Table {
  const parts = new Map<string, NdArray>();
  for (const file of files) {
    if (file.kind === "array") parts.set(partName(file.name), file.array);
    if (file.kind === "mat") {
      const tri = file.variables.get("tri");
      if (tri?.kind !== "array" || tri.shape.length !== 2) continue;
      const data = transpose(
        Float64Array.from(tri.data as ArrayLike<number>, Number),
        tri.shape[1],
        tri.shape[0],
      );
      parts.set("tri", { kind: "ndarray", dtype: "float32", shape: tri.shape, data });
    }
    if (file.kind === "table") {
      for (const name of ["u", "w_shp", "w_exp", "tri", "keypoints"]) {
        const array = findArray(file.table, name);
        if (array) parts.set(name, array);
      }
    }
  }
  const [shape, expression] = [parts.get("u_shp"), parts.get("u_exp")];
  if (shape && expression) {
    const [a, b] = [toFloat32(shape), toFloat32(expression)];
    if (a.length !== b.length) throw badModel("u_shp and u_exp differ in length");
    const data = a.map((value, i) => value + b[i]);
    parts.set("u", { kind: "ndarray", dtype: "float32", shape: [data.length], data });
  }
  return parts;
}

function takeArrayOf(parts: Table, name: string): NdArray {
  const array = findArray(parts, name);
  if (!array) throw badModel(`3DDFA's ${name} is missing`);
  return takeArray(parts, name, array.shape);
}

/** Triangles [F×3] or [3×F], counted from 0 or 1. */
function readTriangles(array: NdArray, vertexCount: number): Uint32Array {
  const [rows, columns] = array.shape;
  if (array.shape.length !== 2 || (rows !== 3 && columns !== 3)) {
    throw badModel(`tri has shape ${array.shape.join("×")}`);
  }
  const values = Float64Array.from(array.data as ArrayLike<number>, Number);
  const flat = columns === 3 ? values : transpose(values, rows, columns);
  let largest = 0;
  let smallest = Number.POSITIVE_INFINITY;
  for (const value of flat) {
    largest = Math.max(largest, value);
    smallest = Math.min(smallest, value);
  }
  // A list that never names vertex 0 but one past the last counts from 1.
  return toIndices("tri", flat, vertexCount, smallest >= 1 && largest === vertexCount ? 1 : 0);
}

function readDeviations(
  files: readonly ModelFile[],
  shapeCount: number,
  expressionCount: number,
): { shape: Float32Array; expression: Float32Array } {
  const tables = files.filter((file): file is FileOf<"table"> => file.kind === "table");
  for (const { table } of tables) {
    const std = findArray(table, "std") ?? findArray(table, "param_std");
    if (!std) continue;
    const all = toFloat32(std);
    if (all.length < POSE_PARAMETERS + shapeCount + expressionCount) {
      throw badModel(`${all.length} parameter deviations are too few`);
    }
    // Shape takes all that expression leaves, should the model hold fewer modes.
    const end = all.length - (all.length === 62 ? 10 : expressionCount);
    return {
      shape: all.slice(POSE_PARAMETERS, POSE_PARAMETERS + shapeCount),
      expression: all.slice(end, end + expressionCount),
    };
  }
  return {
    shape: new Float32Array(shapeCount).fill(1),
    expression: new Float32Array(expressionCount).fill(1),
  };
}
