"""Writes what is shipped: `python3 -m training.volume.export`: packages/open-head/data/volume*.{onnx,json}."""

import argparse
import hashlib
import io
import json
import re
from pathlib import Path

import onnx
import torch

from ..export import fold_batch_norms, store_half
from ..paths import CHECKPOINTS, OPEN_HEAD_DATA
from .net import ANCHOR_DEPTH, CROP_SCALE, DIAMETER, HEATMAP, PLANES, SIDE, SIGMA, VolumeNetwork, Whole

VERSION = "0.1.0"
TRAINED_ON = (
    "synthetic people rendered from ICT-FaceKit (MIT) geometry and MakeHuman (CC0) skins and hair, "
    "with procedural brows, beards, glasses, hats, clothes, light and backgrounds"
)
VARIANTS = {"volume": {}, "volume-guided": {"guided": True}, "volume-multitask": {"multitask": True}}
SHIPPED = ("volume", "volume-guided")


def load_network(name, folder=CHECKPOINTS):
    """The averaged network of a checkpoint, in evaluation mode."""
    model = VolumeNetwork(**VARIANTS[name])
    model.load_state_dict(torch.load(Path(folder) / f"{name}.pt")["average"])
    return model.eval()


def round_half(model):
    with torch.no_grad():
        for value in [*model.parameters(), *model.buffers()]:
            if value.dtype == torch.float32 and value.numel() > 64:
                value.copy_(value.half().float())


def export(model, name, folder):
    fold_batch_norms(model)
    whole = Whole(model).eval()
    round_half(whole)
    guided, multitask = model.guide is not None, model.fork is not None
    planes = 71 if guided else 3
    file = io.BytesIO()
    torch.onnx.export(whole, torch.zeros(1, planes, SIDE, SIDE), file, input_names=["image"],
                      output_names=["volume", "landmarks"] if multitask else ["volume"],
                      opset_version=13, do_constant_folding=True)  # fmt: skip
    graph = onnx.load_from_string(file.getvalue())
    store_half(graph.graph)
    onnx.checker.check_model(graph)
    content = graph.SerializeToString()
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.onnx").write_bytes(content)
    output = {
        "name": "volume",
        "dims": [SIDE, SIDE, PLANES],
        "spacing": [1, 1, 0.5],
        "nearest": "last",
        "values": "probability",
    }
    if multitask:
        output["landmarks"] = {"name": "landmarks", "width": HEATMAP, "height": HEATMAP}
    manifest = {
        "version": 1,
        "kind": "volume",
        "name": f"headform-{name}",
        "networkVersion": VERSION,
        "file": f"{name}.onnx",
        "bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "licence": "MIT",
        "trainedOn": TRAINED_ON,
        "input": {"name": "image", "layout": "NCHW", "width": SIDE, "height": SIDE, "channels": "RGB", "range": [0, 1]},
        **({"guide": {"sigma": SIGMA, "diameter": DIAMETER}} if guided else {}),
        "crop": {"rule": "landmark-box", "scale": CROP_SCALE},
        "output": output,
        "solid": "the head without hair and what is worn, cut at the crop and at the first and last plane; "
        "lids closed over the eyeballs, lips by a hollow half as deep as the mouth is open",
        "depth": f"sample z lies {(ANCHOR_DEPTH):d} pixels - (z + 1/2) / 2 behind the model frame's point (0, -0.01, 0.05) m",
    }
    short = re.compile(r"\[\s+([^\[\]]{1,60}?)\s+\]")
    text = short.sub(lambda m: "[" + " ".join(m[1].split()) + "]", json.dumps(manifest, indent=2))
    (folder / f"{name}.json").write_text(text + "\n")
    return whole, manifest


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", default=SHIPPED)
    parser.add_argument("--folder", default=OPEN_HEAD_DATA)
    options = parser.parse_args()
    for name in options.names:
        _, manifest = export(load_network(name), name, options.folder)
        print(f"{name}.onnx: {manifest['bytes']} bytes, sha256 {manifest['sha256'][:12]}…", flush=True)


if __name__ == "__main__":
    main()
