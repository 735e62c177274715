import { addConstant, addIntegers, addNode, addScalar, type Graph } from "../onnx/graph.ts";
import { addTensor, type StateDict } from "./state-dict.ts";

/** x·Wᵀ + b of rows x: [N×inputs] → [N×outputs]; a layer whose bias is false has none. */
export function addLinear(
  graph: Graph,
  state: StateDict,
  value: string,
  weight: string,
  [inputs, outputs]: readonly [number, number],
  bias: string | false,
): string {
  const names = [value, addTensor(graph, state, weight, [outputs, inputs])];
  if (bias) names.push(addTensor(graph, state, bias, [outputs]));
  // Gemm takes the weights as they lie in the file.
  return addNode(graph, "Gemm", names, { transB: 1 });
}

/** Each row to mean 0 and variance 1, scaled and shifted: [N×C]. */
export function addLayerNorm(
  graph: Graph,
  state: StateDict,
  value: string,
  layer: string,
  channels: number,
  epsilon: number,
): string {
  const scale = addTensor(graph, state, `${layer}.weight`, [channels]);
  const shift = addTensor(graph, state, `${layer}.bias`, [channels]);
  const settings = { axis: -1, epsilon: { float: epsilon } };
  return addNode(graph, "LayerNormalization", [value, scale, shift], settings);
}

/** x/2·(1 + erf(x/√2)): the exact form, from which the common approximation drifts. */
export function addGelu(graph: Graph, value: string): string {
  const inner = addNode(graph, "Div", [value, addScalar(graph, Math.SQRT2)]);
  const erf = addNode(graph, "Erf", [inner]);
  const sum = addNode(graph, "Add", [erf, addScalar(graph, 1)]);
  const product = addNode(graph, "Mul", [value, sum]);
  return addNode(graph, "Mul", [product, addScalar(graph, 0.5)]);
}

/**
 * softmax(q·kᵀ/√d)·v of each head, heads side by side: [N×3C] → [N×C].
 *
 * @param projected queries, keys and values of N tokens, each [heads×d]
 */
export function addAttention(
  graph: Graph,
  projected: string,
  { tokens, channels, heads }: { tokens: number; channels: number; heads: number },
): string {
  const depth = channels / heads;
  const shape = addIntegers(graph, [tokens, 3, heads, depth]);
  const split = addNode(graph, "Reshape", [projected, shape]);
  const byHead = addNode(graph, "Transpose", [split], { perm: [1, 2, 0, 3] });
  const [q, k, v] = [0, 1, 2].map((i) => {
    const index = addConstant(
      graph,
      `index_${graph.constants.length}`,
      [],
      BigInt64Array.of(BigInt(i)),
    );
    return addNode(graph, "Gather", [byHead, index], { axis: 0 });
  }) as [string, string, string];
  const turned = addNode(graph, "Transpose", [k], { perm: [0, 2, 1] });
  const scores = addNode(graph, "Mul", [
    addNode(graph, "MatMul", [q, turned]),
    addScalar(graph, 1 / Math.sqrt(depth)),
  ]);
  const weights = addNode(graph, "Softmax", [scores], { axis: -1 });
  const mixed = addNode(graph, "MatMul", [weights, v]);
  const rows = addNode(graph, "Transpose", [mixed], { perm: [1, 0, 2] });
  return addNode(graph, "Reshape", [rows, addIntegers(graph, [tokens, channels])]);
}

/** Rows [H·W×C] as planes [1×C×H×W], H = W = side. */
export function addPlanes(graph: Graph, rows: string, channels: number, side: number): string {
  const turned = addNode(graph, "Transpose", [rows], { perm: [1, 0] });
  return addNode(graph, "Reshape", [turned, addIntegers(graph, [1, channels, side, side])]);
}

/** Planes [1×C×H×W] as rows [H·W×C]. */
export function addRows(graph: Graph, planes: string, channels: number, count: number): string {
  const flat = addNode(graph, "Reshape", [planes, addIntegers(graph, [channels, count])]);
  return addNode(graph, "Transpose", [flat], { perm: [1, 0] });
}
