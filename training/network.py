"""The dense network: a residual U-Net with a global path, [B, 3, 128, 128] -> [B, 22, 64, 64]."""

from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional as F

from .open_head import SEGMENTS

CHANNELS = (16, 32, 64, 128, 192, 224)
SIDE = 128
LAST = 32  # channels before the planes
HIDDEN = 64  # features that the offset is linear in
COEFFICIENTS = 157  # what the global path is taught to tell, in training only

# The box of each plane in meters: value = plane * (max - min) / 2 + (max + min) / 2.
PNCC = {"min": (-0.095, -0.17, -0.04), "max": (0.095, 0.13, 0.135)}
OFFSET = {"min": (-0.03, -0.03, -0.03), "max": (0.03, 0.03, 0.03)}
NAMES = ("amodal-logit", "visible-logit", "pncc.x", "pncc.y", "pncc.z", "offset.x", "offset.y", "offset.z",
         "uv.u", "uv.v", "normal.x", "normal.y", "normal.z", *(f"segment.{name}" for name in SEGMENTS),
         "confidence")  # fmt: skip


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
    """Image in [0, 1] to planes; also returns the coefficients that the global path guesses.

    Identity is no local feature: the offset is a linear function of hidden features of a pixel and
    of its place on the mean face, and the global path tells which function, from the whole picture.
    """

    def __init__(self, channels=CHANNELS, last=LAST):
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
        self.whole = nn.Linear(channels[-1], 128)
        self.quarters = nn.Conv2d(channels[-1], 48, 1)  # what the mean over the picture forgets
        self.place = nn.Linear(4 * 48, 128)
        self.spread = nn.Linear(128, channels[-1])
        self.coefficients = nn.Linear(128, COEFFICIENTS)
        self.person = nn.Linear(128, 3 * HIDDEN)
        self.up = nn.ModuleList(convolve(channels[i + 1] + channels[i], channels[i] if i else last) for i in levels)
        self.planes = nn.Conv2d(last, len(NAMES), 3, 1, 1)
        self.hidden = nn.Conv2d(last + 3, HIDDEN, 1)

    def forward(self, image):
        x = self.stem((image - 0.5) * 4)
        skips = []
        for down in self.down:
            skips.append(x)
            x = down(x)
        whole = F.relu(self.whole(x.mean((2, 3))) + self.place(F.relu(self.quarters(x)).flatten(1)))
        x = x + self.spread(whole)[:, :, None, None]
        for up, skip in zip(reversed(self.up), reversed(skips)):
            x = up(torch.cat([F.interpolate(x, scale_factor=2.0, mode="nearest"), skip], 1))
        planes = self.planes(x)
        hidden = F.relu(self.hidden(torch.cat([x, planes[:, 2:5].detach()], 1)))
        rows = hidden.permute(0, 2, 3, 1).reshape(-1, (SIDE // 2) ** 2, HIDDEN)
        with torch.autocast("cpu", enabled=False):  # lengths, and in half precision not always finite
            offset = torch.bmm(rows.float(), self.person(whole.float()).reshape(-1, 3, HIDDEN).transpose(1, 2))
        offset = offset.transpose(1, 2).reshape(-1, 3, SIDE // 2, SIDE // 2)
        before, local, after = planes.split((5, 3, len(NAMES) - 8), 1)
        return torch.cat([before, local + offset, after], 1), self.coefficients(whole)


def box(bounds):
    """Half sizes and middles of a box as [1, 3, 1, 1] tensors, centimeters."""
    low, high = (torch.tensor(bounds[k]).view(1, 3, 1, 1) * 100 for k in ("min", "max"))
    return (high - low) / 2, (high + low) / 2


@dataclass(frozen=True)
class Maps:
    """Decoded planes [B, C, G, G]; positions and offsets in centimeters."""

    amodal: torch.Tensor  # logit
    visible: torch.Tensor  # logit
    points: torch.Tensor
    offsets: torch.Tensor
    uv: torch.Tensor
    normals: torch.Tensor  # not yet of unit length
    segments: torch.Tensor  # logits of one choice
    log_error: torch.Tensor  # natural logarithm of the expected distance of `points` from the truth, meters


def decode(planes):
    half, middle = box(PNCC)
    offset_half, offset_middle = box(OFFSET)
    # One split: in training every slice of its own would cost a gradient of all planes.
    amodal, visible, points, offsets, *rest = planes.split((1, 1, 3, 3, 2, 3, len(SEGMENTS), 1), 1)
    return Maps(amodal, visible, points * half + middle, offsets * offset_half + offset_middle, *rest)


def warm_start(model, state):
    """Takes over weights of an earlier network, the leading part where a layer has grown, zeros for the rest."""
    own = model.state_dict()
    for old, value in state.items():
        name = old.replace("whole.0.", "whole.")
        if name not in own:
            continue
        if own[name].shape != value.shape and name.startswith("planes"):
            own[name][: len(value)] = 0
        own[name][tuple(slice(0, n) for n in value.shape)] = value
    model.load_state_dict(own)
    if "person.weight" not in state:
        with torch.no_grad():
            model.place.weight.zero_()
            model.person.weight.mul_(0.1)
            model.person.bias.zero_()
