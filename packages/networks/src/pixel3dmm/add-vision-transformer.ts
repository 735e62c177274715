import { toFloat32 } from "@headform/formats/torch";
import { addAttention, addGelu, addLayerNorm, addLinear, addRows } from "../import/add-layers.ts";
import { addTensor, type StateDict, takeTensor } from "../import/state-dict.ts";
import { NetworkError } from "../network-error.ts";
import { addConstant, addIntegers, addNode, type Graph } from "../onnx/graph.ts";
import { resamplePositions } from "./resample-positions.ts";

/** ImageNet's colors, to which DINO's inputs are normalized. */
const MEAN = [0.485, 0.456, 0.406];
const DEVIATION = [0.229, 0.224, 0.225];
const EPSILON = 1e-6;
/** Planes of one head in every vision transformer of DINO. */
const HEAD_CHANNELS = 64;

/** What a vision transformer's tensors say of its form. */
export interface VisionTransformerShape {
  readonly patch: number;
  readonly channels: number;
}

/** The form of the transformer whose tensors' names start with `prefix`. */
export function visionTransformerShape(state: StateDict, prefix: string): VisionTransformerShape {
  const dims = [null, 3, null, null];
  const { shape } = takeTensor(state, `${prefix}patch_embed.proj.weight`, dims);
  const [channels, , patch, width] = shape as [number, number, number, number];
  if (patch !== width || channels % HEAD_CHANNELS !== 0) {
    const message = `${state.caller}: expected square patches and a multiple of 64 planes, got [${shape}]`;
    throw new NetworkError("shape", message, { subject: `${prefix}patch_embed.proj.weight` });
  }
  return { patch, channels };
}

/**
 * DINO's vision transformer, first or second version: a picture in 0…1, [1×3×grid·patch×grid·patch],
 * becomes one row for each patch, [grid²×C].
 *
 * @throws NetworkError when a tensor is missing or has the wrong shape
 * @see Dosovitskiy et al., An image is worth 16x16 words, 2020; Pixel3DMM, §3.1
 */
export function addVisionTransformer(
  graph: Graph,
  state: StateDict,
  prefix: string,
  image: string,
  grid: number,
): string {
  const { patch, channels } = visionTransformerShape(state, prefix);
  for (const name of ["reg_token", "register_tokens"]) {
    if (!state.tensors.has(`${prefix}${name}`)) continue;
    const message = `${state.caller}: transformers with register tokens are not known here`;
    throw new NetworkError("layer", message, { subject: `${prefix}${name}` });
  }
  // 1. Patches.
  const scale = Float32Array.from(DEVIATION, (deviation) => 1 / deviation);
  const shift = Float32Array.from(MEAN, (mean, i) => -mean / DEVIATION[i]!);
  const scaled = addNode(graph, "Mul", [image, addConstant(graph, "scale", [1, 3, 1, 1], scale)]);
  const normal = addNode(graph, "Add", [scaled, addConstant(graph, "shift", [1, 3, 1, 1], shift)]);
  const weight = addTensor(graph, state, `${prefix}patch_embed.proj.weight`, [
    channels,
    3,
    patch,
    patch,
  ]);
  const bias = addTensor(graph, state, `${prefix}patch_embed.proj.bias`, [channels]);
  const settings = { kernel_shape: [patch, patch], strides: [patch, patch] };
  const patches = addNode(graph, "Conv", [normal, weight, bias], settings);
  const rows = addRows(graph, patches, channels, grid * grid);
  // 2. Places, and a first token that stands for the whole.
  const { first, places } = positions(state, prefix, channels, grid);
  const placed = addNode(graph, "Add", [
    rows,
    addConstant(graph, `${prefix}positions`, [grid * grid, channels], places),
  ]);
  const start = addConstant(graph, `${prefix}first`, [1, channels], first);
  let tokens = addNode(graph, "Concat", [start, placed], { axis: 0 });
  // 3. Blocks.
  const shape = { tokens: 1 + grid * grid, channels, heads: channels / HEAD_CHANNELS };
  const depth = countOf(state, `${prefix}blocks.`);
  for (let i = 0; i < depth; i++) {
    tokens = addBlock(graph, state, `${prefix}blocks.${i}.`, tokens, shape);
  }
  const last = addLayerNorm(graph, state, tokens, `${prefix}norm`, channels, EPSILON);
  // 4. The patches alone.
  const from = addIntegers(graph, [1]);
  const to = addIntegers(graph, [1 + grid * grid]);
  return addNode(graph, "Slice", [last, from, to, addIntegers(graph, [0])]);
}

function addBlock(
  graph: Graph,
  state: StateDict,
  block: string,
  value: string,
  shape: { readonly tokens: number; readonly channels: number; readonly heads: number },
): string {
  const { channels } = shape;
  const linear = (input: string, layer: string, inputs: number, outputs: number): string =>
    addLinear(graph, state, input, `${layer}.weight`, [inputs, outputs], `${layer}.bias`);
  /** The second version scales what each part adds. */
  const added = (part: string, layer: string, stream: string): string => {
    const gamma = `${block}${layer}.gamma`;
    if (!state.tensors.has(gamma)) return addNode(graph, "Add", [stream, part]);
    const scale = addTensor(graph, state, gamma, [channels]);
    return addNode(graph, "Add", [stream, addNode(graph, "Mul", [part, scale])]);
  };
  const hidden = takeTensor(state, `${block}mlp.fc1.weight`, [null, channels]).shape[0]!;

  const normal = addLayerNorm(graph, state, value, `${block}norm1`, channels, EPSILON);
  const projected = linear(normal, `${block}attn.qkv`, channels, 3 * channels);
  const attended = addAttention(graph, projected, shape);
  const mixed = added(linear(attended, `${block}attn.proj`, channels, channels), "ls1", value);

  const again = addLayerNorm(graph, state, mixed, `${block}norm2`, channels, EPSILON);
  const wide = addGelu(graph, linear(again, `${block}mlp.fc1`, channels, hidden));
  return added(linear(wide, `${block}mlp.fc2`, hidden, channels), "ls2", mixed);
}

/** Positions were learned on another grid, for a picture of another size. */
function positions(
  state: StateDict,
  prefix: string,
  channels: number,
  grid: number,
): { first: Float32Array; places: Float32Array } {
  const name = `${prefix}pos_embed`;
  const tensor = takeTensor(state, name, [1, null, channels]);
  const learned = toFloat32(tensor);
  const side = Math.sqrt(tensor.shape[1]! - 1);
  if (!Number.isInteger(side) || side < 1) {
    const message = `${state.caller}: tensor "${name}": expected 1 + n² rows, got ${tensor.shape[1]}`;
    throw new NetworkError("shape", message, { subject: name });
  }
  const token = toFloat32(takeTensor(state, `${prefix}cls_token`, [1, 1, channels]));
  return {
    first: token.map((value, c) => value + learned[c]!),
    places: resamplePositions(learned.subarray(channels), side, grid, channels),
  };
}

/** One more than the highest number that follows `prefix` in a name, so that a gap shows. */
export function countOf({ tensors }: StateDict, prefix: string): number {
  let count = 0;
  for (const name of tensors.keys()) {
    if (!name.startsWith(prefix)) continue;
    const number = /^(\d{1,3})\./.exec(name.slice(prefix.length));
    if (number) count = Math.max(count, 1 + Number(number[1]));
  }
  return count;
}
