"""What the network should say about a crowd, and how far from it it is."""

import numba
import numpy as np
import torch
from torch.nn import functional as F

from .net import STRIDE, UNIT


@numba.njit(cache=True)
def draw_targets(boxes, rolls, ignored, side):
    """Targets [9, side, side] on the cells: heat, weight of its loss, six box channels and their weight."""
    out = np.zeros((9, side, side), np.float32)
    out[1] = 1
    for k in range(len(boxes)):
        x, y, w, h = boxes[k] / STRIDE
        if ignored[k]:
            for j in range(side):
                for i in range(side):
                    if abs(i + 0.5 - x) < w / 2 and abs(j + 0.5 - y) < h / 2:
                        out[1, j, i] = 0
    for k in range(len(boxes)):
        if ignored[k]:
            continue
        x, y, w, h = boxes[k] / STRIDE
        column, row = int(x), int(y)
        sx, sy = max(0.5, 0.09 * w), max(0.5, 0.09 * h)
        for j in range(side):
            for i in range(side):
                dx, dy = i - column, j - row
                heat = np.exp(-0.5 * ((dx / sx) ** 2 + (dy / sy) ** 2))
                if heat < 0.02 or heat <= out[0, j, i]:
                    continue
                out[0, j, i] = heat
                out[1, j, i] = 1
                if heat > 0.25:
                    out[2, j, i] = x - i - 0.5
                    out[3, j, i] = y - j - 0.5
                    out[4, j, i] = np.log(w * STRIDE / UNIT)
                    out[5, j, i] = np.log(h * STRIDE / UNIT)
                    out[6, j, i] = np.sin(rolls[k])
                    out[7, j, i] = np.cos(rolls[k])
                    out[8, j, i] = heat
    return out


def losses(heat, box, target):
    """Focal loss of the heatmap (CornerNet's form), relative box error, roll error."""
    wanted, weight, care = target[:, :1], target[:, 1:2], target[:, 8:]
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
    return focal, place, roll
