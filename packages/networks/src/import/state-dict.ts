import { type Tensor, toContiguous, toFloat32 } from "@headform/formats/torch";
import { NetworkError } from "../network-error.ts";
import { addConstant, type Graph } from "../onnx/graph.ts";

/** Tensors by name, of one file. */
export interface StateDict {
  readonly tensors: ReadonlyMap<string, Tensor>;
  /** The importer, named in messages. */
  readonly caller: string;
}

/** The tensors among the values of a map, which is what a checkpoint calls a state dict. */
export function stateDictOf(value: unknown, caller: string): StateDict | undefined {
  if (!(value instanceof Map)) return undefined;
  const tensors = new Map<string, Tensor>();
  for (const [name, entry] of value) if (isTensor(entry)) tensors.set(String(name), entry);
  return tensors.size > 0 ? { tensors, caller } : undefined;
}

export function isTensor(value: unknown): value is Tensor {
  return typeof value === "object" && value !== null && (value as Tensor).kind === "tensor";
}

/**
 * A tensor of the sizes asked for; null stands for any size.
 *
 * @throws NetworkError `"missing"`, `"shape"`
 */
export function takeTensor(
  { tensors, caller }: StateDict,
  name: string,
  dims: readonly (number | null)[],
): Tensor {
  const tensor = tensors.get(name);
  if (!tensor) {
    const message = `${caller}: expected a tensor "${name}", got none of that name`;
    throw new NetworkError("missing", message, { subject: name });
  }
  const { shape } = tensor;
  const fits = shape.length === dims.length && dims.every((d, i) => (d ?? shape[i]) === shape[i]);
  if (!fits || shape.includes(0)) {
    const wanted = dims.map((size) => size ?? "any").join(", ");
    const message = `${caller}: tensor "${name}": expected [${wanted}], got [${shape.join(", ")}]`;
    throw new NetworkError("shape", message, { subject: name });
  }
  if (/^(complex|bool)/.test(tensor.dtype)) {
    const message = `${caller}: tensor "${name}": expected real numbers, got ${tensor.dtype}`;
    throw new NetworkError("shape", message, { subject: name });
  }
  return tensor;
}

/** Puts a tensor into a graph, once, and gives its name there. */
export function addTensor(
  graph: Graph,
  state: StateDict,
  name: string,
  dims: readonly (number | null)[],
): string {
  const tensor = takeTensor(state, name, dims);
  return addConstant(graph, name, tensor.shape, floatBytes(tensor));
}

/**
 * The little-endian single floats of a tensor. Where they lie so in the file the bytes are a view of
 * it: large networks are not copied before they are written.
 */
export function floatBytes(tensor: Tensor): Uint8Array {
  const { dtype, shape, offset, storage } = tensor;
  const count = shape.reduce((product, size) => product * size, 1);
  if (dtype === "float32" && isInOrder(tensor)) {
    return storage.subarray(4 * offset, 4 * (offset + count));
  }
  const data = dtype === "float32" ? toContiguous(tensor) : toFloat32(tensor);
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

function isInOrder({ shape, strides }: Tensor): boolean {
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis]! > 1 && strides[axis] !== expected) return false;
    expected *= shape[axis]!;
  }
  return true;
}
