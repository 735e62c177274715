import { createRandom } from "@headform/core-math";
import type { Tensor } from "@headform/formats/torch";
import type { VolumeManifest } from "@headform/inference";
import type { ImportedNetwork } from "../import/imported-network.ts";
import { floatBytes, takeTensor } from "../import/state-dict.ts";
import { LANDMARKS } from "./guide.ts";
import type { Layer, WeightSource } from "./layers.ts";
import { volumeNetwork } from "./volume-network.ts";

/** The three networks of VRN's paper. */
export type VrnVariant = "plain" | "multitask" | "guided";

/** Options of {@link buildVrn}; every one may be left out. */
export interface BuildVrnOptions {
  /** Tensors by the path of their layer, as `3.0.0.2.weight`; random ones unless given. */
  readonly weights?: ReadonlyMap<string, Tensor>;
  /** Seed of random weights. */
  readonly seed?: number;
  /** Planes within the hourglasses, a multiple of 4. */
  readonly width?: number;
  /** Side of the picture, a multiple of 8. */
  readonly size?: number;
  /** Planes of the volume. */
  readonly planes?: number;
}

export const BUILD_VRN_DEFAULTS: Required<Omit<BuildVrnOptions, "weights">> = {
  seed: 1,
  width: 256,
  size: 192,
  planes: 200,
};

const LEVELS = 4;
const EPSILON = 1e-5;

/**
 * One of the networks of VRN's paper as ONNX, in the form of the published one: two stacked
 * hourglasses; in `"multitask"` a first one that feeds two, one for the volume and one for a heatmap of
 * each of 68 landmarks; in `"guided"` with 71 input planes.
 *
 * @throws RangeError when the variant is not known or a size does not fit
 * @throws NetworkError when weights are given and one is missing or has the wrong shape
 * @see VRN, §3.3 and figure 4
 */
export function buildVrn(
  variant: VrnVariant,
  options: BuildVrnOptions = {},
): ImportedNetwork<VolumeManifest> {
  const { weights, seed, width, size, planes } = { ...BUILD_VRN_DEFAULTS, ...options };
  if (!["plain", "multitask", "guided"].includes(variant)) {
    throw new RangeError(`buildVrn: expected plain, multitask or guided, got ${variant}`);
  }
  for (const [name, value, step] of [
    ["width", width, 4],
    ["size", size, 8],
    ["planes", planes, 1],
  ] as const) {
    if (!(Number.isSafeInteger(value / step) && value > 0)) {
      throw new RangeError(`buildVrn: expected ${name} a multiple of ${step}, got ${value}`);
    }
  }
  const channels = variant === "guided" ? 3 + LANDMARKS : 3;
  const root = vrn(variant, channels, { width, size, planes });
  const source = weights ? givenWeights(weights) : randomWeights(seed);
  return volumeNetwork(
    { root, source },
    { channels, size },
    {
      name: `vrn-${variant}`,
      networkVersion: weights ? "own" : `random-${seed}`,
      licence: weights ? "its trainer's" : "MIT",
      trainedOn: weights ? "what its trainer trained on" : "nothing",
      crop: { rule: "vrn-box", scale: 192 / 90 },
    },
    "buildVrn",
  );
}

function vrn(
  variant: VrnVariant,
  channels: number,
  { width, size, planes }: { width: number; size: number; planes: number },
): Layer {
  const stem = [
    convolution(channels, width / 4, 7, 2),
    normalization(width / 4),
    RELU,
    residual(width / 4, width / 2),
    HALVE,
    residual(width / 2, width / 2),
    residual(width / 2, width),
    ...stack(width),
  ];
  const volume = [...head(width, planes, size), SIGMOID];
  if (variant !== "multitask") {
    return sequential(...stem, ...stack(width), branches(sequential(...volume)));
  }
  const landmarks = head(width, LANDMARKS, size);
  return sequential(
    ...stem,
    branches(sequential(...stack(width), ...volume), sequential(...stack(width), ...landmarks)),
  );
}

/** A residual around an hourglass and two layers that mix its planes. */
function stack(width: number): Layer[] {
  const mix = [convolution(width, width, 1), normalization(width), RELU];
  return [branches(IDENTITY, sequential(...hourglass(LEVELS, width), ...mix, ...mix)), SUM];
}

/** The next level lies within the branch that keeps its size: the picture is halved once, not four times. */
function hourglass(level: number, width: number): Layer[] {
  const residuals = (count: number): Layer[] =>
    Array.from({ length: count }, () => residual(width, width));
  const full = [...residuals(3), ...(level > 1 ? hourglass(level - 1, width) : [])];
  const pooled = [HALVE, ...residuals(level > 1 ? 6 : 9), DOUBLE];
  return [branches(sequential(...full), sequential(...pooled)), SUM, residual(width, width)];
}

function head(width: number, planes: number, size: number): Layer[] {
  return [
    convolution(width, width, 1),
    normalization(width),
    RELU,
    convolution(width, planes, 1),
    { kind: "bilinear", height: size, width: size },
  ];
}

/** Normalized before each of three convolutions, narrow in the middle. */
function residual(inputs: number, outputs: number): Layer {
  const half = outputs / 2;
  const branch = sequential(
    normalization(inputs),
    RELU,
    convolution(inputs, half, 1),
    normalization(half),
    RELU,
    convolution(half, half, 3),
    normalization(half),
    RELU,
    convolution(half, outputs, 1),
  );
  const skip = inputs === outputs ? IDENTITY : sequential(convolution(inputs, outputs, 1));
  return sequential(branches(branch, skip), SUM);
}

const IDENTITY: Layer = { kind: "identity" };
const RELU: Layer = { kind: "relu" };
const SIGMOID: Layer = { kind: "sigmoid" };
const SUM: Layer = { kind: "sum" };
const DOUBLE: Layer = { kind: "nearest", factor: 2 };
const HALVE: Layer = {
  kind: "max-pool",
  kernel: [2, 2],
  stride: [2, 2],
  padding: [0, 0],
  ceil: false,
};

function sequential(...children: Layer[]): Layer {
  return { kind: "sequential", children };
}

function branches(...children: Layer[]): Layer {
  return { kind: "branches", children };
}

function convolution(inputs: number, outputs: number, kernel: number, stride = 1): Layer {
  const padding = (kernel - 1) / 2;
  return {
    kind: "convolution",
    inputs,
    outputs,
    kernel: [kernel, kernel],
    stride: [stride, stride],
    padding: [padding, padding],
    groups: 1,
    bias: true,
  };
}

function normalization(channels: number): Layer {
  return { kind: "normalization", channels, epsilon: EPSILON, statistics: "picture", affine: true };
}

function givenWeights(tensors: ReadonlyMap<string, Tensor>): WeightSource {
  const state = { tensors, caller: "buildVrn" };
  return (_layer, path, weight, dims) => {
    const name = `${path}.${weight}`;
    return { name, bytes: floatBytes(takeTensor(state, name, dims)) };
  };
}

/** He's variance, 2 by the number of inputs, for convolutions; scales of one and shifts of zero for the rest. */
function randomWeights(seed: number): WeightSource {
  const random = createRandom(seed);
  return (layer, path, weight, dims) => {
    const data = new Float32Array(dims.reduce((product, size) => product * size, 1));
    if (weight === "weight" && layer.kind === "convolution") {
      const reach = Math.sqrt(6 / (data.length / dims[0]!));
      for (let i = 0; i < data.length; i++) data[i] = reach * (2 * random.uniform() - 1);
    } else if (weight === "weight") data.fill(1);
    return { name: `${path}.${weight}`, bytes: new Uint8Array(data.buffer) };
  };
}
