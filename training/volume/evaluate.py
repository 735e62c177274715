"""Measures the volume networks on held-out people: `python3 -m training.volume.evaluate volume`.

Overlap: intersection over union of all voxels of [200, 192, 192] at 1/2. Depth: mean difference of the
front surface, over the pixels where the narrow face is in front. NME: mean distance of the narrow
face's vertices to the isosurface, hidden ones included, without alignment, over the distance of the
outer eye corners in space (VRN's measure, closest points as correspondence).
"""

import argparse
import time
from pathlib import Path

import numpy as np
import torch
from scipy.spatial import cKDTree
from skimage.measure import marching_cubes

from ..assets import NARROW_FACE
from ..backgrounds import load_backgrounds
from ..paths import CHECKPOINTS
from .batches import HELD_OUT, People, new_network
from .net import DIAMETER, PLANES, SIDE, SIGMA, VARIANTS
from .people import PEOPLE
from .pictures import plain_picture, stamp, view_of
from .solid import load_solid
from .voxels import STEPS, accumulate, fill_columns, to_corners

ISOVALUE = 0.5
# What of the correction is taken, away from the face and on it: there it rounds off what the mean head has.
# Chosen on the first 16 of the held-out people; the first CHOSEN_ON are left out of the figures.
TAKEN, CHOSEN_ON = (1.0, 0.0), 24
EYE_CORNERS = (36, 45)


def load_network(name, folder=CHECKPOINTS, taken=TAKEN):
    """The network with a checkpoint's averaged correction, or without one only its guess."""
    network, path = new_network(name), Path(folder) / f"{name}.pt"
    if path.exists():
        network.correction.load_state_dict(torch.load(path)["average"])
    network.taken.copy_(torch.tensor(taken))
    return network.eval()


def true_volume(points):
    """Shares inside [200, 192, 192] of a solid in the volume's pixels, and where the face is in front."""
    solid = load_solid()
    crossings = np.zeros((1, SIDE, SIDE, PLANES + 1), np.float32)
    mask = np.zeros((1, SIDE, SIDE), np.uint8)
    fill_columns(to_corners(points, (1, 1, 2)), solid.triangles, solid.face, STEPS, np.array([[STEPS // 2, STEPS // 2]]),
                 STEPS, crossings, mask)  # fmt: skip
    accumulate(crossings.reshape(-1, PLANES + 1))
    return np.ascontiguousarray(crossings[0, ..., :PLANES].transpose(2, 0, 1)), mask[0] > 0


def front(volume):
    """Pixels [H, W] from the last plane to the surface; nan where there is none."""
    inside = volume > ISOVALUE
    first = inside[::-1].argmax(0)
    at = PLANES - 1 - first
    j, i = np.indices(first.shape)
    before = np.where(first > 0, volume[np.minimum(at + 1, PLANES - 1), j, i], 0)
    here = volume[at, j, i]
    depth = first + 0.5 - (here - ISOVALUE) / (here - before + 1e-9)
    return np.where(inside.any(0), depth / 2, np.nan)


def surface(volume):
    """Points on the isosurface [N, 3] in the volume's pixels: corners and middles of its triangles."""
    corners, triangles, _, _ = marching_cubes(np.pad(volume, 1), ISOVALUE)
    corners = ((corners - 1 + 0.5) * [0.5, 1, 1])[:, ::-1]
    return np.concatenate([corners, corners[triangles].mean(1)])


def guide_planes(marks):
    out = np.zeros((68, SIDE, SIDE), np.float32)
    stamp(marks, 1, SIGMA, DIAMETER / 2, out)
    return out


def predict(whole, picture, marks=None):
    """Volume [200, 192, 192] of a picture [3, 192, 192], guided by landmarks [68, 2+] where asked for."""
    planes = picture if whole.correction.guide is None else np.concatenate([picture, guide_planes(marks)])
    with torch.no_grad():
        out = whole(torch.from_numpy(planes[None].astype(np.float32)))
    return out if torch.is_tensor(out) else out[0], None if torch.is_tensor(out) else out[1][0].numpy()


def evaluate(whole, count, noise=0.0, seed=1, first=CHOSEN_ON):
    """Rows of overlap, depth error (mm), NME, landmark error (% of the box), yaw (degrees)."""
    people, scenes, rng = People(), load_backgrounds(), np.random.default_rng(seed)
    cameras = np.load(PEOPLE / f"{HELD_OUT:03d}_camera.npy")
    rows = []
    for k in range(first, first + count):
        rgba, solid, points = people.person(HELD_OUT, k)
        view = view_of(points[:, :2])
        truth, face = true_volume(view.apply(solid))
        marks = view.apply(points)
        guide = marks[:, :2] + rng.normal(0, noise, (68, 2)) if noise else marks
        volume, heat = predict(whole, plain_picture(rgba, view, scenes[-1 - k]), guide)
        volume = volume[0].numpy()
        inside, there = volume > ISOVALUE, truth > 0.5
        overlap = (inside & there).sum() / (inside | there).sum()
        rotation, t, focal = cameras[k][:9].reshape(3, 3), cameras[k][9:12], cameras[k][12]
        per_mm = focal * view.scale / -(rotation[2] @ [0, -0.01, 0.05] + t[2]) / 1000
        depth = np.nanmean(np.abs(front(volume) - front(truth))[face]) / per_mm
        vertices = view.apply(solid[:NARROW_FACE])
        within = ((vertices > 0) & (vertices < [SIDE, SIDE, PLANES / 2])).all(1)
        away = cKDTree(surface(volume)).query(vertices[within])[0].mean()
        nme = away / np.linalg.norm(np.subtract(*marks[list(EYE_CORNERS)]))
        error = np.nan
        if heat is not None:
            at = np.array([np.unravel_index(plane.argmax(), plane.shape) for plane in heat])[:, ::-1]
            error = np.linalg.norm((at + 0.5) * (SIDE / heat.shape[-1]) - marks[:, :2], axis=1).mean()
            error /= np.sqrt(np.prod(np.ptp(marks[:, :2], axis=0)))
        rows.append((overlap, depth, nme, error, np.rad2deg(np.arctan2(rotation[0, 2], rotation[2, 2]))))
    return np.array(rows)


def summary(rows):
    frontal = np.abs(rows[:, 4]) < 30
    text = f"overlap {rows[:, 0].mean():.4f} (frontal {rows[frontal, 0].mean():.4f}, turned {rows[~frontal, 0].mean():.4f})"
    text += f", depth {np.nanmean(rows[:, 1]):.2f} mm, NME {100 * rows[:, 2].mean():.2f} % "
    text += f"(frontal {100 * rows[frontal, 2].mean():.2f}, turned {100 * rows[~frontal, 2].mean():.2f})"
    if not np.isnan(rows[:, 3]).all():
        text += f", landmarks {100 * rows[:, 3].mean():.2f} % of the box"
    return text


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", default=list(VARIANTS))
    parser.add_argument("--count", type=int, default=64)
    parser.add_argument("--folder", default=CHECKPOINTS, help="one without checkpoints measures the guess alone")
    parser.add_argument("--taken", type=float, nargs=2, default=TAKEN, help="of the correction, off and on the face")
    options = parser.parse_args()
    torch.set_num_threads(1)
    for name in options.names:
        whole = load_network(name, options.folder, options.taken)
        for noise in (0, 1.5, 3) if whole.correction.guide is not None else (0,):
            start = time.process_time()
            text = summary(evaluate(whole, options.count, noise))
            spent = (time.process_time() - start) / options.count
            print(f"{name}{f', guide off by {noise} px' if noise else ''}: {text}; {spent:.1f} s each", flush=True)


if __name__ == "__main__":
    main()
