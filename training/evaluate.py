"""Measures a network on photos with known landmarks: `python3 -m training.evaluate [checkpoint]`.

The figure is the mean landmark distance over sqrt(width * height) of the true landmarks' box. The
photos are for measuring only. With `--people`, measures every plane on the held-out people instead.
"""

import argparse
import json

import numpy as np
import torch
from PIL import Image

from .backgrounds import load_backgrounds
from .fit import fit
from .network import NAMES, DenseNetwork, decode
from .paths import CHECKPOINTS, SHARED
from .render import box_side
from .train import People, validate

CROP = 128
MIRROR = torch.tensor([-1.0 if name in ("pncc.x", "offset.x", "normal.x") else 1.0 for name in NAMES]).view(1, -1, 1, 1)


def load_network(path):
    model = DenseNetwork()
    model.load_state_dict(torch.load(path)["average"])
    return model.eval()


def load_photos():
    """(name, picture, landmarks [68, 2] with pixel centers at half-integers, yaw in degrees)."""
    folder = SHARED / "photos" / "aflw2000"
    photos = []
    for name, truth in sorted(json.loads((folder / "landmarks.json").read_text()).items()):
        marks = np.array(truth["landmarks68"], float)[:, :2] - 0.5
        picture = Image.open(folder / (name if name.endswith(".jpg") else f"{name}.jpg")).convert("RGB")
        photos.append((name, picture, marks, np.rad2deg(truth["pitchYawRoll"][1])))
    return photos


def crop(picture, marks, scale=1.5, shift=(0.0, 0.0)):
    """The network's crop [S, S, 3] and its left, top and side in the picture."""
    side = scale * box_side(marks)
    left, top = (marks.min(0) + marks.max(0)) / 2 + np.array(shift) * side - side / 2
    pad = int(np.ceil(max(0, -left, -top, left + side - picture.width, top + side - picture.height)))
    wide = Image.new("RGB", (picture.width + 2 * pad, picture.height + 2 * pad))
    wide.paste(picture, (pad, pad))
    part = wide.resize((CROP, CROP), Image.BILINEAR, box=(left + pad, top + pad, left + pad + side, top + pad + side))
    return np.asarray(part), left, top, side


def predict(model, crops):
    """Crops [N, S, S, 3] uint8 to amodal and visible probabilities, points and offsets (cm), flip-averaged."""
    pictures = torch.from_numpy(np.stack(crops)).permute(0, 3, 1, 2).float() / 255
    with torch.no_grad():
        planes = (model(pictures)[0] + model(pictures.flip(3))[0].flip(3) * MIRROR) / 2
    maps = decode(planes)
    last = lambda t: t.permute(0, 2, 3, 1).numpy()  # noqa: E731
    return (last(torch.sigmoid(maps.amodal))[..., 0], last(torch.sigmoid(maps.visible))[..., 0], last(maps.points),
            last(maps.offsets))  # fmt: skip


def evaluate(model, scale=1.5, shift=(0.0, 0.0)):
    """One row per photo: name, yaw, error with ICT's landmarks, error with those redefined (percent), fit."""
    photos = load_photos()
    crops = [crop(picture, marks, scale, shift) for _, picture, marks, _ in photos]
    amodal, visible, points, offsets = predict(model, [c[0] for c in crops])
    rows = []
    for k, ((name, _, marks, yaw), (_, left, top, side)) in enumerate(zip(photos, crops)):
        found = fit(points[k], offsets[k], visible[k], amodal[k])
        errors = [50.0, 50.0]
        if found is not None:
            length = np.sqrt(np.prod(np.ptp(marks, axis=0)))
            errors = [
                100 * np.linalg.norm(found[key] * side / CROP + [left, top] - marks, axis=1).mean() / length
                for key in ("ict", "redefined")
            ]
        rows.append((name, yaw, *errors, found))
    return rows


def summary(rows):
    ict, redefined = np.array([r[2] for r in rows]), np.array([r[3] for r in rows])
    frontal = np.abs([r[1] for r in rows]) < 30
    return (f"ICT {ict.mean():.2f}; redefined {redefined.mean():.2f} (median {np.median(redefined):.2f}, "
            f"frontal {redefined[frontal].mean():.2f}, turned {redefined[~frontal].mean():.2f}) %")  # fmt: skip


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint", nargs="?", default=CHECKPOINTS / "dense.pt")
    parser.add_argument("--people", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(1)
    if options.people:
        people = People()
        people.refresh(1)
        for name, value in validate(load_network(options.checkpoint), people, load_backgrounds(), 448).items():
            print(f"{name}: {value:.4f}")
        raise SystemExit
    if not (SHARED / "photos" / "aflw2000").exists():
        raise SystemExit("skipped: the photos are not beside the project (HEADFORM_SHARED)")
    result = evaluate(load_network(options.checkpoint))
    for name, yaw, ict, redefined, _ in result:
        print(f"{name}  yaw {yaw:6.1f}  ICT {ict:5.2f}  redefined {redefined:5.2f}")
    print(summary(result))
