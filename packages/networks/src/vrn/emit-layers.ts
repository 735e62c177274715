import { NetworkError } from "../network-error.ts";
import { addConstant, addNode, type Graph } from "../onnx/graph.ts";
import type { ConvolutionLayer, Layer, WeightName, WeightSource } from "./layers.ts";

/** A value on its way through a tree: planes, or a list of values. */
export type Value = Planes | readonly Value[];

export interface Planes {
  readonly name: string;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  /** Whether a logistic function made it. */
  readonly probability: boolean;
}

/** A tree that refers to its parts again and again is no network. */
const MAX_LAYERS = 20_000;
const MAX_SIZE = 4096;

/**
 * Writes a tree of layers into a graph.
 *
 * @param input the planes that the root gets
 * @param source gives each layer's weights by its path: 0-based places among the children, joined by dots
 * @throws NetworkError when layers do not fit on one another, naming the path
 */
export function emitLayers(
  graph: Graph,
  root: Layer,
  input: Planes,
  source: WeightSource,
  caller: string,
): Value {
  const names = new Set(graph.constants.map(({ name }) => name));
  let left = MAX_LAYERS;

  const fail = (path: string, message: string): never => {
    throw new NetworkError("layer", `${caller}: layer ${path || "root"}: ${message}`, {
      subject: path,
    });
  };
  const take = (
    layer: Layer,
    path: string,
    weight: WeightName,
    dims: readonly number[],
  ): string => {
    const { name, bytes } = source(layer, path, weight, dims);
    if (names.has(name)) return name;
    names.add(name);
    return addConstant(graph, name, dims, bytes);
  };
  const fill = (value: number, count: number): string => {
    const name = `all${value}_${count}`;
    if (names.has(name)) return name;
    names.add(name);
    return addConstant(graph, name, [count], new Float32Array(count).fill(value));
  };

  const emit = (layer: Layer, value: Value, path: string): Value => {
    if (--left < 0) fail(path, `more than ${MAX_LAYERS} layers`);
    const below = (i: number): string => (path ? `${path}.${i}` : String(i));
    switch (layer.kind) {
      case "sequential":
        return layer.children.reduce((last, child, i) => emit(child, last, below(i)), value);
      case "branches":
        return layer.children.map((child, i) => emit(child, value, below(i)));
      case "identity":
        return value;
      case "sum":
        return sum(value, path);
    }
    if (isList(value)) return fail(path, `expected planes for ${layer.kind}, got a list`);
    switch (layer.kind) {
      case "convolution":
        return convolve(layer, value, path);
      case "normalization": {
        const { channels, epsilon, statistics, affine } = layer;
        if (channels !== value.channels) {
          fail(path, `expected ${channels} planes, got ${value.channels}`);
        }
        const inputs = [
          value.name,
          affine ? take(layer, path, "weight", [channels]) : fill(1, channels),
          affine ? take(layer, path, "bias", [channels]) : fill(0, channels),
        ];
        const settings = { epsilon: { float: epsilon } };
        if (statistics === "picture") {
          return { ...value, name: addNode(graph, "InstanceNormalization", inputs, settings) };
        }
        inputs.push(take(layer, path, "running_mean", [channels]));
        inputs.push(take(layer, path, "running_var", [channels]));
        return { ...value, name: addNode(graph, "BatchNormalization", inputs, settings) };
      }
      case "relu":
        return { ...value, name: addNode(graph, "Relu", [value.name]), probability: false };
      case "sigmoid":
        return { ...value, name: addNode(graph, "Sigmoid", [value.name]), probability: true };
      case "max-pool": {
        const name = addNode(graph, "MaxPool", [value.name], {
          kernel_shape: layer.kernel,
          strides: layer.stride,
          pads: [...layer.padding, ...layer.padding],
          ceil_mode: layer.ceil ? 1 : 0,
        });
        return sized({ ...value, name }, shrink(value, layer, layer.ceil), path);
      }
      case "nearest": {
        const { factor } = layer;
        const scales = `scales_${factor}`;
        if (!names.has(scales))
          addConstant(graph, scales, [4], Float32Array.of(1, 1, factor, factor));
        names.add(scales);
        const name = addNode(graph, "Resize", [value.name, "", scales], {
          mode: "nearest",
          coordinate_transformation_mode: "asymmetric",
          nearest_mode: "floor",
        });
        return sized({ ...value, name }, [value.height * factor, value.width * factor], path);
      }
      case "bilinear": {
        const size = [value.channels, layer.height, layer.width];
        const sizes = `sizes_${size.join("_")}`;
        if (!names.has(sizes)) {
          // The batch keeps its size: 1 of 1.
          const dims = BigInt64Array.from([1, ...size], BigInt);
          addConstant(graph, sizes, [4], dims);
        }
        names.add(sizes);
        const name = addNode(graph, "Resize", [value.name, "", "", sizes], {
          mode: "linear",
          coordinate_transformation_mode: "align_corners",
        });
        return sized({ ...value, name }, [layer.height, layer.width], path);
      }
    }
  };

  const convolve = (layer: ConvolutionLayer, value: Planes, path: string): Value => {
    const { inputs, outputs, kernel, stride, padding, groups, bias } = layer;
    if (inputs !== value.channels) fail(path, `expected ${inputs} planes, got ${value.channels}`);
    const names = [value.name, take(layer, path, "weight", [outputs, inputs / groups, ...kernel])];
    if (bias) names.push(take(layer, path, "bias", [outputs]));
    const name = addNode(graph, "Conv", names, {
      kernel_shape: kernel,
      strides: stride,
      pads: [...padding, ...padding],
      group: groups,
    });
    const size = shrink(value, layer, false);
    return sized({ ...value, name, channels: outputs, probability: false }, size, path);
  };

  const sum = (value: Value, path: string): Value => {
    const list = isList(value) ? value.filter((item): item is Planes => !isList(item)) : [];
    const [first] = list;
    if (!first || list.length !== (value as readonly Value[]).length) {
      return fail(path, "expected a list of planes to add up");
    }
    let { name } = first;
    for (const next of list.slice(1)) {
      if (sizeOf(next) !== sizeOf(first)) {
        fail(path, `expected values of one size, got ${sizeOf(first)} and ${sizeOf(next)}`);
      }
      name = addNode(graph, "Add", [name, next.name]);
    }
    return { ...first, name, probability: false };
  };

  const sized = (value: Planes, [height, width]: readonly number[], path: string): Planes => {
    for (const size of [height!, width!]) {
      if (!(size >= 1 && size <= MAX_SIZE)) {
        fail(path, `expected a size of 1 to ${MAX_SIZE}, got ${height}×${width}`);
      }
    }
    return { ...value, height: height!, width: width! };
  };

  return emit(root, input, "");
}

/** Height and width after a window has moved over the planes. */
function shrink(
  { height, width }: Planes,
  { kernel, stride, padding }: Pick<ConvolutionLayer, "kernel" | "stride" | "padding">,
  ceil: boolean,
): number[] {
  const round = ceil ? Math.ceil : Math.floor;
  return [height, width].map(
    (size, i) => round((size + 2 * padding[i]! - kernel[i]!) / stride[i]!) + 1,
  );
}

export function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

function sizeOf({ channels, height, width }: Planes): string {
  return `${channels}×${height}×${width}`;
}
