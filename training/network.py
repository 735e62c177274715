"""The dense network: a residual U-Net with a global path, [B, 3, 128, 128] -> [B, 8, 64, 64]."""

import torch
from torch import nn
from torch.nn import functional as F

CHANNELS = (16, 32, 64, 128, 192, 224)
COEFFICIENTS = 157  # what the global path is taught to tell, in training only

# The box of each plane in meters: value = plane * (max - min) / 2 + (max + min) / 2.
PNCC = {"min": (-0.095, -0.17, -0.04), "max": (0.095, 0.13, 0.135)}
OFFSET = {"min": (-0.03, -0.03, -0.03), "max": (0.03, 0.03, 0.03)}
NAMES = ("amodal-logit", "visible-logit", "pncc.x", "pncc.y", "pncc.z", "offset.x", "offset.y", "offset.z")


def convolve(inputs, outputs, stride=1, size=3):
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, size, stride, size // 2, bias=False), nn.BatchNorm2d(outputs), nn.ReLU()
    )


class Residual(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.first = convolve(channels, channels)
        self.second = nn.Sequential(nn.Conv2d(channels, channels, 3, 1, 1, bias=False), nn.BatchNorm2d(channels))

    def forward(self, x):
        return F.relu(x + self.second(self.first(x)))


class DenseNetwork(nn.Module):
    """Image in [0, 1] to planes; also returns the coefficients that the global path guesses."""

    def __init__(self, channels=CHANNELS):
        super().__init__()
        levels = range(len(channels) - 1)
        self.stem = convolve(3, channels[0], 2, 5)
        self.down = nn.ModuleList(
            nn.Sequential(
                convolve(channels[i], channels[i + 1], 2),
                Residual(channels[i + 1]) if i >= 2 else convolve(channels[i + 1], channels[i + 1]),
            )
            for i in levels
        )
        self.whole = nn.Sequential(nn.Linear(channels[-1], 128), nn.ReLU())
        self.spread = nn.Linear(128, channels[-1])
        self.coefficients = nn.Linear(128, COEFFICIENTS)
        self.up = nn.ModuleList(convolve(channels[i + 1] + channels[i], channels[i]) for i in levels)
        self.planes = nn.Conv2d(channels[0], len(NAMES), 3, 1, 1)

    def forward(self, image):
        x = self.stem((image - 0.5) * 4)
        skips = []
        for down in self.down:
            skips.append(x)
            x = down(x)
        whole = self.whole(x.mean((2, 3)))
        x = x + self.spread(whole)[:, :, None, None]
        for up, skip in zip(reversed(self.up), reversed(skips)):
            x = up(torch.cat([F.interpolate(x, scale_factor=2.0, mode="nearest"), skip], 1))
        return self.planes(x), self.coefficients(whole)


def box(bounds):
    """Half sizes and middles of a box as [1, 3, 1, 1] tensors, centimeters."""
    low, high = (torch.tensor(bounds[k]).view(1, 3, 1, 1) * 100 for k in ("min", "max"))
    return (high - low) / 2, (high + low) / 2


def decode(planes):
    """Planes to (amodal logit, visible logit, mean position, offset), centimeters."""
    half, middle = box(PNCC)
    offset_half, offset_middle = box(OFFSET)
    return planes[:, :1], planes[:, 1:2], planes[:, 2:5] * half + middle, planes[:, 5:8] * offset_half + offset_middle
