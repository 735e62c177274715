"""Where people's solids lie in their pictures: `python3 -m training.volume.people`.

From each shard of `.cache/people` it writes `.cache/volume/NNN_solid.npy` int16 [n, S, 3] and
`NNN_points.npy` float32 [n, 68, 3], in the pixels of the stored picture: right, down, towards the
viewer from ANCHOR, the last at the anchor's scale; the solid's in 1/64 pixel. The points are those
that the shipped head means by the 68 landmarks.
"""

import argparse
import json
from functools import lru_cache

import numpy as np
from scipy.spatial import cKDTree

from ..assets import FACE, LANDMARKS, NARROW_FACE, load_head
from ..paths import CACHE, ROOT
from ..render import UNIT
from .solid import load_solid
from .voxels import STEPS

PEOPLE = CACHE / "volume"
ANCHOR = np.array([0, -0.01, 0.05])  # the point whose depth is zero; m, model frame
LABEL_EDGE, LABEL_CELL = 24, 2  # where the label grid lies in the stored picture, pixels


@lru_cache(maxsize=1)
def landmark_vertices():
    """The vertex nearest to each landmark of the shipped head, and what is missing to it (cm).

    Lips touch, so of near vertices that one is taken which moves with the jaw as ICT's own point does.
    """
    head = load_head()
    path = ROOT / "training" / "head" / "landmarks.json"
    if not path.exists():
        return LANDMARKS, np.zeros((68, 3), np.float32)
    points = 100 * np.array(json.loads(path.read_text()), np.float32)
    drop = head.basis[head.identities + head.expression("jawOpen")].reshape(-1, 3)
    chosen = []
    for point, own in zip(points, LANDMARKS):
        away = np.linalg.norm(head.neutral[:FACE] - point, axis=1)
        chosen.append((away + 0.5 * np.linalg.norm(drop[:FACE] - drop[own], axis=1)).argmin())
    return np.array(chosen), points - head.neutral[chosen]


@lru_cache(maxsize=1)
def face_tree():
    return cKDTree(load_head().neutral[:FACE])


def placed(points, center, stretch, moment, square):
    """Vertices stretched, then scaled and moved to the mean head's size and place."""
    scale = (stretch * moment).sum() / (stretch**2 * square).sum()
    return (points - center) * (stretch * scale) + load_head().neutral[:NARROW_FACE].mean(0)


def recover(neutral, whole, labels, rounds=4):
    """The posed head [V, 3] (cm) behind a stored person: the stretch, which is not stored, from labels.

    labels [6, G, G] cm: mean position and offset; zero where there is no face.
    """
    mean = load_head().neutral
    center = neutral[:NARROW_FACE].mean(0)
    away = neutral[:NARROW_FACE] - center
    moment = (away * (mean[:NARROW_FACE] - mean[:NARROW_FACE].mean(0))).sum(0)
    square = (away**2).sum(0)
    surface = labels[:3].reshape(3, -1).T
    there = np.flatnonzero(np.abs(surface).sum(1) > 0)[::3]
    distance, vertex = face_tree().query(surface[there])
    near = distance < 0.15
    there, vertex = there[near], vertex[near]
    seen = labels[3:].reshape(3, -1).T[there] + mean[vertex]

    stretch = np.ones(3)
    guess = lambda s: placed(whole[vertex], center, s, moment, square)  # noqa: E731
    for _ in range(rounds):
        now = guess(stretch)
        slope = np.stack([(guess(stretch + d) - now).ravel() / 1e-3 for d in 1e-3 * np.eye(3)], 1)
        # A uniform stretch changes nothing; the prior holds it.
        normal = slope.T @ slope + np.eye(3)
        stretch = stretch + np.linalg.solve(normal, slope.T @ (seen - now).ravel() - (stretch - 1))
    return placed(whole, center, stretch, moment, square)


def to_picture(points, camera):
    """Points [N, 3] m by a stored camera [15]: pixels right, down, towards the viewer from ANCHOR."""
    rotation, shift, (focal, cx, cy) = camera[:9].reshape(3, 3).astype(float), camera[9:12], camera[12:]
    x, y, z = (points @ rotation.T + shift).T
    depth = -(rotation[2] @ ANCHOR + shift[2])
    return np.stack([cx - focal * x / z, cy + focal * y / z, focal * (z + depth) / depth], 1)


def convert(number):
    read = lambda name: np.load(PEOPLE / f"{number:03d}_{name}.npy", mmap_mode="r")  # noqa: E731
    head, solid = load_head(), load_solid()
    coefficients = read("coefficients").astype(np.float32)
    labels, cameras, marks = read("labels"), read("camera"), read("landmarks")
    vertices, missing = landmark_vertices()
    solids, points, errors = [], [], []
    for k, row in enumerate(coefficients):
        neutral = head.neutral + (row[: head.identities] @ head.basis[: head.identities]).reshape(-1, 3)
        whole = neutral + (row[head.identities :] @ head.basis[head.identities :]).reshape(-1, 3)
        positions = recover(neutral, whole, labels[k] * (UNIT * 100)) / 100
        solids.append(np.round(to_picture(solid.positions(positions), cameras[k]) * STEPS))
        points.append(to_picture(positions[vertices] + missing / 100, cameras[k]))
        errors.append(np.abs(to_picture(positions[LANDMARKS], cameras[k])[:, :2] - marks[k]).max())
    np.save(PEOPLE / f"{number:03d}_points.npy", np.float32(points))
    partial = PEOPLE / f".{number:03d}_solid.npy"
    np.save(partial, np.clip(solids, -32768, 32767).astype(np.int16))
    partial.rename(PEOPLE / f"{number:03d}_solid.npy")
    return np.array(errors)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shards", default="0:30", help="first:last shard number")
    first, last = map(int, parser.parse_args().shards.split(":"))
    for number in range(first, last):
        if (PEOPLE / f"{number:03d}_rgba.npy").exists() and not (PEOPLE / f"{number:03d}_solid.npy").exists():
            errors = convert(number)
            print(f"shard {number}: landmarks to {np.median(errors):.3f} px, at worst {errors.max():.3f}", flush=True)


if __name__ == "__main__":
    main()
