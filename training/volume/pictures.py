"""From stored people to training pictures with their voxels: one warp, a scene, light, noise (numba)."""

import math
from dataclasses import dataclass

import numba
import numpy as np
from PIL import Image
from scipy.ndimage import gaussian_filter

from ..render import box_side
from .net import ANCHOR_DEPTH, BLOCK, CELLS, CROP_SCALE, DIAMETER, HEATMAP, LAYERS, PITCH, SIDE, SIGMA
from .solid import load_solid
from .voxels import STEPS, accumulate, fill_columns, to_corners

# The landmark on the other side.
MIRROR = np.array([*range(16, -1, -1), *range(26, 16, -1), 27, 28, 29, 30, 35, 34, 33, 32, 31, 45, 44, 43, 42, 47,
                   46, 39, 38, 37, 36, 41, 40, 54, 53, 52, 51, 50, 49, 48, 59, 58, 57, 56, 55, 64, 63, 62, 61, 60, 67,
                   66, 65])  # fmt: skip


@dataclass(frozen=True)
class View:
    """A crop: pixels of the network's input = turn @ pixels of the stored picture + shift; z scaled alike."""

    turn: np.ndarray  # [2, 2]
    shift: np.ndarray  # [2]

    @property
    def scale(self):
        return math.sqrt(abs(np.linalg.det(self.turn)))

    @property
    def mirrored(self):
        return np.linalg.det(self.turn) < 0

    def apply(self, points):
        """Points [N, 3] of the stored picture (z from the anchor) in the volume's pixels."""
        z = points[:, 2:] * self.scale + ANCHOR_DEPTH
        return np.concatenate([points[:, :2] @ self.turn.T + self.shift, z], 1)


def view_of(points, angle=0.0, mirror=False, scale=1.0, shift=(0.0, 0.0)):
    """The crop around landmarks [68, 2] of a picture first turned by `angle` (rad) and mirrored."""
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    if mirror:
        turn = np.diag([-1.0, 1.0]) @ turn
    turned = points @ turn.T
    size = scale * SIDE / (CROP_SCALE * box_side(turned))
    middle = (turned.min(0) + turned.max(0)) / 2
    return View(turn * size, SIDE / 2 - middle * size + np.asarray(shift))


def sample_view(rng, points):
    """The paper's augmentation: ±45°, smaller angles more often, ±15 pixels, scale 0.85 to 1.15, one in five mirrored."""
    angle, mirror = math.radians(rng.triangular(-45, 0, 45)), rng.random() < 0.2
    return view_of(points, angle, mirror, rng.uniform(0.85, 1.15), rng.uniform(-15, 15, 2))


@numba.njit(cache=True, fastmath=True)
def warp(rgba, turn, shift, out):
    """out [S, S, 4]: the premultiplied rgba [H, W, 4] at turn @ (x, y) + shift, mean of 2 x 2 samples."""
    height, width = rgba.shape[0], rgba.shape[1]
    side = out.shape[0]
    for j in range(side):
        for i in range(side):
            for k in range(4):
                out[j, i, k] = 0
            for tap in range(4):
                x = i + 0.25 + 0.5 * (tap & 1)
                y = j + 0.25 + 0.5 * (tap >> 1)
                u = turn[0, 0] * x + turn[0, 1] * y + shift[0] - 0.5
                v = turn[1, 0] * x + turn[1, 1] * y + shift[1] - 0.5
                u = min(max(u, 0.0), width - 1.001)
                v = min(max(v, 0.0), height - 1.001)
                a, b = int(u), int(v)
                fu, fv = numba.float32(u - a), numba.float32(v - b)
                w00, w01, w10, w11 = (1 - fu) * (1 - fv), fu * (1 - fv), (1 - fu) * fv, fu * fv
                for k in range(4):
                    out[j, i, k] += (rgba[b, a, k] * w00 + rgba[b, a + 1, k] * w01 + rgba[b + 1, a, k] * w10
                                     + rgba[b + 1, a + 1, k] * w11) * numba.float32(1 / 1020)  # fmt: skip


@numba.njit(cache=True, fastmath=True)
def paint(person, scene, scene_flip, cover, cover_tone, hidden, gamma, gains, saturation, lift, shadow, noise, out):
    """Person before scene, cover where hidden, a band of shadow, a tone curve, colors, noise; out [3, S, S]."""
    side = person.shape[0]
    for j in range(side):
        for i in range(side):
            si = side - 1 - i if scene_flip else i
            a = 1 - person[j, i, 3]
            h = hidden[j, i]
            dark = numba.float32(1)
            if shadow[4] != 0:
                d = (i - shadow[0]) * shadow[2] + (j - shadow[1]) * shadow[3]
                dark = 1 - shadow[4] / (1 + math.exp(-d * shadow[5]))
            gray = numba.float32(0)
            for k in range(3):
                value = person[j, i, k] + a * scene[j, si, k] * numba.float32(1 / 255)
                if h > 0:
                    value += h * (cover[j, i, k] * numba.float32(1 / 255) * cover_tone[k] - value)
                value = max(value, numba.float32(1e-4)) ** gamma * gains[k] * dark + lift
                out[k, j, i] = value
                gray += value * numba.float32(1 / 3)
            for k in range(3):
                value = gray + saturation * (out[k, j, i] - gray) + noise[k, j, i]
                out[k, j, i] = min(numba.float32(1), max(numba.float32(0), value))


def occluder(rng):
    """A soft-edged mask [S, S]: a blob, a bar or half a picture."""
    y, x = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32)
    angle = rng.uniform(0, 2 * math.pi)
    cx, cy = rng.uniform(15, SIDE - 15, 2)
    along = (x - cx) * math.cos(angle) + (y - cy) * math.sin(angle)
    across = (y - cy) * math.cos(angle) - (x - cx) * math.sin(angle)
    kind = rng.random()
    if kind < 0.6:
        long, short = np.exp(rng.uniform(2.0, 3.7, 2))
        inside = 1 - (np.abs(along / long) ** 2 + np.abs(across / short) ** 2)
        return np.clip(inside * min(long, short) / 2, 0, 1)
    if kind < 0.8:
        return np.clip(along - rng.uniform(27, 68), 0, 1)
    thick = rng.uniform(4, 10)
    return np.clip(thick - np.abs(across), 0, 1) * np.clip(along + rng.uniform(0, 30), 0, 1)


def sample_picture(rng, rgba, view, scenes):
    """The augmented picture [3, S, S] in [0, 1] of a stored person as the network sees it."""
    inverse = np.linalg.inv(view.turn)
    person = np.empty((SIDE, SIDE, 4), np.float32)
    warp(rgba, inverse, -inverse @ view.shift, person)
    scene, cover = map(widen, scenes[rng.integers(len(scenes), size=2)])
    hidden, tone = np.zeros((SIDE, SIDE), np.float32), np.ones(3, np.float32)
    if rng.random() < 0.3:
        hidden = occluder(rng).astype(np.float32)
        if rng.random() < 0.35:
            skin = (person[..., :3].sum((0, 1)) + 1) / (person[..., 3].sum() + 1)
            tone = np.float32(skin / (cover.mean() / 255 + 0.1))
    shadow = np.zeros(6, np.float32)
    if rng.random() < 0.3:
        angle = rng.uniform(0, 2 * math.pi)
        shadow[:] = (*rng.uniform(30, 162, 2), math.cos(angle), math.sin(angle), rng.uniform(-0.4, 0.8),
                     np.exp(-rng.uniform(0.4, 3.4)))  # fmt: skip
    gains = np.exp(rng.normal(0, 0.15) + rng.normal(0, 0.1, 3)).astype(np.float32)
    saturation = np.float32(rng.uniform(0.3, 1.4) * (rng.random() < 0.9))
    noise = np.float32(rng.uniform(0, 0.05) ** 1.5) * rng.standard_normal((3, SIDE, SIDE), np.float32)
    out = np.empty((3, SIDE, SIDE), np.float32)
    gamma = np.float32(np.exp(rng.normal(0, 0.3)))
    paint(person, scene, rng.random() < 0.5, cover, tone, hidden, gamma, gains, saturation,
          np.float32(rng.normal(0, 0.06)), shadow, noise, out)  # fmt: skip
    soft = rng.random()
    if soft < 0.35:
        out = gaussian_filter(out, (0, *(2 * [rng.uniform(0.4, 1.1) if soft < 0.25 else rng.uniform(1.1, 2.5)])))
    return out


def plain_picture(rgba, view, scene):
    """The picture [3, S, S] without augmentation."""
    inverse = np.linalg.inv(view.turn)
    person = np.empty((SIDE, SIDE, 4), np.float32)
    warp(rgba, inverse, -inverse @ view.shift, person)
    return (person[..., :3] + (1 - person[..., 3:]) * (widen(scene) / np.float32(255))).transpose(2, 0, 1)


def widen(scene):
    """A background at the picture's size."""
    return np.asarray(Image.fromarray(scene).resize((SIDE, SIDE), Image.BILINEAR))


@numba.njit(cache=True, fastmath=True)
def weigh(inside, mask, target, weight):
    """Shares inside [C, C, D + 1] of every third column to bytes [C, C, D], and their weights.

    The weight is 1/10 in the open and up to 1 where the mean share of the 3 x 3 x 5 voxels around is
    near 1/2, half of that off the face.
    """
    side, depth = inside.shape[0], inside.shape[2] - 1
    sums = np.empty(depth + 6, np.float32)
    rows = np.empty((side, side, depth), np.float32)
    for j in range(side):
        for i in range(side):
            sums[0] = 0
            for k in range(-2, depth + 2):
                sums[k + 3] = sums[k + 2] + inside[j, i, min(depth - 1, max(0, k))]
            for k in range(depth):
                rows[j, i, k] = (sums[k + 5] - sums[k]) * numba.float32(1 / 45)
    line = np.empty(depth, np.float32)
    for j in range(side):
        for i in range(side):
            line[:] = 0
            looks = 0
            for dj in range(-1, 2):
                for di in range(-1, 2):
                    y, x = min(side - 1, max(0, j + dj)), min(side - 1, max(0, i + di))
                    looks |= mask[y, x]
                    for k in range(depth):
                        line[k] += rows[y, x, k]
            most = numba.float32(3.6 if looks else 1.8)
            for k in range(depth):
                mean = min(numba.float32(1), line[k])
                target[j, i, k] = np.uint8(inside[j, i, k] * 255 + numba.float32(0.5))
                weight[j, i, k] = np.uint8(255 * (numba.float32(0.1) + most * mean * (1 - mean)))


def voxels_of(points, mirrored, places=range(BLOCK**2)):
    """Targets and weights [32, 32, 50 K] uint8 of a solid [S, 3] in the volume's pixels.

    places [K]: which of the 9 columns of each cell, row by row; in the network's order of channels.
    """
    solid = load_solid()
    triangles = solid.triangles[:, ::-1] if mirrored else solid.triangles
    corners, pitch = to_corners(points), PITCH * STEPS
    target = np.empty((CELLS, CELLS, LAYERS, len(places)), np.uint8)
    weight = np.empty_like(target)
    crossings = np.zeros((len(places), CELLS, CELLS, LAYERS + 1), np.float32)
    mask = np.zeros((len(places), CELLS, CELLS), np.uint8)
    firsts = np.array([divmod(place, BLOCK)[::-1] for place in places]) * pitch + pitch // 2
    fill_columns(corners, triangles, solid.face, BLOCK * pitch, firsts, pitch, crossings, mask)
    accumulate(crossings.reshape(-1, LAYERS + 1))
    for n in range(len(places)):
        weigh(crossings[n], mask[n], target[..., n], weight[..., n])
    return target.reshape(CELLS, CELLS, -1), weight.reshape(CELLS, CELLS, -1)


@numba.njit(cache=True, fastmath=True)
def stamp(points, spacing, sigma, reach, out):
    """Adds to planes [68, S, S] a Gaussian at each point (pixels / spacing), cut at `reach` pixels."""
    side = out.shape[1]
    for n in range(points.shape[0]):
        x, y = points[n, 0] / spacing, points[n, 1] / spacing
        for j in range(max(0, int(y - reach - 0.5)), min(side, int(y + reach + 1.5))):
            for i in range(max(0, int(x - reach - 0.5)), min(side, int(x + reach + 1.5))):
                square = (i + 0.5 - x) ** 2 + (j + 0.5 - y) ** 2
                if square <= reach * reach:
                    out[n, j, i] = math.exp(-square / (2 * sigma * sigma))


@numba.njit(cache=True, fastmath=True)
def stamp_averaged(points, pool, sigma, reach, out):
    """What averaging over pool x pool pixels leaves of Gaussians at points (pixels); out [68, S, S]."""
    side = out.shape[1] * pool
    for n in range(points.shape[0]):
        x, y = points[n, 0], points[n, 1]
        for j in range(max(0, int(y - reach - 0.5)), min(side, int(y + reach + 1.5))):
            for i in range(max(0, int(x - reach - 0.5)), min(side, int(x + reach + 1.5))):
                square = (i + 0.5 - x) ** 2 + (j + 0.5 - y) ** 2
                if square <= reach * reach:
                    out[n, j // pool, i // pool] += math.exp(-square / (2 * sigma * sigma)) / (pool * pool)


def guide_of(points):
    """The averaged Gaussians [68, 64, 64] of landmarks [68, 2+] in pixels of the input."""
    out = np.zeros((68, CELLS, CELLS), np.float32)
    stamp_averaged(points, SIDE // CELLS, SIGMA, DIAMETER / 2, out)
    return out


def heatmaps_of(points):
    """Gaussians [68, 64, 64] of one cell's width, which the multitask network learns to say."""
    out = np.zeros((68, HEATMAP, HEATMAP), np.float32)
    stamp(points, SIDE / HEATMAP, SIGMA, DIAMETER / 2, out)
    return out
