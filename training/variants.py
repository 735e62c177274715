"""Writes the shipped networks with their weights stored in other ways, to be measured by `scripts/variants.mjs`.

    python3 -m training.variants make NETWORK.onnx OUT          float32, float16, float16-7bit, int8, and ranges.onnx
    python3 -m training.variants static NETWORK.onnx RANGES.json OUT    int8-static: activations as well

What each does is said at its function. Needs numpy and onnx.
"""

import argparse
import json
import pathlib

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from .export import round_half

# Smaller tensors (biases, sizes) stay as they are: they weigh nothing and are worth their bits.
SMALL = 64


def load_float32(path):
    """The network with every weight a float32 initializer: the Cast behind each stored half is gone."""
    model = onnx.load(path)
    graph = model.graph
    halves = {w.name: w for w in graph.initializer if w.data_type == TensorProto.FLOAT16}
    nodes = []
    for node in graph.node:
        if node.op_type == "Cast" and node.input[0] in halves:
            values = numpy_helper.to_array(halves[node.input[0]]).astype(np.float32)
            graph.initializer.append(numpy_helper.from_array(values, node.output[0]))
        else:
            nodes.append(node)
    kept = [w for w in graph.initializer if w.name not in halves]
    del graph.node[:], graph.initializer[:]
    graph.node.extend(nodes)
    graph.initializer.extend(kept)
    return model


def channel_axis(graph, name):
    """Along which axis a weight has one slice per output channel; None for what is no weight of a layer."""
    for node in graph.node:
        if len(node.input) < 2 or node.input[1] != name:
            continue
        if node.op_type == "Conv":
            return 0
        if node.op_type == "MatMul":
            return 1
        if node.op_type == "Gemm":
            transposed = any(a.name == "transB" and a.i for a in node.attribute)
            return 0 if transposed else 1
    return None


def replace_weights(model, replace):
    """Stores large float weights as `replace(graph, values, name)` says: (initializers, nodes), or None for as it is."""
    graph = model.graph
    kept, before = [], []
    for weight in list(graph.initializer):
        values = numpy_helper.to_array(weight)
        stored = replace(graph, values, weight.name) if values.dtype == np.float32 and values.size > SMALL else None
        if stored is None:
            kept.append(weight)
        else:
            kept.extend(stored[0])
            before.extend(stored[1])
    nodes = [*before, *graph.node]
    del graph.initializer[:], graph.node[:]
    graph.initializer.extend(kept)
    graph.node.extend(nodes)
    onnx.checker.check_model(model)
    return model


def as_half(_, values, name):
    """float16 and a Cast: half of the bytes, the network's own values where it was trained to have them."""
    half = numpy_helper.from_array(values.astype(np.float16), name + ".half")
    return [half], [helper.make_node("Cast", [half.name], [name], to=TensorProto.FLOAT)]


def as_short_half(graph, values, name):
    """float16 whose last three bits are zero, which servers compress away."""
    return as_half(graph, round_half(values), name)


def as_int8(graph, values, name):
    """int8 with one float32 scale per output channel, max |w| / 127, and a DequantizeLinear; float16 where there are no channels."""
    axis = channel_axis(graph, name)
    if axis is None:
        return as_half(graph, values, name)
    others = tuple(a for a in range(values.ndim) if a != axis)
    scale = np.maximum(np.abs(values).max(others) / 127, 1e-12).astype(np.float32)
    shape = [1] * values.ndim
    shape[axis] = -1
    whole = np.clip(np.round(values / scale.reshape(shape)), -127, 127).astype(np.int8)
    stored = [numpy_helper.from_array(whole, name + ".int8"), numpy_helper.from_array(scale, name + ".scale")]
    return stored, [helper.make_node("DequantizeLinear", [s.name for s in stored], [name], axis=axis)]


def with_ranges(model):
    """Gives, as outputs beside its own, the least and largest value that goes into each convolution."""
    graph = model.graph
    for name in sorted({node.input[0] for node in graph.node if node.op_type == "Conv"}):
        for operator, end in (("ReduceMin", "min"), ("ReduceMax", "max")):
            graph.node.append(helper.make_node(operator, [name], [f"{name}|{end}"], keepdims=0))
            graph.output.append(helper.make_tensor_value_info(f"{name}|{end}", TensorProto.FLOAT, []))
    return model


def quantize_activations(model, ranges):
    """int8 weights, and uint8 for what goes into each convolution but the first, by the ranges that were seen."""
    model = replace_weights(model, as_int8)
    graph = model.graph
    nodes, done = [], {}
    pictures = {value.name for value in graph.input}
    for node in graph.node:
        source = node.input[0] if node.input else ""
        low, high = ranges.get(source, (0, 0))
        first = any(name in pictures for name in ancestors(graph, source, 3))
        if node.op_type == "Conv" and high > low and not first:
            if source not in done:
                low, high = min(low, 0), max(high, 0)
                scale = np.float32((high - low) / 255)
                zero = np.uint8(np.clip(round(-low / scale), 0, 255))
                names = [f"{source}.{part}" for part in ("step", "zero", "uint8", "back")]
                graph.initializer.append(numpy_helper.from_array(np.array(scale), names[0]))
                graph.initializer.append(numpy_helper.from_array(np.array(zero), names[1]))
                nodes.append(helper.make_node("QuantizeLinear", [source, *names[:2]], [names[2]]))
                nodes.append(helper.make_node("DequantizeLinear", [names[2], *names[:2]], [names[3]]))
                done[source] = names[3]
            node.input[0] = done[source]
        nodes.append(node)
    del graph.node[:]
    graph.node.extend(nodes)
    onnx.checker.check_model(model)
    return model


def ancestors(graph, name, depth):
    """The value itself and those it is computed from, some steps back."""
    names, edge = {name}, {name}
    for _ in range(depth):
        edge = {source for node in graph.node if edge & set(node.output) for source in node.input}
        names |= edge
    return names


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    make = commands.add_parser("make")
    static = commands.add_parser("static")
    for command in (make, static):
        command.add_argument("network")
    static.add_argument("ranges")
    for command in (make, static):
        command.add_argument("out", type=pathlib.Path)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)

    def save(name, model):
        (args.out / f"{name}.onnx").write_bytes(model.SerializeToString())

    if args.command == "static":
        ranges = json.loads(pathlib.Path(args.ranges).read_text())
        save("int8-static", quantize_activations(load_float32(args.network), ranges))
        return
    save("float32", load_float32(args.network))
    for name, replace in (("float16", as_half), ("float16-7bit", as_short_half), ("int8", as_int8)):
        save(name, replace_weights(load_float32(args.network), replace))
    save("ranges", with_ranges(load_float32(args.network)))


if __name__ == "__main__":
    main()
