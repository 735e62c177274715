"""Writes src/self-test-network.ts: a tiny network of the operations that headform's networks use, one
input and the output PyTorch computes for it.

    python3 packages/inference/self-test/make_network.py        (needs numpy, onnx and torch)

image float32 [1,3,16,16] -> planes float32 [1,4,16,16]: strided convolution, instance normalization,
ReLU, a global path (mean, Gemm, sigmoid), nearest upsampling, concatenation, convolution.
"""

import base64
import pathlib

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch.nn import functional as F

rng = np.random.default_rng(11)
draw = lambda scale, *shape: (rng.standard_normal(shape) * scale).astype(np.float32)  # noqa: E731
weights = {
    "stem": draw(0.3, 8, 3, 3, 3), "gain": 1 + draw(0.2, 8), "shift": draw(0.2, 8),
    "gate": draw(0.5, 8, 8), "gate_bias": draw(0.2, 8), "last": draw(0.2, 4, 11, 3, 3), "last_bias": draw(0.2, 4),
}  # fmt: skip
scales = np.array([1, 1, 2, 2], np.float32)
node = helper.make_node
graph = helper.make_graph(
    [
        node("Conv", ["image", "stem"], ["a"], kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1]),
        node("InstanceNormalization", ["a", "gain", "shift"], ["b"], epsilon=1e-5),
        node("Relu", ["b"], ["c"]),
        node("GlobalAveragePool", ["c"], ["d"]),
        node("Flatten", ["d"], ["e"]),
        node("Gemm", ["e", "gate", "gate_bias"], ["f"]),
        node("Sigmoid", ["f"], ["g"]),
        node("Reshape", ["g", "spread"], ["h"]),
        node("Mul", ["c", "h"], ["i"]),
        node("Resize", ["i", "", "scales"], ["j"], mode="nearest", nearest_mode="floor",
             coordinate_transformation_mode="asymmetric"),
        node("Concat", ["j", "image"], ["k"], axis=1),
        node("Conv", ["k", "last", "last_bias"], ["planes"], kernel_shape=[3, 3], pads=[1, 1, 1, 1]),
    ],
    "self-test",
    [helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, 3, 16, 16])],
    [helper.make_tensor_value_info("planes", TensorProto.FLOAT, [1, 4, 16, 16])],
    [numpy_helper.from_array(v, k) for k, v in weights.items()]
    + [numpy_helper.from_array(scales, "scales"), numpy_helper.from_array(np.array([1, 8, 1, 1]), "spread")],
)  # fmt: skip
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], producer_name="headform")
model.ir_version = 8
onnx.checker.check_model(model)

image = rng.random((1, 3, 16, 16), dtype=np.float32)
w = {k: torch.from_numpy(v).double() for k, v in weights.items()}
x = torch.from_numpy(image).double()
c = F.relu(F.instance_norm(F.conv2d(x, w["stem"], stride=2, padding=1), weight=w["gain"], bias=w["shift"], eps=1e-5))
gate = torch.sigmoid(c.mean((2, 3)) @ w["gate"] + w["gate_bias"])
j = F.interpolate(c * gate[:, :, None, None], scale_factor=2, mode="nearest")
planes = F.conv2d(torch.cat([j, x], 1), w["last"], w["last_bias"], padding=1).float().numpy()

text = lambda data: base64.b64encode(data).decode()  # noqa: E731
target = pathlib.Path(__file__).parent.parent / "src/self-test-network.ts"
target.write_text(
    "// Written by self-test/make_network.py; base64 of an ONNX file and of float32 numbers.\n"
    + "".join(
        f'export const {name}: string =\n  "{text(data)}";\n'
        for name, data in (
            ("SELF_TEST_NETWORK", model.SerializeToString()),
            ("SELF_TEST_INPUT", image.tobytes()),
            ("SELF_TEST_OUTPUT", planes.tobytes()),
        )
    )
)
print(len(model.SerializeToString()), "bytes of network,", target.stat().st_size, "bytes of source")
