"""Training batches, made ahead: `python3 -m training.volume.batches --count 300`.

A batch depends on nothing but its number, the shards and the trunk, so the three networks share
them, and one that is not there yet is made when it is asked for. `.cache/volume/batches/NNNNN.npz`.
Those below 0 are for validation: held-out people without augmentation, all columns.
"""

import argparse
import os

import numpy as np
import torch

from ..assets import load_head
from ..backgrounds import load_backgrounds
from ..paths import CHECKPOINTS
from .field import mean_field
from .net import BLOCK, SIDE, VARIANTS, start
from .people import PEOPLE, landmark_vertices
from .pictures import MIRROR, plain_picture, sample_picture, sample_view, view_of, voxels_of
from .voxels import STEPS

HELD_OUT = 0  # the shard kept for validation
SCENES = 0.9  # share of the backgrounds that is trained on
SIZE = 12
PLACES = 2  # of the 4 columns of a cell, how many a batch asks for: neighbors teach the same
STEP = 16  # of stored logits of the guess, to a whole
LANDMARK_NOISE = 1.5  # pixels: at most what a guide in training is off by, beside 0.7
NAMES = ("places", "targets", "weights", "guess", "features", "code", "landmarks")
GUIDED = {"guess": "guided", "landmarks": "shown"}  # what the guided network has instead
VALIDATION = 4  # batches


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


def make_batch(number, people, scenes, network):
    """places [K], targets and weights [B, 48, 48, 50 K] uint8, guess [B, 200, 48, 48] uint8 (128 + 16
    logits), features [B, 32, 32, 32] and code [B, 128] float16, landmarks [B, 68, 2] pixels; then shown:
    landmarks as a guide gives them, moved at random, and guided: the guess that follows those."""
    rng = np.random.default_rng([7, abs(number), number < 0])
    known = int(SCENES * len(scenes))
    places = rng.permutation(BLOCK**2)[:PLACES] if number >= 0 else np.arange(BLOCK**2)
    shards = [n for n in people.shards if n != HELD_OUT]
    rows, pictures = [], []
    for k in range(SIZE):
        shard = rng.choice(shards) if number >= 0 else HELD_OUT
        person = rng.integers(len(people.shards[shard][0])) if number >= 0 else k - SIZE * (number + 1)
        rgba, solid, points = people.person(shard, person)
        view = sample_view(rng, points[:, :2]) if number >= 0 else view_of(points[:, :2])
        if number >= 0:
            pictures.append(sample_picture(rng, rgba, view, scenes[:known]))
        else:
            pictures.append(plain_picture(rgba, view, scenes[known + person % (len(scenes) - known)]))
        marks = seen_landmarks(points, view)[:, :2].astype(np.float32)
        rows.append([*voxels_of(view.apply(solid), view.mirrored, places), marks])
    targets, weights, marks = (np.stack(column) for column in zip(*rows))
    noise = rng.normal(0, LANDMARK_NOISE * rng.random((SIZE, 1, 1)), marks.shape) + rng.normal(0, 0.7, (SIZE, 1, 2))
    shown = (marks + noise * (number >= 0)).astype(np.float32)
    there = ((shown > 0) & (shown < SIDE)).all(2, keepdims=True)
    with torch.no_grad():
        seen = torch.from_numpy(np.stack(pictures).astype(np.float32))
        guess, features, code, _ = network.look(seen)
        guided = network.look(seen, torch.from_numpy(np.concatenate([shown, there], 2).astype(np.float32)).mT)[0]
    stored, guided = ((x * STEP + 128.5).clamp(0, 255).to(torch.uint8).numpy() for x in (guess, guided))
    return (places, targets, weights, stored, features.half().numpy(), code.half().numpy(), marks, shown, guided)


def load_batch(number, people, scenes, network, guided=False):
    """Arrays as in NAMES; guided: with the guess and the landmarks of GUIDED."""
    path = PEOPLE / "batches" / f"{number:05d}.npz"
    if not path.exists():
        batch = make_batch(number, people, scenes, network)
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f".{number:05d}-{os.getpid()}.npz")
        np.savez(partial, **dict(zip((*NAMES, "shown", "guided"), batch)))
        partial.rename(path)
    with np.load(path) as file:
        return tuple(file[GUIDED.get(name, name) if guided else name] for name in NAMES)


def new_network(name):
    """An untrained network on the trunk's weights."""
    path = CHECKPOINTS / "volume-trunk.pt"
    vertices, missing = landmark_vertices()
    places = np.float32(load_head().neutral[vertices] + missing)
    return start(torch.load(path)["average"], mean_field(), places, **VARIANTS[name])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=300)
    torch.set_num_threads(1)
    people, scenes, network = People(), load_backgrounds(), new_network("volume")
    for number in range(-VALIDATION, parser.parse_args().count):
        load_batch(number, people, scenes, network)


if __name__ == "__main__":
    main()
