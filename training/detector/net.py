"""The detector network: the dense network's encoder to stride 16, on to 32 and back up to 8."""

import torch
from torch import nn
from torch.nn import functional as F

from ..network import CHANNELS, Residual, convolve

STRIDE = 8
UNIT = 32.0  # the box size, in pixels, at which the predicted log size is 0
LEVELS = 3  # of the dense network's encoder, down to stride 16


class Up(nn.Module):
    """Doubles the coarse map and adds the finer one."""

    def __init__(self, coarse, fine, outputs):
        super().__init__()
        self.coarse = nn.Conv2d(coarse, outputs, 1)
        self.fine = nn.Conv2d(fine, outputs, 1)
        self.mix = convolve(outputs, outputs)

    def forward(self, coarse, fine):
        wide = F.interpolate(self.coarse(coarse), scale_factor=2.0, mode="nearest")
        return self.mix(F.relu(wide + self.fine(fine)))


class Detector(nn.Module):
    """RGB [B, 3, H, W] in [0, 1] to heatmap logits [B, 1, H/8, W/8] and boxes [B, 6, H/8, W/8].

    The box channels are the offset from the cell's center to the box's center in cells (x, y),
    the logarithms of width and height over 32 pixels, and sine and cosine of the roll.
    The encoder starts as the dense network's: it knows what faces look like at any angle, and with
    it detection takes a fraction of the pictures that it takes from scratch.
    """

    def __init__(self, neck=48):
        super().__init__()
        self.stem = convolve(3, CHANNELS[0], 2, 5)
        self.down = nn.ModuleList(
            nn.Sequential(
                convolve(CHANNELS[i], CHANNELS[i + 1], 2),
                Residual(CHANNELS[i + 1]) if i >= 2 else convolve(CHANNELS[i + 1], CHANNELS[i + 1]),
            )
            for i in range(LEVELS)
        )
        self.to32 = nn.Sequential(convolve(CHANNELS[LEVELS], 64, 2), Residual(64))
        self.up16 = Up(64, CHANNELS[LEVELS], neck)
        self.up8 = Up(neck, CHANNELS[LEVELS - 1], neck)
        self.heat = nn.Sequential(convolve(neck, 32), nn.Conv2d(32, 1, 1))
        self.box = nn.Sequential(convolve(neck, 32), nn.Conv2d(32, 6, 1))
        self.mask = nn.Conv2d(neck, 1, 1)
        nn.init.constant_(self.heat[-1].bias, -4.6)  # a face in one cell of a hundred
        nn.init.normal_(self.heat[-1].weight, std=0.01)

    def encoder(self):
        return nn.ModuleList([self.stem, self.down])

    def start_from(self, dense):
        """Takes the encoder's weights from a dense network's state."""
        own = [n for n in self.state_dict() if n.startswith(("stem.", "down."))]
        missing, _ = self.load_state_dict({n: dense[n] for n in own}, strict=False)
        assert not set(missing) & set(own)

    def encode(self, image):
        """The maps at strides 8 and 16."""
        x = self.stem((image - 0.5) * 4)
        maps = []
        for down in self.down:
            x = down(x)
            maps.append(x)
        return maps[-2:]

    def fuse(self, x8, x16):
        return self.up8(self.up16(self.to32(x16), x16), x8)

    def forward(self, image):
        x = self.fuse(*self.encode(image))
        return self.heat(x), self.box(x)
