"""Writes what is shipped: `python3 -m training.volume.export`: packages/open-head/data/volume*.{onnx,json}."""

import argparse
import hashlib
import io
import json
import re
from pathlib import Path

import numpy as np
import onnx
import torch
from PIL import Image

from ..backgrounds import load_backgrounds
from ..export import fold_batch_norms
from ..paths import NETWORK_FIXTURES, OPEN_HEAD_DATA
from ..store import as_half, store_weights
from .batches import HELD_OUT, People
from .evaluate import load_network, predict
from .net import ANCHOR_DEPTH, CROP_SCALE, DIAMETER, HEATMAP, PLANES, SIDE, SIGMA, VARIANTS
from .pictures import plain_picture, view_of

VERSION = "0.1.0"
TRAINED_ON = (
    "synthetic people rendered from ICT-FaceKit (MIT) geometry and MakeHuman (CC0) skins and hair, "
    "with procedural brows, beards, glasses, hats, clothes, light and backgrounds"
)
SHIPPED = ("volume", "volume-guided")


def round_half(model):
    with torch.no_grad():
        for value in [*model.parameters(), *model.buffers()]:
            if value.dtype == torch.float32 and value.numel() > 64:
                value.copy_(value.half().float())


def export(model, name, folder):
    fold_batch_norms(model)
    whole = model.eval()
    round_half(whole)
    guided, multitask = model.correction.guide is not None, model.correction.fork is not None
    planes = 71 if guided else 3
    file = io.BytesIO()
    torch.onnx.export(whole, torch.zeros(1, planes, SIDE, SIDE), file, input_names=["image"],
                      output_names=["volume", "landmarks"] if multitask else ["volume"],
                      opset_version=13, do_constant_folding=True)  # fmt: skip
    graph = onnx.load_from_string(file.getvalue())
    store_weights(graph.graph, as_half)
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
        "depth": f"sample z lies (z + 1/2) / 2 - {ANCHOR_DEPTH} pixels nearer to the viewer than the model frame's point "
        "(0, -0.01, 0.05) m, in pixels of that point's depth",
    }
    short = re.compile(r"\[\s+([^\[\]]{1,60}?)\s+\]")
    text = short.sub(lambda m: "[" + " ".join(m[1].split()) + "]", json.dumps(manifest, indent=2))
    (folder / f"{name}.json").write_text(text + "\n")
    return whole, manifest


def write_reference(wholes, person=5):
    """A held-out person as volume-reference.png, landmarks and every eighth voxel of each network's
    volume as volume-reference.json."""
    rgba, _, points = People().person(HELD_OUT, person)
    view = view_of(points[:, :2])
    picture = plain_picture(rgba, view, load_backgrounds()[-1])
    pixels = (picture.transpose(1, 2, 0).clip(0, 1) * 255 + 0.5).astype(np.uint8)
    Image.fromarray(pixels).save(NETWORK_FIXTURES / "volume-reference.png")
    marks = view.apply(points)[:, :2].round(2)
    reference = {"landmarks": [[round(c, 2) for c in mark] for mark in marks.tolist()], "every": 8, "from": 3}
    for name, whole in wholes.items():
        volume, _ = predict(whole, pixels.transpose(2, 0, 1) / np.float32(255), marks)
        reference[name] = [round(v, 3) for v in volume[0, 3::8, 3::8, 3::8].flatten().tolist()]
    (NETWORK_FIXTURES / "volume-reference.json").write_text(json.dumps(reference).replace(" ", "") + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", default=SHIPPED)
    parser.add_argument("--folder", default=OPEN_HEAD_DATA)
    options = parser.parse_args()
    wholes = {}
    for name in options.names:
        wholes[name], manifest = export(load_network(name), name, options.folder)
        print(f"{name}.onnx: {manifest['bytes']} bytes, sha256 {manifest['sha256'][:12]}…", flush=True)
    if Path(options.folder) == OPEN_HEAD_DATA:
        write_reference(wholes)


if __name__ == "__main__":
    main()
