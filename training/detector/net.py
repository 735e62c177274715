"""The detector network: a residual encoder to stride 32 and back up to stride 8."""

import torch
from torch import nn
from torch.nn import functional as F

STRIDE = 8
UNIT = 32.0  # the box size, in pixels, at which the predicted log size is 0


def convolution(inputs, outputs, size=3, stride=1):
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, size, stride, size // 2, bias=False),
        nn.BatchNorm2d(outputs, momentum=0.03),
    )


class Residual(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.first = convolution(channels, channels)
        self.second = convolution(channels, channels)

    def forward(self, x):
        return F.relu(x + self.second(F.relu(self.first(x))))


class Down(nn.Module):
    def __init__(self, inputs, outputs, blocks):
        super().__init__()
        self.reduce = convolution(inputs, outputs, stride=2)
        self.blocks = nn.Sequential(*[Residual(outputs) for _ in range(blocks)])

    def forward(self, x):
        return self.blocks(F.relu(self.reduce(x)))


class Up(nn.Module):
    """Doubles the coarse map and adds the finer one."""

    def __init__(self, coarse, fine, outputs):
        super().__init__()
        self.coarse = convolution(coarse, outputs, 1)
        self.fine = convolution(fine, outputs, 1)
        self.mix = convolution(outputs, outputs)

    def forward(self, coarse, fine):
        wide = F.interpolate(self.coarse(coarse), scale_factor=2.0, mode="nearest")
        return F.relu(self.mix(F.relu(wide + self.fine(fine))))


class Detector(nn.Module):
    """RGB [B, 3, H, W] in [0, 1] to heatmap logits [B, 1, H/8, W/8] and boxes [B, 6, H/8, W/8].

    The box channels are the offset from the cell's center to the box's center in cells (x, y),
    the logarithms of width and height over 32 pixels, and sine and cosine of the roll.
    """

    def __init__(self, channels=(16, 32, 48, 64, 64), neck=48):
        super().__init__()
        c2, c4, c8, c16, c32 = channels
        self.stem = convolution(3, c2, stride=2)
        self.to4 = Down(c2, c4, 1)
        self.to8 = Down(c4, c8, 1)
        self.to16 = Down(c8, c16, 1)
        self.to32 = Down(c16, c32, 1)
        self.up16 = Up(c32, c16, neck)
        self.up8 = Up(neck, c8, neck)
        self.heat = nn.Sequential(convolution(neck, 32), nn.ReLU(), nn.Conv2d(32, 1, 1))
        self.box = nn.Sequential(convolution(neck, 32), nn.ReLU(), nn.Conv2d(32, 6, 1))
        nn.init.constant_(self.heat[-1].bias, -4.6)  # a face in one cell of a hundred
        nn.init.normal_(self.heat[-1].weight, std=0.01)

    def forward(self, image):
        x2 = F.relu(self.stem((image - 0.45) * 4))
        x4 = self.to4(x2)
        x8 = self.to8(x4)
        x16 = self.to16(x8)
        x32 = self.to32(x16)
        x = self.up8(self.up16(x32, x16), x8)
        return self.heat(x), self.box(x)
