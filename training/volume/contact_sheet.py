"""Pictures of what a volume network says: `python3 -m training.volume.contact_sheet volume sheet.png`.

A row per person or photo: the crop, the surface from the front and from the side; for people, the
true solid likewise, and in red where the network has too much, in blue where too little, in the
slice through the middle of the head. With --photos: of the photos beside the project, which are
for looking at and for measuring only.
"""

import argparse

import numpy as np
import torch
from PIL import Image

from ..backgrounds import load_backgrounds
from ..evaluate import load_photos
from ..paths import CHECKPOINTS
from .batches import HELD_OUT, People
from .evaluate import front, load_network, predict, true_volume
from .net import SIDE
from .pictures import plain_picture, view_of

LIGHT = np.array([0.35, 0.45, 0.82])


def shaded(depth, step=1.0):
    """A depth map (pixels of side `step` away from the viewer) as a gray relief [H, W, 3]."""
    dy, dx = np.gradient(np.nan_to_num(depth, nan=np.nanmax(depth)))
    normals = np.stack([dx, -dy, np.full_like(dx, step)], -1)
    normals /= np.linalg.norm(normals, axis=-1, keepdims=True)
    gray = np.clip(40 + 200 * normals @ LIGHT, 0, 255)
    return np.repeat(np.where(np.isnan(depth), 20, gray)[..., None], 3, 2).astype(np.uint8)


def reliefs(volume):
    """From the front, and from the side that the picture's right is."""
    aside = np.repeat(volume, 1, 0).transpose(2, 1, 0)  # x, y, z
    inside = aside > 0.5
    first = inside[::-1].argmax(0)
    side = np.where(inside.any(0), first.astype(float), np.nan)[:, ::2]
    return [shaded(front(volume)), shaded(side[:, ::-1])]


def row_of(picture, volume, truth=None):
    cells = [(picture.transpose(1, 2, 0).clip(0, 1) * 255).astype(np.uint8), *reliefs(volume)]
    if truth is not None:
        cells += reliefs(truth)
        said, true = volume[:, :, SIDE // 2].T[:, ::-2] > 0.5, truth[:, :, SIDE // 2].T[:, ::-2] > 0.5
        slice_ = np.full((*said.shape, 3), 20, np.uint8)
        slice_[said & true], slice_[said & ~true], slice_[true & ~said] = 160, (220, 60, 50), (60, 90, 230)
        cells.append(slice_)
    return np.concatenate(cells, 1)


def photo_crop(picture, marks):
    """The picture [3, 192, 192] of a photo around landmarks [68, 2]."""
    view = view_of(marks)
    inverse = np.linalg.inv(view.turn)
    half = inverse @ [SIDE / 2, SIDE / 2]
    left, top = inverse @ -view.shift
    pad = int(max(picture.size)) // 2
    wide = Image.new("RGB", (picture.width + 2 * pad, picture.height + 2 * pad))
    wide.paste(picture, (pad, pad))
    box = (left + pad, top + pad, left + 2 * half[0] + pad, top + 2 * half[1] + pad)
    return np.asarray(wide.resize((SIDE, SIDE), Image.BILINEAR, box=box)).transpose(2, 0, 1) / np.float32(255), view


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name")
    parser.add_argument("file")
    parser.add_argument("--photos", action="store_true")
    parser.add_argument("--count", type=int, default=12)
    parser.add_argument("--folder", default=CHECKPOINTS)
    options = parser.parse_args()
    torch.set_num_threads(1)
    whole = load_network(options.name, options.folder)
    rows = []
    if options.photos:
        for _, photo, marks, _ in load_photos():
            picture, view = photo_crop(photo, marks)
            seen = np.concatenate([marks, np.zeros((68, 1))], 1)
            rows.append(row_of(picture, predict(whole, picture, view.apply(seen))[0][0].numpy()))
    else:
        people, scenes = People(), load_backgrounds()
        for k in range(options.count):
            rgba, solid, points = people.person(HELD_OUT, k)
            view = view_of(points[:, :2])
            picture = plain_picture(rgba, view, scenes[-1 - k])
            volume = predict(whole, picture, view.apply(points))[0][0].numpy()
            rows.append(row_of(picture, volume, true_volume(view.apply(solid))[0]))
    half = (len(rows) + 1) // 2
    if len(rows) % 2:
        rows.append(np.zeros_like(rows[0]))
    sheet = np.concatenate([np.concatenate(rows[:half]), np.concatenate(rows[half:])], 1)
    Image.fromarray(sheet).save(options.file)


if __name__ == "__main__":
    main()
