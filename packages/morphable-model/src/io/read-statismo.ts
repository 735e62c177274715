import { findNode, type Hdf5Dataset, type Hdf5Group, readDatasets } from "@headform/formats/hdf5";
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
  // 1. All that the file has to have is there and fits, before anything is made of it.
  const has = (path: string): boolean => findNode(root, path) !== undefined;
  const shape = has("shape/model") ? "shape/" : "";
  const prefixes = [shape, "expression/", "color/"].filter(
    (prefix) => prefix === shape || has(`${prefix}model`),
  );
  checkParts(root, prefixes);
  const file = readAll(root, [
    `${shape}representer/cells`,
    ...prefixes.flatMap((prefix) => PART.map((name) => `${prefix}${name}`)),
    ...(has("version/minorVersion") ? ["version/majorVersion", "version/minorVersion"] : []),
  ]);
  const size = take(file, `${shape}model/mean`).data.length;
  const indices = takeTriangles(take(file, `${shape}representer/cells`), size / 3);

  // 2. The model.
  const shapeModel = makePart(file, shape);
  const mean = Float32Array.from(shapeModel.mean);
  const expression = prefixes.includes("expression/") ? makePart(file, "expression/") : undefined;
  if (expression) for (let i = 0; i < size; i++) mean[i] += expression.mean[i];
  const color = prefixes.includes("color/") ? asColors(makePart(file, "color/")) : undefined;
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
function asColors({ mean, basis, standardDeviations }: Part): ColorModel {
  const isBytes = Array.prototype.some.call(mean, (value: number) => value > 2);
  if (!isBytes) return { mean: Float32Array.from(mean), basis, standardDeviations };
  return { mean: scaled(mean, 1 / 255), basis: scaled(basis, 1 / 255), standardDeviations };
}

interface Part {
  readonly mean: ArrayLike<number>;
  readonly basis: Float32Array;
  readonly standardDeviations: Float32Array;
}

/** What makes a part, one linear model of the file. */
const PART = ["model/mean", "model/pcaBasis", "model/pcaVariance"];

interface Numbers {
  readonly shape: readonly number[];
  readonly data: ArrayLike<number | bigint>;
}

/** The parts' shapes agree, by what the file says of them; nothing is read yet. */
function checkParts(root: Hdf5Group, prefixes: readonly string[]): void {
  const countOf = (path: string): number =>
    nodeAt(root, path).shape.reduce((product, length) => product * length, 1);
  const size = countOf(`${prefixes[0]}model/mean`);
  for (const prefix of prefixes) {
    const [mean, basis, variance] = PART.map((name) => `${prefix}${name}`);
    if (countOf(mean) !== size) throw badModel(`${prefix}model is not of the shape's size`);
    const { shape } = nodeAt(root, basis);
    if (shape.length !== 2 || shape[0] !== size || shape[1] !== countOf(variance)) {
      throw badModel(`${basis} has shape ${shape.join("×")}`);
    }
  }
}

/** Mean, basis [K×V×3] and standard deviations of a part. */
function makePart(file: ReadonlyMap<string, Numbers>, prefix: string): Part {
  const [mean, , variances] = PART.map(
    (name) => take(file, `${prefix}${name}`).data as ArrayLike<number>,
  );
  const basis = take(file, `${prefix}model/pcaBasis`).data as Float32Array;
  if (isOrthonormal(file, basis.subarray(0, mean.length))) {
    return { mean, basis, standardDeviations: Float32Array.from(variances, Math.sqrt) };
  }
  return { mean, basis, standardDeviations: new Float32Array(variances.length).fill(1) };
}

/** Three rows of F, or F rows of three. */
function takeTriangles({ shape, data }: Numbers, vertexCount: number): Uint32Array {
  const [rows, columns] = shape;
  if (shape.length !== 2 || (rows !== 3 && columns !== 3)) throw badModel("cells are no triangles");
  const indices = toIndices("cells", data, vertexCount);
  if (rows !== 3) return indices;
  return indices.map((_, i) => indices[(i % 3) * columns + Math.floor(i / 3)]);
}

/** By the file's version, or where it has none by the length of the first mode. */
function isOrthonormal(file: ReadonlyMap<string, Numbers>, mode: Float32Array): boolean {
  if (file.has("version/minorVersion")) {
    const [major, minor] = ["major", "minor"].map((part) =>
      Number(take(file, `version/${part}Version`).data[0]),
    );
    return major > 0 || minor >= 9;
  }
  return Math.abs(mode.reduce((sum, value) => sum + value * value, 0) - 1) < 0.01;
}

function nodeAt(root: Hdf5Group, path: string): Hdf5Dataset {
  const node = findNode(root, path);
  if (node?.kind !== "dataset") throw badModel(`${path} is missing`);
  if (node.type === "string") throw badModel(`${path} is text`);
  return node;
}

/** Datasets by path, all of them sound or none; a basis mode by mode, as soon as it is there. */
function readAll(root: Hdf5Group, paths: readonly string[]): ReadonlyMap<string, Numbers> {
  const nodes = paths.map((path) => nodeAt(root, path));
  const file = new Map<string, Numbers>();
  for (const read of readDatasets(nodes)) {
    const path = paths[file.size];
    const { shape } = nodes[file.size];
    const data = read as ArrayLike<number | bigint>;
    const isBasis = path.endsWith("pcaBasis");
    file.set(path, {
      shape,
      data: isBasis ? transpose(data as ArrayLike<number>, shape[0], shape[1]) : data,
    });
  }
  return file;
}

function take(file: ReadonlyMap<string, Numbers>, path: string): Numbers {
  return file.get(path)!;
}
