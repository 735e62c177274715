"""Training batches, made ahead: `python3 -m training.volume.batches --count 700`.

A batch depends on nothing but its number and the shards, so the three networks share them, and one
that is not there yet is made when it is asked for. `.cache/volume/batches/NNNNN.npz`: uint8 but for
`landmarks`.
"""

import argparse
import os

import numpy as np

from ..backgrounds import load_backgrounds
from .net import BLOCK
from .people import PEOPLE
from .pictures import MIRROR, sample_picture, sample_view, voxels_of
from .voxels import STEPS

HELD_OUT = 0  # the shard kept for validation
SCENES = 0.9  # share of the backgrounds that is trained on
SIZE = 12
PLACES = 3  # of the 9 columns of a cell, how many a batch asks for: neighbors teach the same
NAMES = ("places", "pictures", "targets", "weights", "landmarks")


class People:
    """The shards on disk: pictures, solids, landmarks."""

    def __init__(self):
        self.shards = {}
        for path in sorted(PEOPLE.glob("[0-9]*_solid.npy")):
            read = lambda name: np.load(PEOPLE / f"{path.name[:3]}_{name}.npy", mmap_mode="r")  # noqa: B023, E731
            self.shards[int(path.name[:3])] = [read(name) for name in ("rgba", "solid", "points")]

    def person(self, shard, k):
        """rgba, solid [S, 3] and landmarks [68, 3] in pixels of the stored picture."""
        rgba, solids, points = self.shards[shard]
        return rgba[k], solids[k] / np.float32(STEPS), points[k]


def seen_landmarks(points, view):
    """Landmarks [68, 3] in the volume's pixels, renumbered where the view mirrors."""
    return view.apply(points[MIRROR] if view.mirrored else points)


def make_batch(number, people, scenes):
    """places [K], pictures [B, 3, S, S], targets and weights [B, 32, 32, 50 K], landmarks [B, 68, 2]."""
    rng = np.random.default_rng([7, number])
    scenes = scenes[: int(SCENES * len(scenes))]
    places = rng.permutation(BLOCK**2)[:PLACES]
    shards = [n for n in people.shards if n != HELD_OUT]
    rows = []
    for shard in rng.choice(shards, SIZE):
        rgba, solid, points = people.person(shard, rng.integers(len(people.shards[shard][0])))
        view = sample_view(rng, points[:, :2])
        picture = (sample_picture(rng, rgba, view, scenes) * 255 + 0.5).astype(np.uint8)
        marks = seen_landmarks(points, view)[:, :2].astype(np.float32)
        rows.append([picture, *voxels_of(view.apply(solid), view.mirrored, places), marks])
    return places, *(np.stack(column) for column in zip(*rows))


def load_batch(number, people, scenes):
    path = PEOPLE / "batches" / f"{number:05d}.npz"
    if not path.exists():
        batch = make_batch(number, people, scenes)
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f".{number:05d}-{os.getpid()}.npz")
        np.savez(partial, **dict(zip(NAMES, batch)))
        partial.rename(path)
    with np.load(path) as file:
        return tuple(file[name] for name in NAMES)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=700)
    people, scenes = People(), load_backgrounds()
    for number in range(parser.parse_args().count):
        load_batch(number, people, scenes)


if __name__ == "__main__":
    main()
