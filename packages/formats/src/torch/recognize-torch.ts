import { type ArrayDtype, countOf, isShape, type Tensor } from "../array/nd-array.ts";
import { isInside } from "../array/to-contiguous.ts";
import { brokenAt, createCursor } from "../cursor/cursor.ts";
import type { Recognition, Recognizer } from "../pickle/recognize.ts";
import { hasKind, isGlobal, isRaw, type MutableObject, type VmValue } from "../pickle/vm-value.ts";
import { readLegacyStream } from "./read-legacy-stream.ts";
import { dtypeOfName } from "./storage.ts";

/** Torch's tensors, and the streams within pickles in which it keeps their storages. */
export const TORCH_RECOGNIZERS: readonly (readonly [string, Recognizer])[] = [
  ["torch._utils._rebuild_tensor", tensorOf],
  ["torch._utils._rebuild_tensor_v2", tensorOf],
  ["torch._utils._rebuild_tensor_v3", tensorOf],
  ["torch._utils._rebuild_parameter", parameterOf],
  ["torch._utils._rebuild_parameter_with_state", parameterOf],
  ["torch._tensor._rebuild_from_type_v2", subclassOf],
  ["torch.storage._load_from_bytes", nestedOf],
  ["torch.Size", ({ args }) => args[0]],
];

/** Repetition (stride 0) may make more elements than a storage has, up to here. */
const MAX_REPEATED = 2 ** 24;

/** Arguments: storage, offset, shape, strides, requires_grad, hooks, and in v3 a dtype. */
function tensorOf({ name, args }: MutableObject, { cursor }: Recognition): VmValue | undefined {
  const [source, offset, shape, strides, requiresGrad, , dtypeGlobal] = args;
  if (!hasKind(source) || source.kind !== "storage") return undefined;
  let dtype: ArrayDtype | undefined = source.dtype;
  if (name === "_rebuild_tensor_v3") {
    dtype = isGlobal(dtypeGlobal) ? dtypeOfName(dtypeGlobal.name) : undefined;
    if (!dtype) return undefined;
  }
  if (!isShape(shape) || !isShape(strides) || !isShape([offset])) {
    throw brokenAt(cursor, "a tensor has no shape, strides and offset of whole numbers");
  }
  const tensor: Tensor = {
    kind: "tensor",
    dtype,
    shape,
    strides,
    offset: offset as number,
    storage: source.bytes,
    requiresGrad: requiresGrad === true,
  };
  if (!isInside(tensor)) {
    const size = source.bytes.length;
    throw brokenAt(cursor, `a tensor of shape [${shape}] lies outside its ${size} bytes`);
  }
  const count = countOf(shape);
  if (count > source.bytes.length && count > MAX_REPEATED) {
    throw brokenAt(cursor, `a tensor repeats its elements ${count} times`);
  }
  return tensor;
}

/** Arguments: tensor, requires_grad, hooks. */
function parameterOf({ args }: MutableObject): VmValue | undefined {
  const [tensor, requiresGrad] = args;
  if (!hasKind(tensor) || tensor.kind !== "tensor") return undefined;
  return { ...tensor, requiresGrad: requiresGrad === true };
}

/** Arguments: rebuilding function, subclass, its arguments, attributes; the subclass adds nothing. */
function subclassOf(object: MutableObject, context: Recognition): VmValue | undefined {
  const [callee, , args] = object.args;
  if (!isGlobal(callee) || callee.name === object.name || !Array.isArray(args)) return undefined;
  const recognizer = context.recognizers.get(`${callee.module}.${callee.name}`);
  return recognizer?.({ ...object, module: callee.module, name: callee.name, args }, context);
}

function nestedOf({ args }: MutableObject, context: Recognition): VmValue | undefined {
  const [source] = args;
  const bytes = isRaw(source) ? source.bytes : source;
  if (!(bytes instanceof Uint8Array)) return undefined;
  const cursor = createCursor(bytes, context.cursor.format);
  return readLegacyStream(cursor, context.budget, context.recognizers) as VmValue;
}
