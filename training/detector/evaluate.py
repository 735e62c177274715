"""Measures the detector: `python3 -m training.detector.evaluate [--pictures folder]`.

On held-out synthetic crowds, and on the photos of $HEADFORM_SHARED/photos, which are never trained on.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageDraw

from ..paths import CHECKPOINTS, SHARED
from .crowd import People, training_picture
from .decode import decode, detect, run, thin
from .net import Detector
from .scenery import load_scenery

PHOTOS = SHARED / "photos"
GOOD = 0.6  # intersection over union from which a box serves the dense network's crop


def load_network(path):
    net = Detector().eval()
    net.load_state_dict(torch.load(path)["mean"])
    return net


def overlap(a, b):
    """Intersection over union of boxes (x, y, width, height)."""
    low, high = np.maximum(a[:2], b[:2]), np.minimum(a[:2] + a[2:4], b[:2] + b[2:4])
    shared = np.prod(np.maximum(high - low, 0))
    return shared / (a[2] * a[3] + b[2] * b[3] - shared)


def draw(photo, faces, truth=(), path=None):
    picture = photo.convert("RGB")
    scale = 900 / max(picture.size)
    picture = picture.resize([round(s * scale) for s in picture.size])
    pen = ImageDraw.Draw(picture)
    for x, y, w, h in np.asarray(truth).reshape(-1, 4) * scale:
        pen.rectangle([x, y, x + w, y + h], outline=(0, 255, 0), width=2)
    for x, y, w, h, score, roll in faces:
        x, y, w, h = np.array([x, y, w, h]) * scale
        pen.rectangle([x, y, x + w, y + h], outline=(255, 0, 0), width=3)
        cx, cy = x + w / 2, y + h / 2
        pen.line([cx, cy, cx - np.sin(roll) * h / 2, cy - np.cos(roll) * h / 2], fill=(255, 0, 0), width=2)
        pen.text((x + 3, y + 3), f"{score:.2f}", fill=(255, 255, 0))
    picture.save(path)


def labelled_photos():
    for name, label in json.loads((PHOTOS / "aflw2000" / "landmarks.json").read_text()).items():
        marks = np.array(label["landmarks68"])[:, :2] - 0.5  # 1-based indices to centers at halves
        yield name, Image.open(PHOTOS / "aflw2000" / name).convert("RGB"), marks


def box_of(marks):
    return np.r_[marks.min(0), np.ptp(marks, axis=0)]


def measure_photos(net, pictures):
    found, extra, overlaps = 0, 0, []
    for name, photo, marks in labelled_photos():
        truth, faces = box_of(marks), detect(net, photo)
        fit = np.array([overlap(f, truth) for f in faces] or [0])
        found += fit.max() >= GOOD
        extra += len(faces) - (fit.max() >= GOOD)
        overlaps.append(fit.max())
        print(f"  {name} overlap {fit.max():.2f} " + " ".join(f"{f[4]:.2f}({o:.2f})" for f, o in zip(faces, fit)))
        if pictures:
            draw(photo, faces, truth, pictures / f"aflw-{Path(name).stem}.png")
    print(f"aflw2000: {found} of {len(overlaps)} found, {extra} others, mean overlap {np.mean(overlaps):.3f}")


def measure_turned(net):
    """The same photos turned about the face, and their faces shrunk into a large picture."""
    scenery = load_scenery()
    for degrees in (-135, -90, -60, -45, -30, 30, 45, 60, 90, 135, 180):
        found = extra = 0
        for _, photo, marks in labelled_photos():
            turned = photo.rotate(degrees, Image.BICUBIC, expand=True)
            c, s = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))
            points = (marks - np.array(photo.size) / 2) @ np.array([[c, s], [-s, c]]).T + np.array(turned.size) / 2
            faces = detect(net, turned)
            hit = max([overlap(f, box_of(points)) for f in faces], default=0) >= GOOD - 0.1
            found, extra = found + hit, extra + len(faces) - hit
        print(f"  turned {degrees:4d}: {found} of 16 found, {extra} others")
    for face in (24, 32, 40, 60, 80):
        found = extra = 0
        for k, (_, photo, marks) in enumerate(labelled_photos()):
            scale = face / np.sqrt(np.prod(np.ptp(marks, axis=0)))
            small = photo.resize([round(s * scale) for s in photo.size], Image.LANCZOS)
            canvas = Image.fromarray(scenery[k]).resize((1000, 1000))
            canvas.paste(small, (300, 400))
            faces = detect(net, canvas)
            hit = max([overlap(f, box_of(marks * scale + [300, 400])) for f in faces], default=0) >= GOOD - 0.1
            found, extra = found + hit, extra + len(faces) - hit
        print(f"  {face} px in 1000: {found} of 16 found, {extra} others")


def measure_others(net, pictures):
    for path in sorted([*PHOTOS.glob("unlabelled/*.jpg"), *PHOTOS.glob("one-person/*.jpg")]):
        photo = Image.open(path).convert("RGB")
        faces = detect(net, photo)
        print(f"  {path.name}: " + (" ".join(f"{f[4]:.2f}@{f[2]:.0f}px" for f in faces) or "none"))
        if pictures:
            draw(photo, faces, path=pictures / f"{path.stem}.png")


def measure_crowds(net, count=400):
    people, scenery = People(held_out=True), load_scenery()
    truths, hits, fits, tilts = [], [], [], []
    wrong = 0
    for k in range(count):
        crowd = training_picture(np.random.default_rng([97, k]), people, scenery)
        image = torch.from_numpy(crowd.image.copy()).permute(2, 0, 1)[None].float() / 255
        faces = thin(decode(*run(net, image)))
        boxes = crowd.boxes.copy()
        boxes[:, :2] -= boxes[:, 2:] / 2
        table = np.array([[overlap(f, b) for b in boxes] for f in faces]).reshape(len(faces), len(boxes))
        wrong += int((table.max(1, initial=0) < 0.3).sum())
        for n in np.nonzero(~crowd.ignored)[0]:
            best = table[:, n].max(initial=0)
            truths.append((np.sqrt(boxes[n, 2] * boxes[n, 3]), abs(crowd.rolls[n])))
            hits.append(best >= 0.5)
            if best >= 0.5:
                fits.append(best)
                tilt = faces[table[:, n].argmax(), 5] - crowd.rolls[n]
                tilts.append(abs(np.angle(np.exp(1j * tilt))))
    truths, hits = np.array(truths), np.array(hits)
    print(f"crowds: {hits.mean():.3f} of {len(hits)} found, {wrong / count:.3f} wrong per picture, "
          f"mean overlap {np.mean(fits):.3f}, median roll error {np.rad2deg(np.median(tilts)):.1f} degrees")  # fmt: skip
    for low, high in ((11, 16), (16, 24), (24, 40), (40, 80), (80, 400)):
        chosen = (truths[:, 0] >= low) & (truths[:, 0] < high)
        print(f"  {low} to {high} px: {hits[chosen].mean():.3f} of {chosen.sum()}")
    for low, high in ((0, 30), (30, 60), (60, 120), (120, 180)):
        chosen = (truths[:, 0] >= 16) & (truths[:, 1] >= np.deg2rad(low)) & (truths[:, 1] < np.deg2rad(high))
        print(f"  roll {low} to {high} degrees, from 16 px: {hits[chosen].mean():.3f} of {chosen.sum()}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", type=Path, default=CHECKPOINTS / "detector.pt")
    parser.add_argument("--pictures", type=Path, help="folder for the photos with what was found")
    parser.add_argument("--quick", action="store_true", help="the photos alone")
    options = parser.parse_args()
    torch.set_num_threads(1)
    net = load_network(options.checkpoint)
    if options.pictures:
        options.pictures.mkdir(parents=True, exist_ok=True)
    if not options.quick:
        measure_crowds(net)
    if not PHOTOS.exists():
        print(f"photos: skipped, {PHOTOS} is absent")
        return
    measure_photos(net, options.pictures)
    measure_others(net, options.pictures)
    if not options.quick:
        measure_turned(net)


if __name__ == "__main__":
    main()
