import { type PickleValue, readTorch } from "@headform/formats/torch";
import type { DenseManifest } from "@headform/inference";
import type { ImportedNetwork } from "../import/imported-network.ts";
import { addTensor, type StateDict, stateDictOf, takeTensor } from "../import/state-dict.ts";
import { NetworkError } from "../network-error.ts";
import {
  addConstant,
  addInput,
  addNode,
  addOutput,
  addScalar,
  createGraph,
  type Graph,
} from "../onnx/graph.ts";
import { writeOnnx } from "../onnx/write-onnx.ts";
import { PIX2FACE_BFM } from "./presets.ts";

const LEVELS = 8;
const EPSILON = 1e-5;

/**
 * Makes ONNX of the published Pix2Face network: a U-Net of eight convolutions down to one pixel and
 * eight back, as its authors' checkpoint of the Basel face model has it (`pix2face_unet_v10*.pt`).
 *
 * The width of the network is that of its tensors. A checkpoint of three planes (PNCC alone) gets
 * three planes of zero offset, so that both kinds are read alike; statistics of a normalization, which
 * the oldest files carry, are not used.
 *
 * @param bytes what `torch.save` wrote, of any version
 * @throws FormatError when the bytes are no file of torch
 * @throws NetworkError when it is another network, or lacks a tensor, or one has the wrong shape
 * @see Pix2Face, §3.3; its public repository pix2face_net
 */
export function importPix2face(bytes: Uint8Array): ImportedNetwork<DenseManifest> {
  return pix2faceOf(readTorch(bytes));
}

/** The same of a checkpoint that has been read. Private to the package. */
export function pix2faceOf(checkpoint: PickleValue): ImportedNetwork<DenseManifest> {
  const caller = "importPix2face";
  const state = stateDictOf(checkpoint, caller);
  if (!state?.tensors.has("conv1.weight") || !state.tensors.has(`dconv${LEVELS}.weight`)) {
    throw new NetworkError("unknown", `${caller}: expected a state dict with conv1 … dconv8`);
  }
  const { width, height } = PIX2FACE_BFM.input;
  const graph = createGraph("pix2face");
  const { name } = PIX2FACE_BFM.input;
  const image = addInput(graph, name, ["batch", 3, height, width]);
  const planes = addUnet(graph, state, image);
  addOutput(graph, planes, ["batch", 6, height, width]);
  return {
    model: writeOnnx(graph),
    manifest: {
      version: 1,
      kind: "dense",
      name: "pix2face",
      networkVersion: "published",
      licence: "its authors'; their repository states none",
      trainedOn: "what its authors trained on: rendered Basel face models (Pix2Face, section 4)",
      ...PIX2FACE_BFM,
    },
  };
}

/** Gives the name of the planes, which is that of the format's output. */
function addUnet(graph: Graph, state: StateDict, image: string): string {
  // 1. Down: each level halves; the first and the last are not normalized.
  const skips: { readonly value: string; readonly channels: number }[] = [];
  let value = image;
  let channels = 3;
  for (let level = 1; level <= LEVELS; level++) {
    if (level > 1) value = addNode(graph, "LeakyRelu", [value], { alpha: { float: 0.2 } });
    const layer = `conv${level}`;
    const settings = { kernel_shape: [4, 4], strides: [2, 2], pads: [1, 1, 1, 1] };
    [value, channels] = addConvolution(graph, state, layer, value, channels, settings);
    if (level > 1 && level < LEVELS) value = normalize(graph, value, channels);
    skips.push({ value, channels });
  }
  // 2. Up: each level doubles and takes what the way down had of that size.
  const scales = addConstant(graph, "double", [4], Float32Array.of(1, 1, 2, 2));
  for (let level = 1; level <= LEVELS; level++) {
    const relu = addNode(graph, "Relu", [value]);
    const larger = addNode(graph, "Resize", [relu, "", scales], {
      mode: "linear",
      coordinate_transformation_mode: "align_corners",
    });
    const settings = { kernel_shape: [3, 3], pads: [1, 1, 1, 1] };
    [value, channels] = addConvolution(graph, state, `dconv${level}`, larger, channels, settings);
    if (level === LEVELS) break;
    const skip = skips[LEVELS - 1 - level]!;
    value = addNode(graph, "Concat", [normalize(graph, value, channels), skip.value], { axis: 1 });
    channels += skip.channels;
  }
  // 3. Planes.
  const { name } = PIX2FACE_BFM.output;
  if (channels === 6) return addNode(graph, "Tanh", [value], {}, name);
  if (channels !== 3) {
    const message = `${state.caller}: expected 3 or 6 planes from dconv${LEVELS}, got ${channels}`;
    throw new NetworkError("shape", message, { subject: `dconv${LEVELS}.weight` });
  }
  const pncc = addNode(graph, "Tanh", [value]);
  const zero = addNode(graph, "Mul", [pncc, addScalar(graph, 0)]);
  return addNode(graph, "Concat", [pncc, zero], { axis: 1 }, name);
}

function addConvolution(
  graph: Graph,
  state: StateDict,
  layer: string,
  value: string,
  channels: number,
  settings: {
    readonly kernel_shape: readonly number[];
    readonly [name: string]: readonly number[];
  },
): [string, number] {
  const dims = [null, channels, ...settings.kernel_shape];
  const weight = addTensor(graph, state, `${layer}.weight`, dims);
  const [count] = takeTensor(state, weight, dims).shape as [number];
  const bias = addTensor(graph, state, `${layer}.bias`, [count]);
  return [addNode(graph, "Conv", [value, weight, bias], settings), count];
}

/** Each plane to mean 0 and variance 1, without learned scale. */
function normalize(graph: Graph, value: string, channels: number): string {
  const [ones, zeros] = [1, 0].map((fill) => {
    const name = `all${fill}_${channels}`;
    if (graph.constants.some((constant) => constant.name === name)) return name;
    return addConstant(graph, name, [channels], new Float32Array(channels).fill(fill));
  }) as [string, string];
  const settings = { epsilon: { float: EPSILON } };
  return addNode(graph, "InstanceNormalization", [value, ones, zeros], settings);
}
