"""Writes what is shipped: `python3 -m training.export`.

The averaged network goes to packages/open-head/data/dense.{onnx,json}, weights stored as training/store.py
says, and a reference picture with its planes to packages/networks/test/fixtures.
"""

import argparse
import hashlib
import io
import json
import re

import numpy as np
import onnx
import torch
from PIL import Image
from torch import nn

from .augment import compose
from .backgrounds import load_backgrounds
from .evaluate import load_network
from .network import NAMES, OFFSET, PNCC
from .paths import CHECKPOINTS, NETWORK_FIXTURES, OPEN_HEAD_DATA
from .store import round_weights, store_weights
from .train import HELD_OUT, People

VERSION = "0.3.0"
TRAINED_ON = (
    "synthetic people rendered from ICT-FaceKit (MIT) geometry and MakeHuman (CC0) skins and hair, "
    "with procedural brows, beards, strands, glasses, hats, hands, clothes, light and backgrounds"
)


class Exported(nn.Module):
    """The network without what only training needs."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, image):
        return self.model(image)[0]


def fold_batch_norms(model):
    """Merges every batch norm into the convolution before it."""
    for module in model.modules():
        if isinstance(module, nn.Sequential):
            for k in range(len(module) - 1):
                if isinstance(module[k], nn.Conv2d) and isinstance(module[k + 1], nn.BatchNorm2d):
                    module[k] = nn.utils.fuse_conv_bn_eval(module[k], module[k + 1])
                    module[k + 1] = nn.Identity()


def trace(network):
    """The ONNX model of a network, weights in single precision."""
    file = io.BytesIO()
    torch.onnx.export(network, torch.zeros(1, 3, 128, 128), file, input_names=["image"], output_names=["planes"],
                      opset_version=13, do_constant_folding=True)  # fmt: skip
    return onnx.load_from_string(file.getvalue())


def export(checkpoint):
    model = load_network(checkpoint)
    fold_batch_norms(model)
    round_weights(model)
    network = Exported(model).eval()
    graph = trace(network)
    store_weights(graph.graph)
    onnx.checker.check_model(graph)
    content = graph.SerializeToString()
    OPEN_HEAD_DATA.mkdir(parents=True, exist_ok=True)
    (OPEN_HEAD_DATA / "dense.onnx").write_bytes(content)
    manifest = {
        "version": 1,
        "name": "headform-dense",
        "networkVersion": VERSION,
        "file": "dense.onnx",
        "bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "licence": "MIT",
        "trainedOn": TRAINED_ON,
        "input": {"name": "image", "layout": "NCHW", "width": 128, "height": 128, "channels": "RGB", "range": [0, 1]},
        "crop": {"rule": "landmark-box", "scale": 1.5},
        "output": {
            "name": "planes",
            "width": 64,
            "height": 64,
            "channels": NAMES,
            "pncc": PNCC,
            "offset": OFFSET,
            "unit": "m",
        },
    }
    short = re.compile(r"\[\s+([^\[\]]{1,60}?)\s+\]")
    text = short.sub(lambda m: "[" + " ".join(m[1].split()) + "]", json.dumps(manifest, indent=2))
    (OPEN_HEAD_DATA / "dense.json").write_text(text + "\n")
    return network, manifest


def write_reference(network, person=3):
    """A held-out person as dense-reference.png and its planes [22, 64, 64] as dense-reference.f32."""
    people = People()
    people.refresh()
    rgba, *_ = people.take([(HELD_OUT, person)], [(0, 0)])
    picture, _ = compose(np.random.default_rng(0), rgba, torch.from_numpy(load_backgrounds()[person : person + 1]))
    pixels = (picture[0].permute(1, 2, 0).numpy() * 255 + 0.5).astype(np.uint8)
    NETWORK_FIXTURES.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(NETWORK_FIXTURES / "dense-reference.png")
    with torch.no_grad():
        planes = network(torch.from_numpy(pixels).permute(2, 0, 1)[None].float() / 255)
    (NETWORK_FIXTURES / "dense-reference.f32").write_bytes(planes.numpy().astype("<f4").tobytes())


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint", nargs="?", default=CHECKPOINTS / "dense.pt")
    network, manifest = export(parser.parse_args().checkpoint)
    write_reference(network)
    print(f"dense.onnx: {manifest['bytes']} bytes, sha256 {manifest['sha256'][:12]}…")


if __name__ == "__main__":
    main()
