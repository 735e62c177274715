"""Writes the default networks with their weights stored in other ways, to be measured by `scripts/variants.mjs`.

    python3 -m training.variants make NAME OUT          float32, float16, float16-7bit, int8, and ranges.onnx
    python3 -m training.variants static NAME RANGES.json OUT    int8-static: activations as well

NAME is dense, detector, volume or volume-guided. The first two are traced from their checkpoints, their weights as
they were trained; where there is none, and for volumes, the shipped file is taken. What each variant is is said at
its function. Needs numpy, onnx and torch.
"""

import argparse
import json
import pathlib
import tempfile

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from .detector.evaluate import load_network as load_detector
from .detector.export import fuse, write_network
from .evaluate import load_network
from .export import Exported, fold_batch_norms, trace
from .paths import CHECKPOINTS, OPEN_HEAD_DATA
from .store import as_half, as_int8, channel_axis, store_weights, to_int8


def load_trained(name):
    """The network with every weight as it was trained."""
    checkpoint = CHECKPOINTS / f"{name}.pt"
    if name == "dense" and checkpoint.exists():
        model = load_network(checkpoint)
        fold_batch_norms(model)
        return trace(Exported(model).eval())
    if name == "detector" and checkpoint.exists():
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "detector.onnx"
            write_network(fuse(load_detector(checkpoint)), path)
            return onnx.load(path)
    return load_float32(OPEN_HEAD_DATA / f"{name}.onnx")


def load_float32(path):
    """A shipped network with every weight a float32 initializer: the Cast behind each stored half is gone."""
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


def stored(model, store):
    """The network with its weights stored that way."""
    store_weights(model.graph, store)
    onnx.checker.check_model(model)
    return model


def round_half(values):
    """float32 values as float16 with seven bits behind the point instead of ten, to nearest, ties to even."""
    bits = np.asarray(values, np.float16).view(np.uint16).astype(np.uint32)
    drop = 3
    bits = ((bits + (1 << (drop - 1)) - 1 + ((bits >> drop) & 1)) >> drop) << drop
    return bits.astype(np.uint16).view(np.float16).astype(np.float32)


def as_short_half(graph, values, name):
    """float16 whose last three bits are zero, which servers compress away."""
    return as_half(graph, round_half(values), name)


def as_quantized(graph, values, name):
    """int8 with a DequantizeLinear, in the form that runtimes join with quantized activations."""
    axis = channel_axis(graph, name)
    if axis is None:
        return as_half(graph, values, name)
    whole, scale = to_int8(values, axis)
    parts = [numpy_helper.from_array(whole, name + ".int8"), numpy_helper.from_array(scale.ravel(), name + ".scale")]
    return parts, [helper.make_node("DequantizeLinear", [part.name for part in parts], [name], axis=axis)]


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
    model = stored(model, as_quantized)
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
        command.add_argument("name")
    static.add_argument("ranges")
    for command in (make, static):
        command.add_argument("out", type=pathlib.Path)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)

    def save(name, model):
        (args.out / f"{name}.onnx").write_bytes(model.SerializeToString())

    if args.command == "static":
        ranges = json.loads(pathlib.Path(args.ranges).read_text())
        save("int8-static", quantize_activations(load_trained(args.name), ranges))
        return
    save("float32", load_trained(args.name))
    for name, store in (("float16", as_half), ("float16-7bit", as_short_half), ("int8", as_int8)):
        save(name, stored(load_trained(args.name), store))
    save("ranges", with_ranges(load_trained(args.name)))


if __name__ == "__main__":
    main()
