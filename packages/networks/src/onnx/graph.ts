/** Element types of the constants that are written. */
export type ConstantType = "float32" | "int64";

/** Value of a node's attribute: whole numbers, text, or `{ float }` where ONNX wants a float. */
export type AttributeValue = number | string | readonly number[] | { readonly float: number };

/** One operator of a graph. */
export interface GraphNode {
  readonly operator: string;
  /** Names of values; "" leaves an optional input out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, AttributeValue>>;
}

/** Something that is fed to a network, or that it gives: a text stands for a size that is free. */
export interface GraphValue {
  readonly name: string;
  readonly dims: readonly (number | string)[];
}

/** A tensor that is part of a network. */
export interface GraphConstant {
  readonly name: string;
  readonly type: ConstantType;
  readonly dims: readonly number[];
  /** Little-endian elements in C order; a view is written as it lies, whatever its alignment. */
  readonly bytes: Uint8Array;
}

/** A network under construction; {@link writeOnnx} makes its file. */
export interface Graph {
  readonly name: string;
  readonly inputs: GraphValue[];
  readonly outputs: GraphValue[];
  readonly nodes: GraphNode[];
  readonly constants: GraphConstant[];
  /** Texts that travel with the file. */
  readonly metadata: Record<string, string>;
}

/** An empty graph. */
export function createGraph(name: string): Graph {
  return { name, inputs: [], outputs: [], nodes: [], constants: [], metadata: {} };
}

/** Declares a float input and gives its name. */
export function addInput(graph: Graph, name: string, dims: readonly (number | string)[]): string {
  graph.inputs.push({ name, dims });
  return name;
}

/** Declares the value of that name a float output. */
export function addOutput(graph: Graph, name: string, dims: readonly (number | string)[]): void {
  graph.outputs.push({ name, dims });
}

/**
 * Adds an operator with one output and gives the output's name.
 *
 * @param output its name; one that counts the nodes unless told
 */
export function addNode(
  graph: Graph,
  operator: string,
  inputs: readonly string[],
  attributes: GraphNode["attributes"] = {},
  output: string = `${operator}_${graph.nodes.length}`,
): string {
  graph.nodes.push({ operator, inputs, outputs: [output], attributes });
  return output;
}

/**
 * Adds a constant and gives its name.
 *
 * @param data float or whole numbers, or a float tensor's little-endian bytes
 * @throws RangeError when the data do not fill the sizes
 */
export function addConstant(
  graph: Graph,
  name: string,
  dims: readonly number[],
  data: Float32Array | BigInt64Array | Uint8Array,
): string {
  const type = data instanceof BigInt64Array ? "int64" : "float32";
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const count = dims.reduce((product, size) => product * size, 1);
  if (bytes.length !== count * (type === "int64" ? 8 : 4)) {
    throw new RangeError(
      `addConstant: ${name}: expected ${type} [${dims}], got ${bytes.length} bytes`,
    );
  }
  graph.constants.push({ name, type, dims, bytes });
  return name;
}

/** Adds a list of whole numbers, as shapes and sizes are given, and gives its name. */
export function addIntegers(graph: Graph, values: readonly number[]): string {
  const name = `integers_${graph.constants.length}`;
  return addConstant(graph, name, [values.length], BigInt64Array.from(values, BigInt));
}

/** Adds one float and gives its name. */
export function addScalar(graph: Graph, value: number): string {
  return addConstant(graph, `scalar_${graph.constants.length}`, [], Float32Array.of(value));
}
