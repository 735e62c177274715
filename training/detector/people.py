"""Renders people larger and with more of their shoulders than the dense network's shards hold.

`python3 -m training.detector.people --shards 0:9` writes NNN_rgba.npy [n, S, S, 4] (premultiplied),
NNN_landmarks.npy [n, 68, 2] (pixels) and NNN_roll.npy [n] (radians; NaN for the backs of heads,
which carry no face to be found) under training/.cache/crowd-people.
"""

import argparse
import os
import time

import numpy as np

from .. import person, shapes
from ..assets import LANDMARKS, load_head
from ..lighting import sample_light
from ..paths import CACHE
from ..raster import vertex_normals
from ..render import Camera, box_side, draw, wear

FOLDER = CACHE / "crowd-people"
SIZE = 416
FACE = 150.0  # side of the face box, pixels
BACKS = 0.12  # share of heads seen from behind


def roll_of(rotation):
    """How far the head's up axis is turned counter-clockwise in the picture, radians."""
    return np.arctan2(-rotation[0, 1], rotation[1, 1])


def sample_camera(rng, positions):
    yaw = rng.normal(0, 30) if rng.random() < 0.5 else rng.uniform(-98, 98)
    behind = rng.random() < BACKS
    if behind:
        yaw = rng.uniform(130, 230)
    pitch = rng.normal(0, 17) if rng.random() < 0.7 else rng.uniform(-45, 45)
    roll = rng.normal(0, 8)
    rotation = shapes.rotation(*np.deg2rad([yaw, np.clip(pitch, -45, 45), roll]))
    distance = float(np.exp(rng.uniform(np.log(45), np.log(300))))
    rough = Camera(rotation, distance, 1.0, np.zeros(2))
    marks = rough.to_screen(rough.to_view(positions[LANDMARKS]))[:, :2]
    focal = FACE / box_side(marks)
    middle = (marks.min(0) + marks.max(0)) / 2
    center = np.array([SIZE * 0.5, SIZE * 0.44]) - focal * middle
    return Camera(rotation, distance, focal, center), behind


def render_shard(number, count, batch=16):
    rng = np.random.default_rng([83, number])
    head = load_head()
    out = {"rgba": [], "landmarks": [], "roll": []}
    while len(out["rgba"]) < count:
        shown, neutrals, _ = person.sample_shapes(rng, min(batch, count - len(out["rgba"])))
        for positions, neutral in zip(shown, neutrals):
            camera, behind = sample_camera(rng, positions)
            hair = person.hair_color(rng)
            parts, style = wear(rng, positions, neutral, vertex_normals(positions, head.skin), hair)
            colors, eyes = person.sample_colors(rng, hair), person.sample_eyes(rng)
            lashes = rng.uniform(0.2, 0.7) * (rng.random() < 0.7)
            rgba, _, _, marks, _ = draw(rng, positions, neutral, camera, sample_light(rng), colors, eyes, lashes,
                                        parts, style, hair, SIZE, 1)  # fmt: skip
            out["rgba"].append(rgba)
            out["landmarks"].append(marks.astype(np.float32))
            out["roll"].append(np.float32(np.nan if behind else roll_of(camera.rotation)))
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in reversed(out):  # rgba last: a reader that lists it finds the rest in place
        partial = FOLDER / f".{number:03d}_{name}.npy"
        np.save(partial, np.stack(out[name]))
        os.rename(partial, FOLDER / f"{number:03d}_{name}.npy")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shards", default="0:9", help="first:last shard number")
    parser.add_argument("--count", type=int, default=300, help="people in a shard")
    options = parser.parse_args()
    first, last = map(int, options.shards.split(":"))
    for number in range(first, last):
        if not (FOLDER / f"{number:03d}_rgba.npy").exists():
            start = time.time()
            render_shard(number, options.count)
            print(f"shard {number}: {options.count / (time.time() - start):.1f} people per second", flush=True)


if __name__ == "__main__":
    main()
