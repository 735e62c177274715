"""What the network should say about a crowd, and how far from it it is."""

import numba
import numpy as np
import torch
from torch.nn import functional as F

from .net import STRIDE, UNIT

CHANNELS = 10


@numba.njit(cache=True)
def draw_targets(faces, side):
    """Targets [10, side, side] on the cells from faces [N, 6] (center x, y, width, height, roll, ignored).

    Channels: heat, weight of heat and mask, six box channels, weight of the box, mask.
    Every cell of a face is asked for its box, its middle most: more to learn from each picture than
    the middle alone would give.
    """
    out = np.zeros((CHANNELS, side, side), np.float32)
    out[1] = 1
    nearest = np.ones((side, side), np.float32)
    for k in range(len(faces)):
        x, y, w, h = faces[k, :4] / STRIDE
        ignored = faces[k, 5] > 0
        column, row = int(np.floor(x)), int(np.floor(y))
        sx, sy = max(0.5, 0.09 * w), max(0.5, 0.09 * h)
        around = 1 + 0.785 * w * h
        for j in range(max(0, int(y - h)), min(side, int(y + h) + 1)):
            for i in range(max(0, int(x - w)), min(side, int(x + w) + 1)):
                if ignored:
                    if abs(i + 0.5 - x) < w / 2 and abs(j + 0.5 - y) < h / 2 and out[0, j, i] < 0.02:
                        out[1, j, i] = 0
                    continue
                heat = np.exp(-0.5 * (((i - column) / sx) ** 2 + ((j - row) / sy) ** 2))
                if heat >= 0.02 and heat > out[0, j, i]:
                    out[0, j, i] = heat
                    out[1, j, i] = 1
                far = ((i + 0.5 - x) / (0.5 * w)) ** 2 + ((j + 0.5 - y) / (0.5 * h)) ** 2
                if i == column and j == row:
                    far = 0.0
                if far < nearest[j, i]:
                    nearest[j, i] = far
                    out[2, j, i] = x - i - 0.5
                    out[3, j, i] = y - j - 0.5
                    out[4, j, i] = np.log(w * STRIDE / UNIT)
                    out[5, j, i] = np.log(h * STRIDE / UNIT)
                    out[6, j, i] = np.sin(faces[k, 4])
                    out[7, j, i] = np.cos(faces[k, 4])
                    out[8, j, i] = 0.5 / around + heat / (6.28 * sx * sy)
                    out[9, j, i] = 1
    return out


def losses(heat, box, mask, target):
    """Focal loss of the heatmap (CornerNet's form), relative box error, roll error, mask error."""
    wanted, weight, care = target[:, :1], target[:, 1:2], target[:, 8:9]
    positive = (wanted == 1).float()
    p = torch.sigmoid(heat)
    focal = positive * (1 - p) ** 2 * F.softplus(-heat)
    focal = focal + (1 - positive) * weight * (1 - wanted) ** 4 * p**2 * F.softplus(heat)
    focal = focal.sum() / (positive.sum() + 1)
    size = torch.exp(target[:, 4:6]) * (UNIT / STRIDE)
    center = (box[:, :2] - target[:, 2:4]).abs() / size
    extent = (box[:, 2:4] - target[:, 4:6]).abs()
    total = care.sum() + 1
    place = ((center * 2 + extent) * care).sum() / total
    roll = ((box[:, 4:] - target[:, 6:8]).abs() * care).sum() / total
    inside = F.binary_cross_entropy_with_logits(mask, target[:, 9:], weight=weight * (1 + 2 * target[:, 9:]))
    return focal, place, roll, inside
