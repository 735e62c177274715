"""The volume networks: photo crop [B, 3 or 71, 192, 192] -> occupancy [B, 200, 192, 192].

Inside, a residual U-Net on the picture at 128 x 128: the dense network's encoder and its decoder up
to 32 x 32, then a head that says the logits of 9 x 50 voxels in each cell, [50, 96, 96] in all,
which are interpolated to full size. Guided: Gaussians of 68 landmarks, averaged over 3 x 3 pixels,
join the stem's features. Multitask: a fork behind the decoder says where the landmarks are.
"""

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from ..network import Residual, convolve

SIDE, PLANES = 192, 200  # of the outside: pixels, and planes half a pixel apart
PICTURE, GUIDE, CELLS = 128, 64, 32  # sides of what the network works on
GRID, LAYERS, PITCH = 96, 50, 2  # voxels that are said, and their side in pixels of the outside
BLOCK = GRID // CELLS
CROP_SCALE = 2.4
ANCHOR_DEPTH = 42  # pixels from the farthest plane to people.ANCHOR
SIGMA, DIAMETER = 1, 6  # of the landmarks' Gaussians, pixels
HEATMAP = 64
CHANNELS = (16, 32, 64, 128, 192, 224)
WIDTH = 96
FROZEN = 2
VARIANTS = {"volume": {}, "volume-guided": {"guided": True}, "volume-multitask": {"multitask": True}}


class VolumeNetwork(nn.Module):
    def __init__(self, guided=False, multitask=False):
        super().__init__()
        levels = range(len(CHANNELS) - 1)
        self.stem = convolve(3, CHANNELS[0], 2, 5)
        self.down = nn.ModuleList(
            nn.Sequential(
                convolve(CHANNELS[i], CHANNELS[i + 1], 2),
                Residual(CHANNELS[i + 1]) if i >= 2 else convolve(CHANNELS[i + 1], CHANNELS[i + 1]),
            )
            for i in levels
        )
        self.whole = nn.Sequential(nn.Linear(CHANNELS[-1], 128), nn.ReLU())
        self.spread = nn.Linear(128, CHANNELS[-1])
        self.up = nn.ModuleList(convolve(CHANNELS[i + 1] + CHANNELS[i], CHANNELS[i]) for i in (2, 3, 4))
        self.join = convolve(CHANNELS[2] + CHANNELS[1], WIDTH)
        self.inform = nn.Linear(128, WIDTH)
        self.refine = convolve(WIDTH, WIDTH)
        self.head = nn.Conv2d(WIDTH, LAYERS * BLOCK**2, 1)
        nn.init.constant_(self.head.bias, -1.5)  # a sixth of the voxels is inside
        self.guide = nn.Conv2d(68, CHANNELS[0], 3, 1, 1) if guided else None
        if guided:
            nn.init.zeros_(self.guide.weight)
            nn.init.zeros_(self.guide.bias)
        self.fork = None
        if multitask:
            self.fork = nn.Sequential(convolve(WIDTH, 64), nn.Conv2d(64, 68 * (HEATMAP // CELLS) ** 2, 1))
            nn.init.constant_(self.fork[-1].bias, -5)

    def start_from(self, state):
        """Takes every weight that a dense or a volume network's state has under the same name."""
        own = self.state_dict()
        # A dense network's decoder has two finer levels first.
        dense = "planes.weight" in state
        rename = {f"up.{k}.": f"up.{k - 2}." for k in range(2, 5)} if dense else {}
        taken = {}
        for name, value in state.items():
            if dense and name.startswith(("up.0.", "up.1.")):
                continue
            for old, new in rename.items():
                if name.startswith(old):
                    name = new + name[len(old) :]
                    break
            if name in own and own[name].shape == value.shape:
                taken[name] = value
        self.load_state_dict({**own, **taken})
        return len(taken)

    def train_upper(self):
        """Training mode, but for the stem and the first FROZEN levels: they stay the dense network's."""
        self.train()
        if self.guide is None:
            for part in (self.stem, *self.down[:FROZEN]):
                part.eval()
                part.requires_grad_(False)

    def features(self, picture, guide=None):
        x = self.stem((picture - 0.5) * 4)
        if self.guide is not None:
            x = x + self.guide(guide)
        skips = []
        for down in self.down:
            skips.append(x)
            x = down(x)
        whole = self.whole(x.mean((2, 3)))
        x = x + self.spread(whole)[:, :, None, None]
        larger = lambda x: F.interpolate(x, scale_factor=2.0, mode="nearest")  # noqa: E731
        for up, skip in zip(reversed(self.up), reversed(skips[2:])):
            x = up(torch.cat([larger(x), skip], 1))
        x = self.join(torch.cat([larger(x), skips[1]], 1))
        return self.refine(x + self.inform(whole)[:, :, None, None])

    def forward(self, picture, guide=None, places=None):
        """Logits of the cells [B, 450, 32, 32], and of the heatmaps' cells or None.

        places [K], in training: only these of the 9 columns of each cell, [B, 50 K, 32, 32].
        """
        x = self.features(picture, guide)
        weight, bias = self.head.weight, self.head.bias
        if places is not None:
            weight = weight.view(LAYERS, -1, WIDTH, 1, 1)[:, places].flatten(0, 1)
            bias = bias.view(LAYERS, -1)[:, places].flatten()
        return F.conv2d(x, weight, bias), None if self.fork is None else self.fork(x)


def depth_weights():
    """[200, 50]: linear interpolation along z, held beyond the outermost voxels' middles."""
    step = PLANES // LAYERS
    at = ((np.arange(PLANES) + 0.5) / step - 0.5).clip(0, LAYERS - 1)
    low = np.minimum(at.astype(int), LAYERS - 2)
    weights = np.zeros((PLANES, LAYERS), np.float32)
    weights[np.arange(PLANES), low] = 1 - (at - low)
    weights[np.arange(PLANES), low + 1] += at - low
    return torch.from_numpy(weights)


class Whole(nn.Module):
    """A volume network as it is shipped: the outside's input and output."""

    def __init__(self, inner):
        super().__init__()
        self.inner = inner
        self.register_buffer("depth", depth_weights()[:, :, None, None])

    def forward(self, planes):
        picture = F.interpolate(planes[:, :3], size=(PICTURE, PICTURE), mode="bilinear", align_corners=False)
        guide = F.avg_pool2d(planes[:, 3:], SIDE // GUIDE) if self.inner.guide is not None else None
        cells, marks = self.inner(picture, guide)
        layers = F.pixel_shuffle(cells, BLOCK)
        logits = F.interpolate(F.conv2d(layers, self.depth), scale_factor=2.0, mode="bilinear", align_corners=False)
        volume = torch.sigmoid(logits)
        if marks is None:
            return volume
        return volume, torch.sigmoid(F.pixel_shuffle(marks, HEATMAP // CELLS))
