"""Makes the training pictures: `python3 -m training.detector.pictures --shards 0:22`.

A shard is NNN_images.npy uint8 [n, S, S, 3] and NNN_faces.npy float32 [n, 12, 6] (center x, y,
width, height, roll, ignored; NaN after the last) under training/.cache/crowds. Making a picture costs more than training on it, so each is used
several times: shifted, mirrored and re-toned.
"""

import argparse
import os
import time

import numpy as np

from ..paths import CACHE
from .crowd import MOST, People, training_picture
from .scenery import load_scenery

FOLDER = CACHE / "crowds"
SIDE = 288
SEED = 11


def make_shard(number, count, people, scenery):
    images = np.zeros((count, SIDE, SIDE, 3), np.uint8)
    faces = np.full((count, MOST, 6), np.nan, np.float32)
    for k in range(count):
        crowd = training_picture(np.random.default_rng([SEED, number, k]), people, scenery, SIDE)
        images[k] = crowd.image
        faces[k, : len(crowd.boxes)] = np.concatenate(
            [crowd.boxes, crowd.rolls[:, None], crowd.ignored[:, None]], 1)
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, values in (("faces", faces), ("images", images)):  # images last: then all is there
        partial = FOLDER / f".{number:03d}_{name}.npy"
        np.save(partial, values)
        os.rename(partial, FOLDER / f"{number:03d}_{name}.npy")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shards", default="0:22", help="first:last shard number")
    parser.add_argument("--count", type=int, default=1000, help="pictures in a shard")
    options = parser.parse_args()
    scenery = load_scenery()
    first, last = map(int, options.shards.split(":"))
    for number in range(first, last):
        if not (FOLDER / f"{number:03d}_images.npy").exists():
            start = time.time()
            make_shard(number, options.count, People(), scenery)
            print(f"shard {number}: {options.count / (time.time() - start):.1f} pictures per second", flush=True)


if __name__ == "__main__":
    main()
