import type { NumberArray } from "../file-view.ts";
import { FormatError } from "../format-error.ts";
import type { Hdf5Data, Hdf5Dataset, Hdf5Group, Hdf5Node } from "../hdf5/node.ts";
import { createAllowance, type ProvenDataset, proveDataset } from "../hdf5/prove-dataset.ts";
import { decodeDataset } from "../hdf5/read-dataset.ts";
import { readHdf5 } from "../hdf5/read-hdf5.ts";
import { CLASS_TYPES, MAX_VALUES, type MatValue, textRows } from "./mat-value.ts";

/** What reading a 7.3 file needs all along. */
interface Context {
  /** Objects that references of cells and structs name, by address. */
  readonly objects: ReadonlyMap<number, Hdf5Node>;
  readonly known: Map<Hdf5Node, MatValue>;
  readonly proven: ReadonlyMap<Hdf5Node, ProvenDataset>;
}

const MAX_AXES = 32;

/** The variables of a version 7.3 file, which is HDF5 with MATLAB's attributes. */
export function readHdf5Variables(
  bytes: Uint8Array,
  maxBytes: number | undefined,
): ReadonlyMap<string, MatValue> {
  const root = readHdf5(bytes);
  const objects = new Map<number, Hdf5Node>();
  // "#subsystem#" is MATLAB's own and not read.
  for (const [name, node] of root.children) if (name !== "#subsystem#") collect(node, objects);
  const context: Context = { objects, known: new Map(), proven: proveAll(objects, maxBytes) };
  const variables = new Map<string, MatValue>();
  for (const [name, node] of root.children) {
    // "#refs#" is where cells and objects keep their parts.
    if (!name.startsWith("#")) variables.set(name, readValue(node, context, 0));
  }
  return variables;
}

function collect(node: Hdf5Node, objects: Map<number, Hdf5Node>): void {
  if (objects.has(node.address)) return;
  objects.set(node.address, node);
  if (node.kind === "group") for (const child of node.children.values()) collect(child, objects);
}

/** Every dataset that may be read, before memory is taken for the first. */
function proveAll(
  objects: ReadonlyMap<number, Hdf5Node>,
  maxBytes: number | undefined,
): ReadonlyMap<Hdf5Node, ProvenDataset> {
  const datasets = [...objects.values()].filter((node) => node.kind === "dataset");
  if (datasets.length === 0) return new Map();
  const allowance = createAllowance(datasets[0].stored.file, maxBytes);
  return new Map(
    datasets
      // Of a type that is not read: that is said when a variable needs it.
      .filter(({ stored }) => stored.datatype.kind !== "unread")
      .map((dataset) => [dataset, proveDataset(dataset, allowance)]),
  );
}

function readValue(node: Hdf5Node, context: Context, depth: number): MatValue {
  const known = context.known.get(node);
  if (known) return known;
  if (depth > 64) throw broken(node, "more than 64 values in one another");
  const value =
    node.kind === "group" ? readGroup(node, context, depth) : readArray(node, context, depth);
  context.known.set(node, value);
  return value;
}

function broken(node: Hdf5Node, message: string): FormatError {
  return new FormatError("mat", `mat: ${message}`, { offset: node.address });
}

function classOf(node: Hdf5Node): string | undefined {
  const value = node.attributes.get("MATLAB_class")?.[0];
  return typeof value === "string" ? value : undefined;
}

/** A group is a struct, or a sparse matrix where it says how many rows there are. */
function readGroup(node: Hdf5Group, context: Context, depth: number): MatValue {
  const rows = node.attributes.get("MATLAB_sparse")?.[0];
  if (rows === undefined) {
    const className = classOf(node) ?? "struct";
    const fields = new Map<string, MatValue>();
    for (const [name, child] of node.children)
      fields.set(name, readValue(child, context, depth + 1));
    return { kind: "struct", className, shape: [1, 1], elements: [fields] };
  }
  const part = (name: string): ArrayLike<number | bigint> => {
    const child = node.children.get(name);
    return child?.kind === "dataset" ? (fetch(child, context) as NumberArray) : [];
  };
  const rowIndices = Int32Array.from(part("ir"), Number);
  const columnStarts = Int32Array.from(part("jc"), Number);
  const data = node.children.has("data") ? (part("data") as NumberArray) : new Float64Array(0);
  const shape = [Number(rows), columnStarts.length - 1] as const;
  const ordered =
    columnStarts[0] === 0 &&
    columnStarts.every((start, j) => j === 0 || start >= columnStarts[j - 1]) &&
    columnStarts[shape[1]] === rowIndices.length &&
    rowIndices.every((row) => row >= 0 && row < shape[0]);
  if (!ordered || data.length !== rowIndices.length) {
    throw broken(node, "a sparse matrix without order");
  }
  return { kind: "sparse", shape, rows: rowIndices, columnStarts, data };
}

function readArray(node: Hdf5Dataset, context: Context, depth: number): MatValue {
  const className = classOf(node) ?? "double";
  const empty = node.attributes.get("MATLAB_empty")?.[0];
  const data = fetch(node, context);
  if (empty && data.length > MAX_AXES) throw broken(node, `a shape of ${data.length} axes`);
  // HDF5 counts the last axis fastest, MATLAB the first. An empty array holds its shape instead.
  const shape = empty ? Array.from(data as NumberArray, Number) : [...node.shape].reverse();
  if (className === "cell" || node.type === "reference") {
    if (empty) return { kind: "cell", shape, values: [] };
    if (node.type !== "reference") throw broken(node, "a cell without references");
    const values = Array.from(data as Float64Array, (address) => {
      const target = context.objects.get(address);
      if (!target) throw broken(node, "a cell's value is missing");
      return readValue(target, context, depth + 1);
    });
    return { kind: "cell", shape, values };
  }
  if (className === "char") {
    const codes = empty ? [] : (data as ArrayLike<number>);
    if (shape[0] > MAX_VALUES) throw broken(node, `more than ${MAX_VALUES} texts`);
    return { kind: "text", shape, rows: textRows(codes, shape) };
  }
  if (className === "struct") {
    return { kind: "struct", className, shape, elements: [] };
  }
  if (!(className in CLASS_TYPES)) return { kind: "inert", className };
  if (empty) return { kind: "array", className, shape, data: new Float64Array(0) };
  if (Array.isArray(data)) throw broken(node, "text where numbers belong");
  return { kind: "array", className, shape, data: data as NumberArray };
}

function fetch(node: Hdf5Dataset, { proven }: Context): Hdf5Data {
  const proof = proven.get(node);
  if (!proof) throw broken(node, `${node.type} is not read`);
  return decodeDataset(proof);
}
