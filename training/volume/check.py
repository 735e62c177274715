"""Checks solids, voxels and the network's outside against what is known: `python3 -m training.volume.check`."""

import numpy as np
import torch
from torch.nn import functional as F

from ..assets import FACE, load_head
from ..raster import FAR, rasterize
from ..shapes import rotation
from . import evaluate, pictures
from .field import mean_field
from .loss import volume_loss
from .net import (ANCHOR, ANCHOR_DEPTH, BLOCK, CELLS, GRID, LAYERS, NEARNESS, PITCH, PLANES, PNCC_HALF, PNCC_MIDDLE,
                  SIDE, Guess, depth_weights, solve_symmetric)  # fmt: skip
from .solid import Solid, load_solid
from .voxels import accumulate, fill_columns, to_corners


def check_solid():
    """Every edge of the solid is run once each way, and its volume is a head's."""
    solid = load_solid()
    t = solid.triangles
    edges = list(map(tuple, np.concatenate([t[:, [0, 1]], t[:, [1, 2]], t[:, [2, 0]]]).tolist()))
    present = set(edges)
    assert len(present) == len(edges)
    assert all((b, a) in present for a, b in present)
    p = solid.positions(load_head().neutral.astype(float))
    volume = np.einsum("ij,ij->", p[t[:, 0]], np.cross(p[t[:, 1]], p[t[:, 2]])) / 6
    assert 3000 < volume < 9000, volume  # cm³ of a head, its neck and two eyeballs counted again
    return f"solid: closed, {volume:.0f} cm³"


def icosphere(center, radius, rounds=4):
    """A closed sphere, counter-clockwise seen from outside in a frame with y down and z to the viewer."""
    golden = (1 + 5**0.5) / 2
    p = [(-1, golden, 0), (1, golden, 0), (-1, -golden, 0), (1, -golden, 0), (0, -1, golden), (0, 1, golden),
         (0, -1, -golden), (0, 1, -golden), (golden, 0, -1), (golden, 0, 1), (-golden, 0, -1), (-golden, 0, 1)]  # fmt: skip
    t = [(0, 11, 5), (0, 5, 1), (0, 1, 7), (0, 7, 10), (0, 10, 11), (1, 5, 9), (5, 11, 4), (11, 10, 2), (10, 7, 6),
         (7, 1, 8), (3, 9, 4), (3, 4, 2), (3, 2, 6), (3, 6, 8), (3, 8, 9), (4, 9, 5), (2, 4, 11), (6, 2, 10), (8, 6, 7),
         (9, 8, 1)]  # fmt: skip
    p, t = np.array(p, float), np.array(t)
    for _ in range(rounds):
        a, b, c = p[t[:, 0]], p[t[:, 1]], p[t[:, 2]]
        n = len(p)
        p = np.concatenate([p, (a + b) / 2, (b + c) / 2, (c + a) / 2])
        ab, bc, ca = (n + k * len(t) + np.arange(len(t)) for k in range(3))
        t = np.concatenate([np.stack(s, 1) for s in ((t[:, 0], ab, ca), (t[:, 1], bc, ab), (t[:, 2], ca, bc), (ab, bc, ca))])
    p *= radius / np.linalg.norm(p, axis=1, keepdims=True)
    return p * [1, -1, 1] + center, t.astype(np.int32)


def check_voxels():
    """A sphere's voxels have its volume, each column its exact length; overlapping parts count once."""
    center, radius = np.array([30.3, 33.7, 31.2]), 21.0
    points, triangles = icosphere(center, radius)
    face = np.ones(len(triangles), np.uint8)

    def fill(points, triangles):
        crossings, mask = np.zeros((1, 64, 64, 65), np.float32), np.zeros((1, 64, 64), np.uint8)
        fill_columns(to_corners(points), triangles, face, 64, np.array([[32, 32]]), 64, crossings, mask)
        accumulate(crossings.reshape(-1, 65))
        return crossings[0, ..., :64], mask[0]

    shares, mask = fill(points, triangles)
    true = 4 / 3 * np.pi * radius**3
    assert abs(shares.sum() / true - 1) < 0.005, shares.sum() / true  # the polyhedron is a little smaller
    y, x = np.mgrid[0:64, 0:64] + 0.5
    square = radius**2 - (x - center[0]) ** 2 - (y - center[1]) ** 2
    length = 2 * np.sqrt(np.maximum(square, 0))
    inner = square > 80  # away from the rim, where a column grazes the surface
    assert np.abs(shares.sum(2) - length)[inner].max() < 0.2  # chords of the polyhedron's facets
    assert (mask > 0)[inner].all()
    face = np.tile(face, 2)
    both, _ = fill(np.concatenate([points, points + [9, 0, 0]]), np.concatenate([triangles, triangles + len(points)]))
    assert both.max() <= 1 and (both >= shares - 1e-5).all()
    lens = np.pi * (4 * radius + 9) * (2 * radius - 9) ** 2 / 12
    assert abs(both.sum() / (2 * true - lens) - 1) < 0.005
    return "voxels: a sphere's volume and chords, overlapping parts once"


def check_layout():
    """The training targets, put through the outside's interpolation, are the voxels at full size."""
    points, triangles = icosphere(np.array([90.0, 101, 44]), 35.0)
    solid = Solid(triangles, np.ones(len(triangles), np.uint8), [])
    original = pictures.load_solid, evaluate.load_solid
    pictures.load_solid = evaluate.load_solid = lambda: solid
    try:
        target, _ = pictures.voxels_of(points, False)
        few, _ = pictures.voxels_of(points, False, [1, 2])
        truth, _ = evaluate.true_volume(points)
    finally:
        pictures.load_solid, evaluate.load_solid = original
    assert (target.reshape(CELLS, CELLS, LAYERS, -1)[..., [1, 2]] == few.reshape(CELLS, CELLS, LAYERS, 2)).all()
    shares = F.pixel_shuffle(torch.from_numpy(target / np.float32(255)).permute(2, 0, 1)[None], BLOCK)
    full = F.interpolate(F.conv2d(shares, depth_weights()[:, :, None, None]), scale_factor=2.0, mode="bilinear")[0].numpy()
    assert full.shape == (PLANES, SIDE, SIDE)
    # A column of a coarse voxel stands for 2 x 2 pixels: off by at most one pixel at the rim.
    both, either = ((full > 0.5) & (truth > 0.5)).sum(), ((full > 0.5) | (truth > 0.5)).sum()
    assert both / either > 0.97, both / either
    middles = [(v * np.arange(n).reshape(s)).sum() / v.sum() for v in (full, truth)
               for n, s in ((PLANES, (-1, 1, 1)), (SIDE, (1, -1, 1)), (SIDE, (1, 1, -1)))]  # fmt: skip
    assert np.abs(np.subtract(middles[:3], middles[3:])).max() < 0.1, middles  # aligned in all three directions
    assert BLOCK * CELLS * PITCH == SIDE
    return f"layout: coarse and full voxels overlap by {both / either:.3f}, middles agree"


def check_loss():
    logits = torch.randn(2, 9, 4, 4, requires_grad=True)
    target, weight = (torch.randint(0, 256, (2, 4, 4, 9), dtype=torch.uint8) for _ in range(2))
    volume_loss(logits, target, weight).backward()
    copy = logits.detach().clone().requires_grad_()
    entropy = F.binary_cross_entropy_with_logits(copy.permute(0, 2, 3, 1), target / 255.0, weight.float(), reduction="sum")
    (entropy / weight.sum()).backward()
    assert (logits.grad - copy.grad).abs().max() < 1e-7
    return "loss: its derivative is cross-entropy's"


def check_guide():
    """Averages of Gaussians at full size are what the guide is given."""
    marks = np.random.default_rng(0).uniform(20, 170, (68, 2))
    averaged = F.avg_pool2d(torch.from_numpy(evaluate.guide_planes(marks))[None], SIDE // CELLS)[0].numpy()
    assert np.abs(averaged - pictures.guide_of(marks)).max() < 1e-6
    return "guide: averaged Gaussians agree"


def check_guess():
    """Perfect planes of a posed mean head give back that head's voxels."""
    matrix = torch.tensor([[[4.0, 1, 0.5], [1, 3, 0.2], [0.5, 0.2, 2]]])
    right = torch.randn(1, 3, 2)
    assert (matrix @ solve_symmetric(matrix, right) - right).abs().max() < 1e-5
    head, solid = load_head(), load_solid()
    turn = rotation(0.4, -0.2, 0.15)
    scale, shift = 5.9, np.array([95.0, 99.0])

    def project(points):  # as the guess sees it: perspective about the picture's middle
        view = (points - ANCHOR) @ turn.T
        near = scale / (1 - NEARNESS * view[:, 2:])
        return np.concatenate([view[:, :2] * [1, -1] * near + shift, scale * view[:, 2:] + ANCHOR_DEPTH], 1)

    screen = project(head.neutral).astype(np.float32)
    index = np.full((GRID, GRID), -1, np.int32)
    weights = np.zeros((GRID, GRID, 2), np.float32)
    face = head.surface[head.surface.max(1) < FACE]
    rasterize(screen * [0.5, 0.5, 1], face, np.full((GRID, GRID), FAR, np.float32), index, weights, 0)
    j, i = np.nonzero(index >= 0)
    share = np.concatenate([weights[j, i], 1 - weights[j, i].sum(1, keepdims=True)], 1)
    planes = np.zeros((1, 8, GRID, GRID), np.float32)
    planes[:, :2] = -12
    planes[0, :2, j, i] = 12
    mean = np.einsum("nk,nkc->nc", share, head.neutral[face[index[j, i]]])
    planes[0, 2:5, j, i] = (mean - PNCC_MIDDLE) / PNCC_HALF
    guess = Guess()
    guess.field.copy_(torch.from_numpy(mean_field()).flatten())
    with torch.no_grad():
        said = guess(torch.from_numpy(planes))[0].numpy() > 0
    target, _ = pictures.voxels_of(project(solid.positions(head.neutral.astype(float))), False)
    true = F.pixel_shuffle(torch.from_numpy(target).permute(2, 0, 1)[None].float(), BLOCK)[0].numpy() > 127
    overlap = (said & true).sum() / (said | true).sum()
    assert overlap > 0.95, overlap  # half a field's step of 5 mm at ears and neck, voxels of 3 mm
    return f"guess: a posed mean head overlaps by {overlap:.3f}"


if __name__ == "__main__":
    for check in (check_solid, check_voxels, check_layout, check_loss, check_guide, check_guess):
        print(check())
