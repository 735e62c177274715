import { type PickleValue, readTorch } from "@headform/formats/torch";
import type { SurfaceChannel, SurfaceManifest } from "@headform/inference";
import {
  addAttention,
  addGelu,
  addLayerNorm,
  addLinear,
  addPlanes,
  addRows,
} from "../import/add-layers.ts";
import { findSetting } from "../import/find-setting.ts";
import type { ImportedNetwork } from "../import/imported-network.ts";
import { addTensor, type StateDict, stateDictOf, takeTensor } from "../import/state-dict.ts";
import { NetworkError } from "../network-error.ts";
import {
  addInput,
  addIntegers,
  addNode,
  addOutput,
  createGraph,
  type Graph,
} from "../onnx/graph.ts";
import { writeOnnx } from "../onnx/write-onnx.ts";
import { addVisionTransformer, countOf, visionTransformerShape } from "./add-vision-transformer.ts";

/** Options of {@link importPixel3dmm}; every one may be left out. */
export interface ImportPixel3dmmOptions {
  /** Patches along a side of the picture; where the tensors say it, theirs holds. */
  readonly grid?: number;
  /** Attention heads of the prediction head; the checkpoint's configuration says them otherwise. */
  readonly heads?: number;
}

/** The released networks look at 32×32 patches. */
const GRID = 32;
const ENCODER = "img_encoder.model.";
const EPSILON = 1e-5;

/** What the configuration calls a network, and which planes come first of it. */
const PREDICTIONS: Readonly<Record<string, readonly SurfaceChannel[]>> = {
  uv_map: ["uv.u", "uv.v"],
  normals: ["normal.x", "normal.y", "normal.z"],
};

/**
 * Makes ONNX of a network of Pixel3DMM's release (`uv.ckpt`, `normals.ckpt`): DINO's vision
 * transformer, of the first version with patches of 16 or of the second with 14, and the head that
 * turns its patches into planes.
 *
 * Sizes come from the tensors, the number of attention heads from the configuration that is pickled in
 * the checkpoint. The planes are what the network gives: nothing is clamped, turned or normalized.
 *
 * @param bytes a checkpoint of Lightning
 * @throws FormatError when the bytes are no file of torch
 * @throws NetworkError when it is another network, or lacks a tensor or setting, or one has the wrong shape
 * @see Pixel3DMM, §3.1; its public repository for what the paper does not say
 */
export function importPixel3dmm(
  bytes: Uint8Array,
  options: ImportPixel3dmmOptions = {},
): ImportedNetwork<SurfaceManifest> {
  return pixel3dmmOf(readTorch(bytes), options);
}

/** The same of a checkpoint that has been read. Private to the package. */
export function pixel3dmmOf(
  checkpoint: PickleValue,
  options: ImportPixel3dmmOptions = {},
): ImportedNetwork<SurfaceManifest> {
  const caller = "importPixel3dmm";
  const all = checkpoint instanceof Map ? checkpoint.get("state_dict") : undefined;
  const state = withoutPrefix(stateDictOf(all, caller), caller);

  // 1. The form.
  const { patch, channels } = visionTransformerShape(state, ENCODER);
  const place = state.tensors.get("patch_pos_enc");
  const grid = place?.shape[2] ?? options.grid ?? GRID;
  const settings = (checkpoint as Map<PickleValue, PickleValue>).get("hyper_parameters");
  const heads = options.heads ?? findSetting(settings, "num_heads");
  const down = "vol_decoder.down_proj.weight";
  const [dim, inputs] = takeTensor(state, down, [null, null]).shape as [number, number];
  if (!Number.isSafeInteger(heads) || (heads as number) < 1 || dim % (heads as number) !== 0) {
    const message = `${caller}: expected a setting num_heads that divides ${dim} in hyper_parameters, got ${heads}`;
    throw new NetworkError("missing", message, { subject: "num_heads" });
  }

  // 2. The graph.
  const graph = createGraph("pixel3dmm");
  const size = grid * patch;
  const image = addInput(graph, "image", [1, 3, size, size]);
  const seen = addVisionTransformer(graph, state, ENCODER, image, grid);
  const { rows, count } = addContext(graph, state, seen, {
    channels,
    grid,
    views: inputs > channels,
  });
  let tokens = addLinear(graph, state, rows, down, [count, dim], "vol_decoder.down_proj.bias");
  const shape = { tokens: grid * grid, channels: dim, heads: heads as number };
  const depth = countOf(state, "vol_decoder.layers.");
  for (let i = 0; i < depth; i++) {
    tokens = addGroupAttention(graph, state, `vol_decoder.layers.${i}.`, tokens, shape);
  }
  const names = channelsOf(state, settings, dim);
  addPatches(graph, state, addPlanes(graph, tokens, dim, grid), { dim, grid, count: names.length });
  addOutput(graph, "planes", [1, names.length, 16 * grid, 16 * grid]);

  return {
    model: writeOnnx(graph),
    manifest: {
      version: 1,
      kind: "surface",
      name: names.length === 2 ? "pixel3dmm-uv" : "pixel3dmm-normals",
      networkVersion: "published",
      licence: "CC BY-NC 4.0, as its authors' repository",
      trainedOn:
        "what its authors trained on: NPHM, FaceScape and Ava-256 (Pixel3DMM, section 3.1)",
      input: {
        name: "image",
        layout: "NCHW",
        channels: "RGB",
        range: [0, 1],
        width: size,
        height: size,
      },
      output: { name: "planes", width: 16 * grid, height: 16 * grid, channels: names },
    },
  };
}

/** The tensors under the names they have within the network. */
function withoutPrefix(state: StateDict | undefined, caller: string): StateDict {
  const mark = `${ENCODER}pos_embed`;
  const name = [...(state?.tensors.keys() ?? [])].find((key) => key.endsWith(mark));
  if (!state || name === undefined) {
    const message = `${caller}: expected a checkpoint with a state_dict that has ${mark}`;
    throw new NetworkError("unknown", message, { subject: mark });
  }
  const prefix = name.slice(0, -mark.length);
  const own = [...state.tensors].filter(([key]) => key.startsWith(prefix));
  return {
    tensors: new Map(own.map(([key, tensor]) => [key.slice(prefix.length), tensor])),
    caller,
  };
}

/** Adds what some checkpoints learned besides: a place of each patch, and a view, of which ours is the first. */
function addContext(
  graph: Graph,
  state: StateDict,
  value: string,
  { channels, grid, views }: { channels: number; grid: number; views: boolean },
): { rows: string; count: number } {
  let rows = value;
  if (state.tensors.has("patch_pos_enc")) {
    const place = addTensor(graph, state, "patch_pos_enc", [1, channels, grid, grid]);
    rows = addNode(graph, "Add", [rows, addRows(graph, place, channels, grid * grid)]);
  }
  if (!views) return { rows, count: channels };
  const [, number, width] = takeTensor(state, "view_embed", [1, null, null, 1, 1])
    .shape as number[];
  const embed = addTensor(graph, state, "view_embed", [1, number!, width!, 1, 1]);
  const table = addNode(graph, "Reshape", [embed, addIntegers(graph, [number!, width!])]);
  // Zeros, plus the first row: the same row for every patch.
  const first = addNode(graph, "Slice", [table, addIntegers(graph, [0]), addIntegers(graph, [1])]);
  const shape = addIntegers(graph, [grid * grid, width!]);
  const same = addNode(graph, "Expand", [first, shape]);
  return { rows: addNode(graph, "Concat", [rows, same], { axis: 1 }), count: channels + width! };
}

/** Two attentions and two perceptrons; normalizations one and three replace the residual stream. */
function addGroupAttention(
  graph: Graph,
  state: StateDict,
  layer: string,
  value: string,
  shape: { readonly tokens: number; readonly channels: number; readonly heads: number },
): string {
  const { channels } = shape;
  const hidden = takeTensor(state, `${layer}mlp.0.weight`, [null, channels]).shape[0]!;
  const norm = (input: string, i: number): string =>
    addLayerNorm(graph, state, input, `${layer}norm${i}`, channels, EPSILON);
  const attend = (input: string, name: string): string => {
    const weights = [`${layer}${name}.in_proj_weight`, `${layer}${name}.out_proj.weight`] as const;
    const projected = addLinear(graph, state, input, weights[0], [channels, 3 * channels], false);
    const mixed = addAttention(graph, projected, shape);
    return addLinear(graph, state, mixed, weights[1], [channels, channels], false);
  };
  const perceive = (input: string, name: string): string => {
    const linear = (x: string, part: string, from: number, to: number): string =>
      addLinear(
        graph,
        state,
        x,
        `${layer}${name}.${part}.weight`,
        [from, to],
        `${layer}${name}.${part}.bias`,
      );
    return linear(addGelu(graph, linear(input, "0", channels, hidden)), "3", hidden, channels);
  };
  let stream = norm(value, 1);
  stream = addNode(graph, "Add", [stream, attend(stream, "self_attn")]);
  stream = addNode(graph, "Add", [stream, perceive(norm(stream, 2), "mlp")]);
  stream = norm(stream, 3);
  stream = addNode(graph, "Add", [stream, attend(stream, "self_attn2")]);
  return addNode(graph, "Add", [stream, perceive(norm(stream, 4), "mlp2")]);
}

/** Three doublings, and then 2×2 pixels out of each place: features are row, column, channel. */
function addPatches(
  graph: Graph,
  state: StateDict,
  value: string,
  { dim, grid, count }: { dim: number; grid: number; count: number },
): void {
  let planes = value;
  for (const layer of ["t_conv1", "t_conv2", "t_conv3"]) {
    const weight = addTensor(graph, state, `${layer}.weight`, [dim, dim, 2, 2]);
    const bias = addTensor(graph, state, `${layer}.bias`, [dim]);
    const settings = { kernel_shape: [2, 2], strides: [2, 2] };
    planes = addGelu(graph, addNode(graph, "ConvTranspose", [planes, weight, bias], settings));
  }
  const content = "token_2_patch_content";
  const features = takeTensor(state, `${content}.weight`, [null, dim]).shape[0]!;
  // A linear layer on each pixel is a convolution of one pixel.
  const weight = addTensor(graph, state, `${content}.weight`, [features, dim]);
  const kernel = addNode(graph, "Reshape", [weight, addIntegers(graph, [features, dim, 1, 1])]);
  const bias = addTensor(graph, state, `${content}.bias`, [features]);
  const pixels = addNode(graph, "Conv", [planes, kernel, bias], { kernel_shape: [1, 1] });
  const side = 8 * grid;
  const channels = features / 4;
  const split = addIntegers(graph, [1, 2, 2, channels, side, side]);
  const apart = addNode(graph, "Reshape", [pixels, split]);
  const turned = addNode(graph, "Transpose", [apart], { perm: [0, 3, 4, 1, 5, 2] });
  const size = addIntegers(graph, [1, channels, 2 * side, 2 * side]);
  const all = addNode(
    graph,
    "Reshape",
    [turned, size],
    {},
    count === channels ? "planes" : undefined,
  );
  if (count === channels) return;
  const [from, to, axis] = [[0], [count], [1]].map((list) => addIntegers(graph, list));
  addNode(graph, "Slice", [all, from!, to!, axis!], {}, "planes");
}

/** What the planes mean: what the configuration calls them, else what their number says. */
function channelsOf(
  state: StateDict,
  settings: PickleValue | undefined,
  dim: number,
): readonly SurfaceChannel[] {
  const name = "token_2_patch_content.weight";
  const { shape } = takeTensor(state, name, [null, dim]);
  const count = shape[0]! / 4;
  const said = findSetting(settings, "prediction_type");
  const byCount = count === 2 ? "uv_map" : count === 3 ? "normals" : "";
  const channels = PREDICTIONS[typeof said === "string" ? said : byCount];
  if (!channels || !Number.isInteger(count) || count < channels.length) {
    const message = `${state.caller}: expected planes of uv_map or normals, got ${count} of ${said ?? "no prediction_type"}`;
    throw new NetworkError("layer", message, { subject: name });
  }
  return channels;
}
