export { isNetworkError, NetworkError, type NetworkErrorCode } from "../network-error.ts";
export {
  type AttributeValue,
  addConstant,
  addInput,
  addIntegers,
  addNode,
  addOutput,
  addScalar,
  type ConstantType,
  createGraph,
  type Graph,
  type GraphConstant,
  type GraphNode,
  type GraphValue,
} from "./graph.ts";
export { type OnnxDescription, type OnnxValue, readOnnx } from "./read-onnx.ts";
export { writeOnnx } from "./write-onnx.ts";
