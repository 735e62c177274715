"""Exports the trained detector: `python3 -m training.detector.export`.

Writes detector.onnx (weights stored as float16, cast when loaded), its manifest, and the reference
that the TypeScript decoder is tested against.
"""

import argparse
import hashlib
import json
from pathlib import Path

import numpy as np
import onnx
import torch
from PIL import Image

from ..paths import CHECKPOINTS, NETWORK_FIXTURES, OPEN_HEAD_DATA
from ..store import round_weights, store_weights
from .crowd import People, paste, place_person
from .decode import NMS, SECOND_FROM, SECOND_LARGEST, SIZES, THRESHOLD, decode, run, thin
from .evaluate import load_network
from .net import STRIDE, UNIT
from .scenery import fractal

NAMES = ["heatmap", "box"]


def fuse(net):
    """The network with each convolution and the normalization behind it in one."""
    for module in list(net.modules()):
        for name, child in list(module.named_children()):
            if isinstance(child, torch.nn.Sequential) and isinstance(child[min(1, len(child) - 1)], torch.nn.BatchNorm2d):
                fused = torch.nn.utils.fuse_conv_bn_eval(child[0], child[1])
                setattr(module, name, torch.nn.Sequential(fused, *child[2:]))
    return net


def write_network(net, path):
    """Weights in single precision."""
    axes = {"image": {2: "height", 3: "width"}, **{n: {2: "rows", 3: "columns"} for n in NAMES}}
    torch.onnx.export(net, torch.rand(1, 3, 256, 320), path, opset_version=13, input_names=["image"],
                      output_names=NAMES, dynamic_axes=axes)  # fmt: skip


def write_manifest(path):
    content = path.read_bytes()
    manifest = {
        "version": 1,
        "kind": "detector",
        "name": "headform-detector",
        "networkVersion": "0.2.0",
        "file": path.name,
        "bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "licence": "MIT",
        "trainedOn": "synthetic crowds of people rendered from ICT-FaceKit (MIT) geometry and MakeHuman (CC0) skins and hair, in procedural scenery",
        "input": {"name": "image", "layout": "NCHW", "channels": "RGB", "range": [0, 1], "multipleOf": 32,
                  "sizes": list(SIZES), "secondFrom": SECOND_FROM, "secondLargest": SECOND_LARGEST},
        "outputs": [{"name": n, "stride": STRIDE} for n in NAMES],
        "unit": UNIT,
        "box": "at cell (row j, column i), a maximum of its 3x3 with 1/(1+exp(-heatmap)) >= threshold: "
               f"center x = {STRIDE}(i + 0.5 + box[0]), center y = {STRIDE}(j + 0.5 + box[1]), "
               f"width = {UNIT:g} exp(box[2]), height = {UNIT:g} exp(box[3]), "
               "roll = atan2(box[4], box[5]) counter-clockwise in the picture; "
               "a box is dropped when more than nms of the smaller area is shared with a better one",
        "threshold": THRESHOLD,
        "nms": NMS,
    }  # fmt: skip
    path.with_suffix(".json").write_text(json.dumps(manifest, indent=2) + "\n")


def write_reference(net, folder):
    """A small crowd on a plain ground, fed as it is, and the faces found in it."""
    rng = np.random.default_rng(38)
    people = People(held_out=True)
    side = 160
    image = 140 + 40 * np.repeat(np.repeat(fractal(rng, 8), 20, 0), 20, 1) * np.ones(3, np.float32)
    taken, owner = [], np.zeros((side, side), np.int32)
    while len(taken) < 3:
        placed = place_person(rng, people, (34.0, 46.0, 60.0)[len(taken)], side, taken)
        if placed is None:
            continue
        rgba, inverse, _, _ = placed
        paste(image, owner, rgba, inverse.astype(np.float32), np.ones(3, np.float32), np.float32(0), 1)
    picture = image.clip(0, 255).astype(np.uint8)
    folder.mkdir(parents=True, exist_ok=True)
    Image.fromarray(picture).save(folder / "detector-reference.png", optimize=True)
    planes = run(net, torch.from_numpy(picture).permute(2, 0, 1)[None].float() / 255)
    faces = thin(decode(*planes))
    keys = ("x", "y", "width", "height", "score", "roll")
    reference = {
        "about": "one pass over the whole picture as it is; regenerate with python3 -m training.detector.export",
        "image": "detector-reference.png",
        "threshold": THRESHOLD,
        "nms": NMS,
        "detections": [{k: round(float(v), 5) for k, v in zip(keys, face)} for face in faces],
        "heatmap": {"rows": side // STRIDE, "columns": side // STRIDE,
                    "logits": [round(float(v), 4) for v in planes[0].ravel()]},
    }  # fmt: skip
    (folder / "detector-reference.json").write_text(json.dumps(reference) + "\n")
    return faces


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", type=Path, default=CHECKPOINTS / "detector.pt")
    options = parser.parse_args()
    torch.set_num_threads(1)
    net = fuse(load_network(options.checkpoint))
    round_weights(net)
    OPEN_HEAD_DATA.mkdir(parents=True, exist_ok=True)
    path = OPEN_HEAD_DATA / "detector.onnx"
    write_network(net, path)
    model = onnx.load(path)
    store_weights(model.graph)
    onnx.checker.check_model(model)
    onnx.save(model, path)
    write_manifest(path)
    print(f"{path.name}: {path.stat().st_size} bytes")
    print(write_reference(net, NETWORK_FIXTURES).round(2))


if __name__ == "__main__":
    main()
