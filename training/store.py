"""How weights are stored in the files that are shipped: int8, one float32 scale per output channel.

`round_weights` gives a network the values that its file will hold, before it is traced and measured; `store_weights`
puts them there. In the file stand Cast and Mul and not DequantizeLinear, because every runtime computes those once,
when it loads the network, and the latter in each run.
"""

import numpy as np
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

# Smaller tensors (biases, sizes) stay as they are: they weigh nothing and are worth their bits.
SMALL = 64


def to_int8(values, axis):
    """int8 [like values] and float32 scales, max |w| / 127 of each slice along the axis, in a shape that multiplies."""
    others = tuple(a for a in range(values.ndim) if a != axis)
    scale = np.maximum(np.abs(values).max(others, keepdims=True) / 127, 1e-12).astype(np.float32)
    return np.clip(np.round(values / scale), -127, 127).astype(np.int8), scale


def round_weights(model):
    """Rounds every large weight in place to what the file will hold: int8 in layers, half precision elsewhere."""
    layers = [m.weight for m in model.modules() if isinstance(m, (nn.Conv2d, nn.Linear))]
    in_layers = {id(weight) for weight in layers}
    with torch.no_grad():
        for value in [*model.parameters(), *model.buffers()]:
            if value.dtype != torch.float32 or value.numel() <= SMALL:
                continue
            if id(value) in in_layers:
                whole, scale = to_int8(value.numpy(), 0)
                value.copy_(torch.from_numpy(whole.astype(np.float32) * scale))
            else:
                value.copy_(value.half().float())


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


def as_half(_, values, name):
    """float16 and a Cast."""
    half = numpy_helper.from_array(values.astype(np.float16), name + ".half")
    return [half], [helper.make_node("Cast", [half.name], [name], to=TensorProto.FLOAT)]


def as_int8(graph, values, name):
    """int8, scales, a Cast and a Mul; float16 where there are no channels."""
    axis = channel_axis(graph, name)
    if axis is None:
        return as_half(graph, values, name)
    whole, scale = to_int8(values, axis)
    stored = [numpy_helper.from_array(whole, name + ".int8"), numpy_helper.from_array(scale, name + ".scale")]
    cast = helper.make_node("Cast", [stored[0].name], [name + ".whole"], to=TensorProto.FLOAT)
    return stored, [cast, helper.make_node("Mul", [name + ".whole", stored[1].name], [name])]


def store_weights(graph, store=as_int8):
    """Stores the large float32 weights of a graph as `store(graph, values, name)` says: its initializers and nodes."""
    kept, before = [], []
    for weight in list(graph.initializer):
        values = numpy_helper.to_array(weight)
        if values.dtype != np.float32 or values.size <= SMALL:
            kept.append(weight)
            continue
        initializers, nodes = store(graph, values, weight.name)
        kept.extend(initializers)
        before.extend(nodes)
    nodes = [*before, *graph.node]
    del graph.initializer[:], graph.node[:]
    graph.initializer.extend(kept)
    graph.node.extend(nodes)
