"""From stored people to training pictures: background, occluders, color, shadow, blur, noise, JPEG."""

import io
import math

import numpy as np
import torch
from PIL import Image
from torch.nn import functional as F

from .open_head import OTHER

SIDE = 128
Y, X = torch.meshgrid(torch.arange(SIDE) + 0.5, torch.arange(SIDE) + 0.5, indexing="ij")
MIRROR = torch.tensor([-1.0, 1, 1] * 3).view(1, 9, 1, 1)


def uniform(rng, low, high, *shape):
    return torch.from_numpy(rng.uniform(low, high, shape).astype(np.float32))


def chance(rng, probability, *shape):
    return torch.from_numpy((rng.random(shape) < probability).astype(np.float32))


def some(rng, count, share):
    """The indices of a random share of a batch."""
    return torch.from_numpy(rng.permutation(count)[: round(share * count)])


def blur(pictures, sigma):
    """Gaussian blur, as a sum of shifted copies: faster than a grouped convolution on a CPU."""
    reach = max(1, math.ceil(2 * sigma))
    kernel = np.exp(-(np.arange(-reach, reach + 1) ** 2) / (2 * sigma * sigma))
    kernel = [float(k) for k in kernel / kernel.sum()]
    wide = F.pad(pictures, (reach,) * 4, mode="replicate")
    rows = sum(k * wide[..., i : i + SIDE] for i, k in enumerate(kernel))
    return sum(k * rows[..., i : i + SIDE, :] for i, k in enumerate(kernel))


def smear(pictures, angle, length):
    """Motion blur: the mean of copies shifted along a line, `length` pixels in all."""
    steps = [(round(t * math.cos(angle)), round(t * math.sin(angle))) for t in np.linspace(-length / 2, length / 2, 7)]
    wide = F.pad(pictures, (4,) * 4, mode="replicate")
    return sum(wide[..., 4 + v : 4 + v + SIDE, 4 + u : 4 + u + SIDE] for u, v in steps) / len(steps)


def occluders(rng, count):
    """Masks [count, 1, S, S]: blobs, bars and boxes, straight edges, bunches of fingers."""
    angle = uniform(rng, 0, 2 * math.pi, count, 1, 1)
    cos, sin = torch.cos(angle), torch.sin(angle)
    x, y = X - uniform(rng, 5, 123, count, 1, 1), Y - uniform(rng, 5, 123, count, 1, 1)
    along, across = x * cos + y * sin, y * cos - x * sin
    long, short = torch.exp(uniform(rng, 1.6, 3.5, count, 1, 1)), torch.exp(uniform(rng, 1.6, 3.6, count, 1, 1))
    power = torch.from_numpy(rng.choice([1.0, 2.0, 6.0], (count, 1, 1)).astype(np.float32))
    blob = (along / long).abs() ** power + (across / short).abs() ** power < 1
    upright = torch.where(chance(rng, 0.6, count, 1, 1) > 0, (angle / (math.pi / 2)).floor() * (math.pi / 2), angle)
    edge = (X - 64) * torch.cos(upright) + (Y - 64) * torch.sin(upright) > uniform(rng, 34, 62, count, 1, 1)
    thick = uniform(rng, 5, 10, count, 1, 1)
    finger = (across / thick - torch.round((across / thick).clamp(-1.6, 1.6))).abs() < 0.46
    finger = finger & (along > uniform(rng, -6, 6, count, 1, 1) + 0.06 * across**2 / thick)
    kind = torch.from_numpy(rng.random((count, 1, 1)))
    return torch.where(kind < 0.6, blob, torch.where(kind < 0.8, edge, finger))[:, None].float()


def compose(rng, rgba, scenes):
    """People [B, S, S, 4] uint8 before scenes [B, S, S, 3] uint8: pictures [B, 3, S, S] and alpha."""
    person = rgba.permute(0, 3, 1, 2).float() / 255
    scene = scenes.permute(0, 3, 1, 2).float() / 255
    if rng.random() < 0.5:
        scene = scene.flip(3)
    if rng.random() < 0.3:
        scene = scene.flip(2)
    # Some people stand beside somebody else, cut by the crop's edge.
    neighbor = person.roll(1, 0).roll(int(rng.integers(52, 76)), 3).flip(3)
    beside = chance(rng, 0.15, len(person), 1, 1, 1)
    scene = scene * (1 - beside * neighbor[:, 3:]) + beside * neighbor[:, :3]
    return person[:, :3] + (1 - person[:, 3:]) * scene, person[:, 3:]


def augment(rng, rgba, scenes, covers, labels, masks, segments, without=()):
    """Pictures [B, 3, S, S] in [0, 1] with labels [B, 9, G, G], masks [B, 2, G, G] and segments [B, G, G].

    `without` leaves out some of "occluders", "color", "camera" (blur, noise, compression).
    """
    count = len(rgba)
    picture, alpha = compose(rng, rgba, scenes)

    chosen = some(rng, count, 0.0 if "occluders" in without else 0.4)
    hidden = occluders(rng, len(chosen))
    cover = covers[chosen].permute(0, 3, 1, 2).float() / 255
    below, opaque = picture[chosen], alpha[chosen]
    tone = (below * opaque).mean((2, 3), keepdim=True) / (opaque.mean((2, 3), keepdim=True) + 1e-3)
    like_skin = chance(rng, 0.35, len(chosen), 1, 1, 1)
    cover = cover + like_skin * (tone * (0.6 + 0.8 * cover.mean(1, keepdim=True)) - cover)
    picture[chosen] = below + hidden * (cover - below)
    masks[chosen, 1:] *= 1 - hidden[:, :, ::2, ::2]
    segments[chosen] = torch.where(hidden[:, 0, ::2, ::2] > 0, OTHER, segments[chosen])

    chosen = some(rng, count, 0.5)
    picture[chosen] = picture[chosen].flip(3)
    labels[chosen] = labels[chosen].flip(3) * MIRROR
    masks[chosen] = masks[chosen].flip(3)
    segments[chosen] = segments[chosen].flip(2)

    if "color" not in without:
        picture = recolor(rng, picture)
    if "camera" not in without:
        picture = photograph(rng, picture)
    return picture.clamp(0, 1), labels, masks, segments


def recolor(rng, picture):
    """Tone curve, contrast, saturation, tint, and bands of light or shadow, in place."""
    count, each = len(picture), (len(picture), 1, 1, 1)
    # A tone curve between the square root, the identity and the square; then color and contrast.
    chosen = some(rng, count, 0.5)
    others = torch.from_numpy(np.setdiff1d(np.arange(count), chosen))
    for group, curve in ((chosen, torch.sqrt), (others, torch.square)):
        picture[group] = picture[group].lerp(curve(picture[group]), uniform(rng, 0, 0.8, len(group), 1, 1, 1))
    middle = picture.mean((2, 3), keepdim=True)
    gray = picture.mean(1, keepdim=True)
    contrast = uniform(rng, 0.6, 1.4, *each) * torch.exp(uniform(rng, -0.13, 0.13, count, 3, 1, 1))
    saturation = uniform(rng, 0.3, 1.4, *each) * chance(rng, 0.9, *each)
    shift = middle * (1 - contrast) + uniform(rng, -0.15, 0.15, *each)
    picture = torch.addcmul(shift, picture, saturation * contrast) + gray * ((1 - saturation) * contrast)

    chosen = some(rng, count, 0.35)
    few = (len(chosen), 1, 1, 1)
    angle = uniform(rng, 0, 2 * math.pi, *few)
    x, y = X - uniform(rng, 10, 118, *few), Y - uniform(rng, 10, 118, *few)
    along, across = x * torch.cos(angle) + y * torch.sin(angle), y * torch.cos(angle) - x * torch.sin(angle)
    bent = along + uniform(rng, -0.01, 0.01, *few) * across**2
    shadow = torch.sigmoid(bent / torch.exp(uniform(rng, 0, 3.2, *few)))
    picture[chosen] *= 1 - shadow * uniform(rng, -0.5, 0.85, *few)
    return picture


def photograph(rng, picture):
    """Defocus, motion, low resolution or sharpening; noise; compression."""
    count = len(picture)
    order, quarter = rng.permutation(count), count // 4
    soft, softer, small = (torch.from_numpy(order[k * quarter : (k + 1) * quarter]) for k in range(3))
    picture[soft] = blur(picture[soft], float(rng.uniform(0.4, 0.8)))
    picture[softer] = blur(picture[softer], float(rng.uniform(0.7, 1.7)))
    if rng.random() < 0.4:
        softer = softer[: quarter // 2]
        picture[softer] = smear(picture[softer], rng.uniform(0, math.pi), rng.uniform(2, 7))
    coarse = F.interpolate(picture[small], scale_factor=float(rng.uniform(0.25, 0.8)), mode="bilinear", antialias=True)
    picture[small] = F.interpolate(coarse, size=(SIDE, SIDE), mode="bilinear")
    if rng.random() < 0.5:
        crisp = torch.from_numpy(order[3 * quarter :])
        sharper = picture[crisp]
        picture[crisp] = sharper + (sharper - blur(sharper, float(rng.uniform(0.6, 1.5)))) * float(rng.uniform(0.2, 1.2))
    chosen = some(rng, count, 0.5)
    noise = torch.from_numpy(rng.standard_normal((len(chosen), 3, SIDE, SIDE), np.float32))
    picture[chosen] += noise * uniform(rng, 0, 0.06, len(chosen), 1, 1, 1)
    picture = picture.clamp(0, 1)
    for k in np.flatnonzero(rng.random(count) < 0.2):
        file = io.BytesIO()
        pixels = (picture[k].permute(1, 2, 0).numpy() * 255 + 0.5).astype(np.uint8)
        Image.fromarray(pixels).save(file, "JPEG", quality=int(rng.integers(20, 80)))
        picture[k] = torch.from_numpy(np.array(Image.open(file))).permute(2, 0, 1).float() / 255
    return picture
