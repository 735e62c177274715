import {
  type LuaObject,
  type LuaTable,
  type LuaValue,
  type Tensor,
  toList,
} from "@headform/formats/torch7";
import { floatBytes, isTensor } from "../import/state-dict.ts";
import { NetworkError } from "../network-error.ts";
import type { Layer, Pair, WeightSource } from "./layers.ts";

/** A tree out of a file of Torch7, and where its weights come from. */
export interface ReadTree {
  readonly root: Layer;
  readonly source: WeightSource;
}

const MAX_DEPTH = 200;

/**
 * Reads a tree of nn's modules: the settings of each, and its tensors when they are asked for, so that
 * gradients and buffers cost nothing. A module that is referred to from two places is one layer.
 *
 * @param root what `readTorch7` gave
 * @throws NetworkError when a module is not known or lacks a setting, naming where it is
 */
export function readTree(root: LuaValue, caller: string): ReadTree {
  const layers = new Map<LuaObject, Layer>();
  const modules = new Map<Layer, { readonly fields: LuaTable; readonly name: string }>();

  const read = (value: LuaValue, path: string, depth: number): Layer => {
    const where = path || "root";
    const { className, fields } = moduleOf(value, where, caller);
    const object = value as LuaObject;
    const known = layers.get(object);
    if (known) return known;
    if (depth > MAX_DEPTH) refuse(caller, where, `modules lie deeper than ${MAX_DEPTH}`);
    const below = (): Layer[] => {
      const list = fields.get("modules");
      if (!(list instanceof Map)) return refuse(caller, where, `${className} has no modules`);
      return toList(list).map((child, i) => read(child, path ? `${path}.${i}` : `${i}`, depth + 1));
    };
    const layer = layerOf({ className, fields, where, caller, below });
    layers.set(object, layer);
    modules.set(layer, { fields, name: where });
    return layer;
  };

  const source: WeightSource = (layer, path, weight, dims) => {
    const { fields, name } = modules.get(layer)!;
    const tensor = fields.get(weight);
    const subject = `${path}.${weight}`;
    if (!isTensor(tensor)) {
      const message = `${caller}: layer ${path}: expected a tensor "${weight}", got none`;
      throw new NetworkError("missing", message, { subject });
    }
    const { shape } = tensor as Tensor;
    const count = (sizes: readonly number[]): number => sizes.reduce((a, b) => a * b, 1);
    // Old convolutions are matrices of the same numbers.
    if (shape[0] !== dims[0] || count(shape) !== count(dims)) {
      const message = `${caller}: layer ${path}: ${weight}: expected [${dims.join(", ")}], got [${shape.join(", ")}]`;
      throw new NetworkError("shape", message, { subject });
    }
    return { name: `${name}.${weight}`, bytes: floatBytes(tensor as Tensor) };
  };
  return { root: read(root, "", 0), source };
}

interface Module {
  readonly className: string;
  readonly fields: LuaTable;
  readonly where: string;
  readonly caller: string;
  readonly below: () => Layer[];
}

function layerOf({ className, fields, where, caller, below }: Module): Layer {
  const number = (name: string, least: number, otherwise?: number): number => {
    const value = fields.get(name) ?? otherwise;
    if (Number.isSafeInteger(value) && (value as number) >= least) return value as number;
    return refuse(caller, where, `${className} has no ${name} of ${least} or more`, name);
  };
  const pair = (name: string, least: number, otherwise?: number): Pair => [
    number(`${name}H`, least, otherwise),
    number(`${name}W`, least, otherwise),
  ];
  switch (className) {
    case "Sequential":
      return { kind: "sequential", children: below() };
    case "ConcatTable":
      return { kind: "branches", children: below() };
    case "CAddTable":
      return { kind: "sum" };
    case "Identity":
      return { kind: "identity" };
    case "ReLU":
      return { kind: "relu" };
    case "Sigmoid":
      return { kind: "sigmoid" };
    case "SpatialConvolution":
    case "SpatialConvolutionMM":
      return {
        kind: "convolution",
        inputs: number("nInputPlane", 1),
        outputs: number("nOutputPlane", 1),
        kernel: pair("k", 1),
        stride: pair("d", 1),
        padding: pair("pad", 0, 0),
        groups: number("groups", 1, 1),
        bias: isTensor(fields.get("bias")),
      };
    case "SpatialBatchNormalization": {
      const mean = fields.get("running_mean");
      const scale = fields.get("weight");
      const sizes = isTensor(scale) ? scale : isTensor(mean) ? mean : undefined;
      const epsilon = fields.get("eps");
      if (!sizes)
        return refuse(caller, where, `${className} has neither weight nor mean`, "weight");
      if (!(typeof epsilon === "number" && epsilon >= 0 && epsilon < 1)) {
        return refuse(caller, where, `${className} has no eps`, "eps");
      }
      return {
        kind: "normalization",
        channels: (sizes as Tensor).shape[0] ?? 0,
        epsilon,
        // Modules train until they are told to evaluate, which VRN's never were.
        statistics: fields.get("train") === false ? "training" : "picture",
        affine: isTensor(scale),
      };
    }
    case "SpatialMaxPooling":
      return {
        kind: "max-pool",
        kernel: pair("k", 1),
        stride: pair("d", 1),
        padding: pair("pad", 0, 0),
        ceil: fields.get("ceil_mode") === true,
      };
    case "SpatialUpSamplingNearest":
      return { kind: "nearest", factor: number("scale_factor", 1) };
    case "SpatialUpSamplingBilinear":
      return { kind: "bilinear", height: number("oheight", 1), width: number("owidth", 1) };
    default:
      return refuse(caller, where, `a module "${className}" is not known here`, className);
  }
}

function moduleOf(
  value: LuaValue,
  where: string,
  caller: string,
): { className: string; fields: LuaTable } {
  const object = value as Partial<LuaObject> | null;
  if (typeof value !== "object" || object?.kind !== "object") {
    return refuse(caller, where, "expected a module of nn");
  }
  const className = /^(?:nn|cudnn)\.(\w+)$/.exec(object.className!)?.[1];
  if (className === undefined || !(object.fields instanceof Map)) {
    return refuse(caller, where, `expected a module of nn, got ${object.className}`);
  }
  return { className, fields: object.fields };
}

function refuse(caller: string, where: string, message: string, subject = where): never {
  throw new NetworkError("layer", `${caller}: layer ${where}: ${message}`, { subject });
}
