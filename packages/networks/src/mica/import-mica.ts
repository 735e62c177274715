import { type PickleValue, readTorch } from "@headform/formats/torch";
import type { IdentityManifest } from "@headform/inference";
import { addLinear } from "../import/add-layers.ts";
import type { ImportedNetwork } from "../import/imported-network.ts";
import { addTensor, type StateDict, stateDictOf, takeTensor } from "../import/state-dict.ts";
import { NetworkError } from "../network-error.ts";
import {
  addInput,
  addIntegers,
  addNode,
  addOutput,
  addScalar,
  createGraph,
  type Graph,
} from "../onnx/graph.ts";
import { writeOnnx } from "../onnx/write-onnx.ts";
import { countOf } from "../pixel3dmm/add-vision-transformer.ts";

/** Side of ArcFace's picture. */
const SIDE = 112;
const STAGES = 4;
const EPSILON = 1e-5;

/**
 * Makes ONNX of MICA's network (`mica.tar`): an upright face of 112×112 becomes the identity
 * coefficients of FLAME. ArcFace's residual network gives a vector, which is brought to length one and
 * mapped by a small perceptron.
 *
 * The head model that the file carries along is not used.
 *
 * @param bytes what `torch.save` wrote
 * @throws FormatError when the bytes are no file of torch
 * @throws NetworkError when it is another network, or lacks a tensor, or one has the wrong shape
 * @see Zielonka, Bolkart, Thies: Towards metrical reconstruction of human faces, 2022
 */
export function importMica(bytes: Uint8Array): ImportedNetwork<IdentityManifest> {
  return micaOf(readTorch(bytes));
}

/** The same of a checkpoint that has been read. Private to the package. */
export function micaOf(checkpoint: PickleValue): ImportedNetwork<IdentityManifest> {
  const caller = "importMica";
  const part = (name: string): StateDict => {
    const found = checkpoint instanceof Map ? stateDictOf(checkpoint.get(name), caller) : undefined;
    if (found) return found;
    const message = `${caller}: expected a checkpoint with a state dict "${name}"`;
    throw new NetworkError("unknown", message, { subject: name });
  };
  const [arcface, flame] = [part("arcface"), part("flameModel")];

  const graph = createGraph("mica");
  const image = addInput(graph, "image", [1, 3, SIDE, SIDE]);
  const { features, count } = addArcFace(graph, arcface, image);
  const length = addNode(graph, "ReduceL2", [features], { axes: [1], keepdims: 1 });
  const atLeast = addNode(graph, "Max", [length, addScalar(graph, 1e-12)]);
  const unit = addNode(graph, "Div", [features, atLeast]);
  const coefficients = addMapping(graph, flame, unit, count);
  addOutput(graph, "identity", [1, coefficients]);
  return {
    model: writeOnnx(graph),
    manifest: {
      version: 1,
      kind: "identity",
      name: "mica",
      networkVersion: "published",
      licence: "its authors': for non-commercial scientific use",
      trainedOn: "what its authors trained on: scans registered to FLAME",
      input: {
        name: "image",
        layout: "NCHW",
        channels: "RGB",
        range: [-1, 1],
        width: SIDE,
        height: SIDE,
      },
      output: { name: "identity", count: coefficients },
    },
  };
}

function addArcFace(
  graph: Graph,
  state: StateDict,
  image: string,
): { features: string; count: number } {
  const convolve = (
    value: string,
    layer: string,
    inputs: number,
    stride: number,
  ): [string, number] => {
    const name = `${layer}.weight`;
    const [outputs, , side] = takeTensor(state, name, [null, inputs, null, null]).shape as number[];
    const weight = addTensor(graph, state, name, [outputs!, inputs, side!, side!]);
    const pad = (side! - 1) / 2;
    const settings = {
      kernel_shape: [side!, side!],
      strides: [stride, stride],
      pads: [pad, pad, pad, pad],
    };
    return [addNode(graph, "Conv", [value, weight], settings), outputs!];
  };
  const normalize = (value: string, layer: string, channels: number): string => {
    const names = ["weight", "bias", "running_mean", "running_var"].map((name) =>
      addTensor(graph, state, `${layer}.${name}`, [channels]),
    );
    return addNode(graph, "BatchNormalization", [value, ...names], { epsilon: { float: EPSILON } });
  };
  const activate = (value: string, layer: string, channels: number): string => {
    const weight = addTensor(graph, state, `${layer}.weight`, [channels]);
    const slope = addNode(graph, "Reshape", [weight, addIntegers(graph, [channels, 1, 1])]);
    return addNode(graph, "PRelu", [value, slope]);
  };

  let [value, channels] = convolve(image, "conv1", 3, 1);
  value = activate(normalize(value, "bn1", channels), "prelu", channels);
  for (let stage = 1; stage <= STAGES; stage++) {
    const depth = countOf(state, `layer${stage}.`);
    for (let i = 0; i < depth; i++) {
      const block = `layer${stage}.${i}.`;
      // The first block of a stage halves the picture.
      const stride = i === 0 ? 2 : 1;
      const normal = normalize(value, `${block}bn1`, channels);
      const [inner, width] = convolve(normal, `${block}conv1`, channels, 1);
      const active = activate(normalize(inner, `${block}bn2`, width), `${block}prelu`, width);
      const [outer, outputs] = convolve(active, `${block}conv2`, width, stride);
      let skip = value;
      if (state.tensors.has(`${block}downsample.0.weight`)) {
        const [small, skipped] = convolve(value, `${block}downsample.0`, channels, stride);
        skip = normalize(small, `${block}downsample.1`, skipped);
      }
      value = addNode(graph, "Add", [normalize(outer, `${block}bn3`, outputs), skip]);
      channels = outputs;
    }
  }
  const side = SIDE / 2 ** STAGES;
  const last = normalize(value, "bn2", channels);
  const inputs = channels * side * side;
  const flat = addNode(graph, "Reshape", [last, addIntegers(graph, [1, inputs])]);
  const count = takeTensor(state, "fc.weight", [null, inputs]).shape[0]!;
  const dense = addLinear(graph, state, flat, "fc.weight", [inputs, count], "fc.bias");
  return { features: normalize(dense, "features", count), count };
}

/** Gives the number of coefficients; they are called "identity". */
function addMapping(graph: Graph, state: StateDict, unit: string, count: number): number {
  const network = "regressor.network.";
  let [value, inputs] = [unit, count];
  const depth = countOf(state, network);
  const linear = (layer: string): string => {
    const outputs = takeTensor(state, `${layer}.weight`, [null, inputs]).shape[0]!;
    const sizes = [inputs, outputs] as const;
    inputs = outputs;
    return addLinear(graph, state, value, `${layer}.weight`, sizes, `${layer}.bias`);
  };
  for (let i = 0; i < depth; i++) {
    value = addNode(graph, "LeakyRelu", [linear(`${network}${i}`)], { alpha: { float: 0.2 } });
  }
  addNode(graph, "Identity", [linear("regressor.output")], {}, "identity");
  return inputs;
}
