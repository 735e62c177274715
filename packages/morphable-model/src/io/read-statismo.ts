import { findNode, type Hdf5Data, type Hdf5Group, readDataset } from "@headform/formats/hdf5";
import type { ColorModel, PcaModel } from "../pca-model.ts";
import { numbered, orientTriangles, scaled, transpose } from "./arrange.ts";
import { badModel } from "./bad-model.ts";
import { toIndices } from "./take-array.ts";

/**
 * A statismo model: Basel Face Model 2017 and 2019 (`.h5`) with shape, expression and color, or any
 * other with a shape alone. Millimeters unless told; colors from 0 to 1, or to 255 where the mean
 * exceeds 2.
 *
 * The head at rest is the mean of the shape plus the mean of the expression, which is a displacement.
 * Coefficients belong to the orthonormal basis, so they are in the unit of the mean; before version
 * 0.9 the file's basis is scaled by the standard deviations instead.
 *
 * @see Gerig et al., Morphable face models – an open framework, 2018
 */
export function readStatismo(root: Hdf5Group): PcaModel {
  const shape = findNode(root, "shape/model") ? "shape/" : "";
  const shapeModel = readPart(root, shape);
  const mean = Float32Array.from(shapeModel.mean);
  const expression = findNode(root, "expression/model") ? readPart(root, "expression/") : undefined;
  if (expression) {
    if (expression.mean.length !== mean.length)
      throw badModel("shape and expression differ in size");
    for (let i = 0; i < mean.length; i++) mean[i] += expression.mean[i];
  }

  // Triangles are three rows of F, or F rows of three.
  const cells = read(root, `${shape}representer/cells`);
  const [rows, columns] = cells.shape;
  if (cells.shape.length !== 2 || (rows !== 3 && columns !== 3))
    throw badModel("cells are no triangles");
  const flat =
    rows === 3 ? transpose(Float64Array.from(cells.data, Number), rows, columns) : cells.data;
  const indices = toIndices("cells", flat, mean.length / 3);
  const color = findNode(root, "color/model")
    ? asColors(readPart(root, "color/"), mean.length)
    : undefined;
  const catalog = findNode(root, "catalog");
  const name = catalog?.kind === "group" ? [...catalog.children.keys()][0] : undefined;
  const expressionCount = expression?.standardDeviations.length ?? 0;
  return {
    kind: "pca",
    name: name ?? "statismo model",
    version: "",
    licence: "",
    unit: "mm",
    mean,
    indices: orientTriangles(mean, indices),
    shapeBasis: shapeModel.basis,
    shapeStandardDeviations: shapeModel.standardDeviations,
    expressionBasis: expression?.basis ?? new Float32Array(0),
    expressionStandardDeviations: expression?.standardDeviations ?? new Float32Array(0),
    expressionNames: numbered("expression", expressionCount),
    landmarkTriangles: new Uint32Array(0),
    landmarkBarycentrics: new Float32Array(0),
    ...(color && { color }),
  };
}

/** Bytes become numbers from 0 to 1, in the mean and in what the coefficients add to it. */
function asColors({ mean, basis, standardDeviations }: Part, size: number): ColorModel {
  if (mean.length !== size) throw badModel("shape and color differ in size");
  const isBytes = Array.prototype.some.call(mean, (value: number) => value > 2);
  if (!isBytes) return { mean: Float32Array.from(mean), basis, standardDeviations };
  return { mean: scaled(mean, 1 / 255), basis: scaled(basis, 1 / 255), standardDeviations };
}

interface Part {
  readonly mean: ArrayLike<number>;
  readonly basis: Float32Array;
  readonly standardDeviations: Float32Array;
}

/** Mean, basis [K×V×3] and standard deviations of one linear model of the file. */
function readPart(root: Hdf5Group, prefix: string): Part {
  const mean = read(root, `${prefix}model/mean`).data as ArrayLike<number>;
  const matrix = read(root, `${prefix}model/pcaBasis`);
  const variances = read(root, `${prefix}model/pcaVariance`).data as ArrayLike<number>;
  const [rows, columns] = matrix.shape;
  if (matrix.shape.length !== 2 || rows !== mean.length || columns !== variances.length) {
    throw badModel(`${prefix}model/pcaBasis has shape ${matrix.shape.join("×")}`);
  }
  const basis = transpose(matrix.data as ArrayLike<number>, rows, columns);
  if (isOrthonormal(root, basis.subarray(0, rows))) {
    return { mean, basis, standardDeviations: Float32Array.from(variances, Math.sqrt) };
  }
  return { mean, basis, standardDeviations: new Float32Array(columns).fill(1) };
}

/** By the file's version, or where it has none by the length of the first mode. */
function isOrthonormal(root: Hdf5Group, mode: Float32Array): boolean {
  if (findNode(root, "version/minorVersion")) {
    const [major, minor] = ["major", "minor"].map((part) =>
      Number(read(root, `version/${part}Version`).data[0]),
    );
    return major > 0 || minor >= 9;
  }
  return Math.abs(mode.reduce((sum, value) => sum + value * value, 0) - 1) < 0.01;
}

function read(
  root: Hdf5Group,
  path: string,
): { shape: readonly number[]; data: ArrayLike<number | bigint> } {
  const node = findNode(root, path);
  if (node?.kind !== "dataset") throw badModel(`${path} is missing`);
  const data: Hdf5Data = readDataset(node);
  if (Array.isArray(data)) throw badModel(`${path} is text`);
  return { shape: node.shape, data: data as ArrayLike<number | bigint> };
}
