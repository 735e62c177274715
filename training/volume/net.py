"""The volume networks: photo crop [B, 3 or 71, 192, 192] -> occupancy [B, 200, 192, 192].

1. The trunk, a dense network of the first round, says of each pixel which point of the mean head it
   shows and how far that point has moved.
2. From these follows the pose, by least squares inside the graph, and of each voxel of a grid
   [50, 96, 96] where it lies in the mean head, whose distance field is the first guess.
3. A few convolutions on the trunk's features and the guess correct its logits.
4. The logits are interpolated to full size; sigmoid.

Guided: 68 landmarks, found again in their Gaussians, join the pose of step 2, and the Gaussians,
averaged over 4 x 4 pixels, the features of step 3. Multitask: a fork of step 3 says where they are.
"""

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from ..network import Residual, convolve

SIDE, PLANES = 192, 200  # of the outside: pixels, and planes half a pixel apart
GRID, LAYERS, PITCH = 96, 50, 2  # voxels that are said, and their side in pixels
CELLS, BLOCK = 48, 2  # the grid in cells of 2 x 2 columns
CROP_SCALE = 2.4
ANCHOR = (0.0, -1.0, 5.0)  # cm, model frame: the point whose depth is ANCHOR_DEPTH
ANCHOR_DEPTH = 42.0  # pixels from the farthest plane
STEEPNESS = 1.2  # logits per pixel of distance, at first
NEARNESS = 0.0113  # 1/cm: the mean of one over the camera's distance, which a picture hardly tells
MARKS = 1.0  # what all landmarks weigh in a guided pose, to all pixels
SIGMA, DIAMETER = 1, 6  # of the landmarks' Gaussians, pixels
HEATMAP = 96
CHANNELS = (16, 32, 64, 128, 192, 224)
WIDTH = 48
PNCC_HALF, PNCC_MIDDLE = (9.5, 15.0, 8.75), (0.0, -2.0, 4.75)  # the trunk's planes in cm
OFFSET_HALF = 3.0
MARGIN = 32  # pixels of the picture around what the trunk sees: a face as large as it knows
FEATURES, CODE = 32, 128
FIELD_ORIGIN, FIELD_STEP, FIELD_SIZE = (-14.0, -21.0, -12.0), 0.5, (57, 73, 54)  # x, y, z; cm
VARIANTS = {"volume": {}, "volume-guided": {"guided": True}, "volume-multitask": {"multitask": True}}


class Trunk(nn.Module):
    """A picture's middle [B, 3, 128, 128] to planes [B, 8, 64, 64], features [B, 32, 32, 32], code [B, 128]."""

    def __init__(self):
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
        self.up = nn.ModuleList(convolve(CHANNELS[i + 1] + CHANNELS[i], CHANNELS[i]) for i in levels)
        self.planes = nn.Conv2d(CHANNELS[0], 8, 3, 1, 1)

    def forward(self, image):
        x = self.stem((image - 0.5) * 4)
        skips = []
        for down in self.down:
            skips.append(x)
            x = down(x)
        whole = self.whole(x.mean((2, 3)))
        x = x + self.spread(whole)[:, :, None, None]
        for up, skip in zip(reversed(self.up), reversed(skips)):
            features = x
            x = up(torch.cat([F.interpolate(x, scale_factor=2.0, mode="nearest"), skip], 1))
        return self.planes(x), features, whole


def column(values):
    return torch.tensor(values, dtype=torch.float32).view(1, 3, 1)


def solve_symmetric(m, right):
    """m⁻¹ right of symmetric [B, 3, 3] and [B, 3, 2], by cofactors: no operator that a runtime may lack."""
    a, b, c, d, e, f = m[:, 0, 0], m[:, 0, 1], m[:, 0, 2], m[:, 1, 1], m[:, 1, 2], m[:, 2, 2]
    rows = [d * f - e * e, c * e - b * f, b * e - c * d, a * f - c * c, b * c - a * e, a * d - b * b]
    determinant = a * rows[0] + b * rows[1] + c * rows[2]
    order = (0, 1, 2, 1, 3, 4, 2, 4, 5)
    inverse = torch.stack([rows[k] for k in order], 1).view(-1, 3, 3) / determinant[:, None, None]
    return inverse @ right


def unit(v):
    return v / (v * v).sum(1, keepdim=True).sqrt()


class Guess(nn.Module):
    """Planes (and landmarks) to the logits [B, 50, 96, 96] of the mean head, posed and bent to the planes."""

    def __init__(self):
        super().__init__()
        self.register_buffer("field", torch.zeros(int(np.prod(FIELD_SIZE))))
        at = torch.arange(GRID) * float(PITCH) + PITCH / 2
        pixels = torch.stack([at.repeat(GRID), at.repeat_interleave(GRID)])[None]
        self.register_buffer("pixels", pixels)
        self.register_buffer("places", torch.zeros(1, 3, 68))  # the landmarks on the mean head
        self.register_buffer("deep", (torch.arange(LAYERS) * float(PITCH) + PITCH / 2).view(1, 1, LAYERS, 1))
        for name, sigma, reach in (("small_bell", 1.0, 3), ("bell", 5.0, 12)):
            bell = torch.exp(-(torch.arange(-reach, reach + 1) ** 2) / (2 * sigma**2))
            self.register_buffer(name, (bell / bell.sum()).view(1, 1, 1, -1))
        self.register_buffer("anchor", column(ANCHOR))
        self.register_buffer("extent", column(PNCC_HALF))
        self.register_buffer("middle", column(PNCC_MIDDLE))

    def pose(self, points, weight, pixels):
        """Points [B, 3, N] (cm) seen at pixels [B, 2, N]: their means, scale, rows of the rotation."""
        total = weight.sum(2, keepdim=True) + 1e-3
        center = (points * weight).sum(2, keepdim=True) / total
        pixel = (pixels * weight).sum(2, keepdim=True) / total
        away = points - center
        heavy = away * weight / total
        spread = heavy @ away.transpose(1, 2) + 0.05 * torch.eye(3)
        free = solve_symmetric(spread, heavy @ (pixels - pixel).transpose(1, 2))
        right, up = free[:, :, 0], -free[:, :, 1]
        scale = ((right * right).sum(1, keepdim=True).sqrt() + (up * up).sum(1, keepdim=True).sqrt()) / 2
        # The nearest pair of orthogonal directions.
        right, up = unit(right), unit(up)
        one, two = unit(right + up), unit(right - up)
        right, up = (one + two) * 0.5**0.5, (one - two) * 0.5**0.5
        near = torch.stack([right[:, 1] * up[:, 2] - right[:, 2] * up[:, 1],
                            right[:, 2] * up[:, 0] - right[:, 0] * up[:, 2],
                            right[:, 0] * up[:, 1] - right[:, 1] * up[:, 0]], 1)  # fmt: skip
        axes = [axis[:, :, None] for axis in (right, up, near)]
        return center, pixel, scale[:, :, None], axes

    def blur(self, x, bell):
        size = bell.shape[-1] // 2
        shape = x.shape
        x = x.reshape(-1, 1, GRID, GRID)
        x = F.conv2d(F.conv2d(x, bell, padding=(0, size)), bell.transpose(2, 3), padding=(size, 0))
        return x.reshape(shape)

    def distances(self, points):
        """The field at points [B, 3, D, N], interpolated; [B, D, N] pixels of FIELD_STEP, inside negative."""
        index, share = [], []
        for k in range(3):
            at = ((points[:, k] - FIELD_ORIGIN[k]) / FIELD_STEP).clamp(0.0, FIELD_SIZE[k] - 1.001)
            low = at.floor()
            index.append(low)
            share.append(at - low)
        x, y, z = index
        first = ((z * FIELD_SIZE[1] + y) * FIELD_SIZE[0] + x).long()
        u, v, w = share
        total = 0
        for dz in (0, 1):
            for dy in (0, 1):
                for dx in (0, 1):
                    step = (dz * FIELD_SIZE[1] + dy) * FIELD_SIZE[0] + dx
                    weight = (u if dx else 1 - u) * (v if dy else 1 - v) * (w if dz else 1 - w)
                    total = total + self.field[first + step] * weight
        return total

    def forward(self, planes, marks=None):
        """planes [B, 8, 96, 96]; marks [B, 3, 68]: x, y in pixels and how much of each landmark is there."""
        flat = planes.flatten(2)
        amodal, visible = torch.sigmoid(flat[:, :1]), torch.sigmoid(flat[:, 1:2])
        mean = flat[:, 2:5] * self.extent + self.middle
        moved = mean + flat[:, 5:8] * OFFSET_HALF
        weight = amodal * amodal * (0.2 + 0.8 * visible)
        points, seen = moved, self.pixels
        if marks is not None:
            share = MARKS * weight.sum(2, keepdim=True) / 68
            points = torch.cat([moved, self.places + 0 * marks], 2)
            seen = torch.cat([self.pixels + 0 * moved[:, :2], marks[:, :2]], 2)
            weight = torch.cat([weight, share * marks[:, 2:]], 2)
        # What is nearer is larger, by the ray through the face's middle: a first pose says how much
        # nearer, a second is that of pixels set right.
        _, middle, _, axes = self.pose(points, weight, seen)
        toward = lambda near, p: (near * (p - self.anchor)).sum(1, keepdim=True)  # noqa: E731
        shrink = 1 - NEARNESS * toward(axes[2], points)
        center, pixel, scale, (right, up, near) = self.pose(points, weight, middle + (seen - middle) * shrink)
        aside = lambda p: (right * p[:, :1] - up * p[:, 1:]) / scale  # noqa: E731
        start, slope = center - near * toward(near, center) + aside(middle - pixel), aside(self.pixels - middle)
        place = lambda depth: start + slope * (1 - NEARNESS * depth) + near * depth  # noqa: E731
        # What is missing, at a column's surface, from where the pose puts it to where the planes do.
        missing = mean - place(toward(near, moved))
        sure = amodal * amodal
        both = torch.cat([missing * sure, sure], 1)
        close, wide = self.blur(both, self.small_bell), self.blur(both, self.bell)
        bend = sure * close[:, :3] / (close[:, 3:] + 1e-3) + (1 - sure) * wide[:, :3] / (wide[:, 3:] + 0.05)
        start, slope, near = (x[:, :, None] for x in (start + bend, slope, near))
        scale = scale[:, :, None]
        deep = (self.deep - ANCHOR_DEPTH) / scale
        points = start + slope * (1 - NEARNESS * deep) + near * deep
        logits = -STEEPNESS * scale[:, 0] * self.distances(points)
        return logits.clamp(-8, 8).view(-1, LAYERS, GRID, GRID)


def depth_weights():
    """[200, 50]: linear interpolation along z, held beyond the outermost voxels' middles."""
    step = PLANES // LAYERS
    at = ((np.arange(PLANES) + 0.5) / step - 0.5).clip(0, LAYERS - 1)
    low = np.minimum(at.astype(int), LAYERS - 2)
    weights = np.zeros((PLANES, LAYERS), np.float32)
    weights[np.arange(PLANES), low] = 1 - (at - low)
    weights[np.arange(PLANES), low + 1] += at - low
    return torch.from_numpy(weights)


class Correction(nn.Module):
    """Guess, features, code (and a guide [B, 68, 48, 48]) to the logits [B, 200, 48, 48], and heatmaps or None."""

    def __init__(self, guided, multitask):
        super().__init__()
        self.trust = nn.Parameter(torch.tensor(0.5))  # in the guess's logits
        self.squeeze = convolve(LAYERS * BLOCK**2, FEATURES, size=1)
        self.join = nn.Conv2d(2 * FEATURES, WIDTH, 3, 1, 1)
        self.inform = nn.Linear(CODE, WIDTH)
        self.guide = nn.Conv2d(68, WIDTH, 3, 1, 1) if guided else None
        self.start = nn.Sequential(nn.BatchNorm2d(WIDTH), nn.ReLU())
        self.coarse = nn.Sequential(convolve(WIDTH, 64, 2), Residual(64), nn.Conv2d(64, WIDTH, 1))
        self.fine = Residual(WIDTH)
        self.head = nn.Conv2d(WIDTH, LAYERS * BLOCK**2, 1)
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.head.bias)
        self.fork = None
        if multitask:
            self.fork = nn.Sequential(convolve(WIDTH, WIDTH), nn.Conv2d(WIDTH, 68 * (HEATMAP // CELLS) ** 2, 1))
            nn.init.constant_(self.fork[-1].bias, -5)

    def features(self, guess, features, code, guide=None):
        edge = (CELLS - features.shape[-1]) // 2
        x = torch.cat([self.squeeze(guess / 4), F.pad(features, (edge, edge, edge, edge))], 1)
        x = self.join(x) + self.inform(code)[:, :, None, None]
        if guide is not None:
            x = x + self.guide(guide)
        x = self.start(x)
        return self.fine(x + F.interpolate(self.coarse(x), scale_factor=2.0, mode="nearest"))

    def smooth(self, x):
        """What is added to the guess [B, 50, 96, 96], from features: the mean over each cell's columns,
        interpolated. Said column by column it would leave ribs as wide as a column on the surface."""
        weight, bias = self.head.weight.view(LAYERS, -1, WIDTH, 1, 1).mean(1), self.head.bias.view(LAYERS, -1).mean(1)
        return F.interpolate(F.conv2d(x, weight, bias), scale_factor=2.0, mode="bilinear", align_corners=False)

    def forward(self, guess, features, code, guide=None, places=None):
        """guess [B, 200, 48, 48], each cell's 2 x 2 columns; places [K]: only these of the four."""
        x = self.features(guess, features, code, guide)
        weight, bias = self.head.weight, self.head.bias
        if places is not None:
            weight = weight.view(LAYERS, -1, WIDTH, 1, 1)[:, places].flatten(0, 1)
            bias = bias.view(LAYERS, -1)[:, places].flatten()
            guess = guess.view(len(guess), LAYERS, -1, CELLS, CELLS)[:, :, places].flatten(1, 2)
        logits = self.trust * guess + F.conv2d(x, weight, bias)
        return logits, None if self.fork is None else self.fork(x)


class VolumeNetwork(nn.Module):
    """The whole network; trunk and guess stay as they are, the correction is trained."""

    def __init__(self, guided=False, multitask=False):
        super().__init__()
        self.trunk, self.guess, self.correction = Trunk(), Guess(), Correction(guided, multitask)
        edge, middle = MARGIN // 2, GRID - MARGIN
        outside = torch.zeros(1, 8, GRID, GRID)
        outside[:, :2] = -8
        outside[:, :2, edge : edge + middle, edge : edge + middle] = 0
        self.register_buffer("outside", outside)
        self.register_buffer("depth", depth_weights()[:, :, None, None])
        # What of the correction is taken, away from the face and on it.
        self.register_buffer("taken", torch.ones(2))
        if guided:
            y, x = torch.meshgrid(*2 * [torch.arange(SIDE) + 0.5], indexing="ij")
            self.register_buffer("moments", torch.stack([torch.ones_like(x), x, y], -1).view(1, -1, 3))

    def marks(self, gaussians):
        """Where planes [B, 68, 192, 192] have their Gaussians, and how much of each is there: [B, 3, 68]."""
        sums = gaussians.flatten(2) @ self.moments
        there = sums[:, :, :1]
        return torch.cat([sums[:, :, 1:] / (there + 1e-6), (there / (2 * np.pi * SIGMA**2)).clamp(0, 1)], 2).transpose(1, 2)

    def look(self, picture, marks=None):
        """Guess [B, 200, 48, 48], features, code and where the face is [B, 1, 96, 96], of a picture [B, 3, 192, 192]."""
        end = SIDE - MARGIN
        planes, features, code = self.trunk(picture[:, :, MARGIN:end, MARGIN:end])
        edge = MARGIN // PITCH
        planes = F.pad(planes, (edge, edge, edge, edge)) + self.outside
        return F.pixel_unshuffle(self.guess(planes, marks), BLOCK), features, code, torch.sigmoid(planes[:, :1])

    def share(self, face):
        """What of the correction is taken [B, 1, 96, 96]: it changes over some 20 pixels around the face."""
        near = (2 * self.guess.blur(face, self.guess.bell)).clamp(0, 1)
        return self.taken[0] + (self.taken[1] - self.taken[0]) * near

    def forward(self, planes):
        """Crop [B, 3 or 71, 192, 192] to occupancy [B, 200, 192, 192], or that and heatmaps [B, 68, 96, 96]."""
        guide = marks = None
        if self.correction.guide is not None:
            guide, marks = F.avg_pool2d(planes[:, 3:], SIDE // CELLS), self.marks(planes[:, 3:])
        guess, features, code, face = self.look(planes[:, :3], marks)
        x = self.correction.features(guess, features, code, guide)
        heat = None if self.correction.fork is None else self.correction.fork(x)
        layers = self.correction.trust * F.pixel_shuffle(guess, BLOCK) + self.share(face) * self.correction.smooth(x)
        logits = F.conv2d(layers, self.depth)
        volume = torch.sigmoid(F.interpolate(logits, scale_factor=2.0, mode="bilinear", align_corners=False))
        if heat is None:
            return volume
        return volume, torch.sigmoid(F.pixel_shuffle(heat, HEATMAP // CELLS))


def start(state, field, places, guided=False, multitask=False):
    """A new network on the weights of a dense network of the first round, the mean head's field [Z, Y, X]
    and landmarks [68, 3] (cm)."""
    network = VolumeNetwork(guided, multitask)
    network.trunk.load_state_dict({name: state[name] for name in network.trunk.state_dict()})
    network.guess.field.copy_(torch.from_numpy(field).flatten())
    network.guess.places.copy_(torch.from_numpy(places.T)[None])
    return network.eval()
