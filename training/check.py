"""Checks the renderer and the fit against what is known exactly: `python3 -m training.check`."""

import numpy as np
import torch

from . import open_head, person, render
from .assets import FACE, LANDMARKS, load_head
from .fit import fit, load_model
from .network import NAMES, OFFSET, PNCC, DenseNetwork
from .raster import FAR, rasterize


def check_rasterizer():
    """Barycentrics of a triangle reproduce the pixel centers they were computed at."""
    screen = np.array([[1.3, 2.1, 0], [30.7, 5.2, 1], [12.4, 28.9, 2]], np.float32)
    index, weights = np.full((32, 32), -1, np.int32), np.zeros((32, 32, 2), np.float32)
    rasterize(screen, np.array([[0, 1, 2]], np.int32), np.full((32, 32), FAR, np.float32), index, weights, 0)
    j, i = np.nonzero(index == 0)
    w = np.concatenate([weights[j, i], 1 - weights[j, i].sum(1, keepdims=True)], 1)
    error = np.abs(w @ screen[:, :2] - np.stack([i + 0.5, j + 0.5], 1)).max()
    area = abs(np.linalg.det(screen[1:, :2] - screen[0, :2])) / 2
    assert error < 1e-4, error  # float32 of coordinates up to 30
    assert abs(len(j) - area) < 0.05 * area, (len(j), area)  # pixel count = area, up to the boundary
    return f"rasterizer: pixel centers to {error:.1e} px"


def check_labels(seed=11, count=4):
    """A label cell's mean position + offset, seen by the stored camera, falls on that cell."""
    rng = np.random.default_rng(seed)
    worst, lean = [], []
    for positions, neutral, _ in zip(*person.sample_shapes(rng, count)):
        _, labels, _, marks, camera = render.render(rng, positions, neutral)
        values, masks = labels.values, labels.masks
        numbers = render.camera_in_meters(camera)
        rotation, shift, (focal, cx, cy) = numbers[:9].reshape(3, 3), numbers[9:12], numbers[12:]

        def project(points):
            x, y, z = (points @ rotation.T + shift).T
            return np.stack([cx + focal * x / -z, cy - focal * y / -z], 1)

        rows, columns = np.nonzero(masks[0])
        edge = (render.SIZE - 2 * render.LABELS) / 2
        cells = np.stack([edge + 2 * columns + 1, edge + 2 * rows + 1], 1)
        surface = (values[:3] + values[3:6])[:, rows, columns].T / 100
        worst.append(np.percentile(np.linalg.norm(project(surface) - cells, axis=1), 99))
        assert np.abs(project(positions[LANDMARKS] / 100) - marks).max() < 1e-2
        lean.append(check_normals(surface, values[6:, rows, columns].T, camera, rows, columns))
    # A cell averages at most four pixels of a 2 px square, so its center is met to within a pixel.
    assert max(worst) < 1.0, worst
    # A step of one cell, 3 mm, bends with the face: normals are square to it but for some degrees.
    assert max(lean) < 12, lean
    return (f"labels: 99 % of cells within {max(worst):.2f} px of their surface point, normals "
            f"square to neighboring points within {max(lean):.1f} degrees (median), towards the camera")  # fmt: skip


def check_normals(surface, normals, camera, rows, columns):
    """How far, in degrees (median), unit normals [N, 3] are from square to the step to the right neighbor."""
    at = {cell: k for k, cell in enumerate(zip(rows, columns))}
    pairs = np.array([(k, at[r, c + 1]) for (r, c), k in at.items() if (r, c + 1) in at])
    step = surface[pairs[:, 1]] - surface[pairs[:, 0]]
    length = np.linalg.norm(step, axis=1)
    flat = (length < 0.006) & (length > 1e-4)
    mean = normals[pairs[flat]].sum(1)
    cosine = (step[flat] * mean).sum(1) / length[flat] / np.linalg.norm(mean, axis=1)
    eye = camera.rotation.T @ [0, 0, camera.distance] + render.PIVOT
    toward = ((eye / 100 - surface) * normals).sum(1) > 0
    assert toward.mean() > 0.95 and np.abs(np.linalg.norm(normals, axis=1) - 1).max() < 1e-3
    return np.degrees(np.median(np.abs(np.arcsin(cosine.clip(-1, 1)))))


def check_uvs():
    """The uv table returns the uv of points on the open head's mean face."""
    points, uvs = open_head.surface_points(0.2)
    near = (points[:, 2] > 2) & (np.abs(points[:, 0]) < 7)
    error = np.linalg.norm(open_head.uv_of(points[near]).astype(float) - uvs[near], axis=1)
    # A cell of 1 mm reaches 0.9 mm from its center; the skin's chart has 5 thousandths to 2 mm.
    assert np.percentile(error, 95) < 0.004, np.percentile(error, 95)
    return f"uv: 95 % of surface points within {np.percentile(error, 95):.4f}"


def check_boxes():
    head = load_head()
    face = head.neutral[:FACE] / 100
    assert (face > PNCC["min"]).all() and (face < PNCC["max"]).all()
    assert np.allclose(np.array(OFFSET["min"]), -np.array(OFFSET["max"]))
    planes, coefficients = DenseNetwork()(torch.zeros(2, 3, 128, 128))
    assert planes.shape == (2, len(NAMES), 64, 64) and coefficients.shape == (2, 157)
    return "boxes: the mean face lies inside"


def check_fit(seed=5, count=6):
    """The fit recovers the landmarks of perfect labels."""
    rng, errors = np.random.default_rng(seed), []
    for positions, neutral, _ in zip(*person.sample_shapes(rng, count)):
        _, labels, _, marks, _ = render.render(rng, positions, neutral)
        edge, margin = (render.SIZE - 2 * render.LABELS) // 2, (render.LABELS - 64) // 2
        cut = slice(margin, margin + 64)
        values, masks = labels.values[:, cut, cut], labels.masks[:, cut, cut]
        found = fit(values[:3].transpose(1, 2, 0), values[3:6].transpose(1, 2, 0), masks[0], masks[0])
        truth = marks - edge - 2 * margin
        errors.append(np.linalg.norm(found["ict"] - truth, axis=1).mean() / np.sqrt(np.prod(np.ptp(truth, axis=0))))
    # Perspective seen by a scaled orthographic camera, 60 of 100 modes: some per cent remain.
    assert np.median(errors) < 0.03, errors
    return f"fit: {100 * np.median(errors):.2f} % of the box from perfect labels (median)"


def check_offset_limit(seed=6, count=24):
    """How much of the offset is in the positions alone: the offset of a head fitted to perfect PNCC."""
    rng, errors, sizes = np.random.default_rng(seed), [], []
    _, basis, _, tree = load_model()
    for positions, neutral, _ in zip(*person.sample_shapes(rng, count)):
        _, labels, _, _, _ = render.render(rng, positions, neutral)
        margin = (render.LABELS - 64) // 2
        cut = slice(margin, margin + 64)
        values, visible = labels.values[:6, cut, cut], labels.masks[1, cut, cut]
        points, offsets = values[:3].transpose(1, 2, 0), values[3:].transpose(1, 2, 0)
        found = fit(points, 0 * offsets, visible, visible, trust=0)
        if found is None:
            continue
        vertices = tree.query(points[visible > 0])[1]
        guess = basis[vertices] @ found["coefficients"]
        errors.append(np.linalg.norm(guess - offsets[visible > 0], axis=1).mean())
        sizes.append(np.linalg.norm(offsets[visible > 0], axis=1).mean())
    assert np.mean(errors) < np.mean(sizes)
    return f"offset: off by {np.mean(errors):.2f} of {np.mean(sizes):.2f} cm in a head fitted to perfect PNCC without offsets"


if __name__ == "__main__":
    for check in (check_rasterizer, check_boxes, check_uvs, check_labels, check_fit, check_offset_limit):
        print(check())
