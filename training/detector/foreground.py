"""What lies in front of faces or beside them and misleads: blown hair, cloth cut by the border."""

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from .scenery import any_color, as_tuple, fractal, skin_color, waves


def hair_color(rng):
    dark, warm = rng.uniform(0.08, 1.0), rng.uniform(0.5, 1.4)
    return np.array([215, 175, 120]) * dark ** np.array([0.8, 1.0 * warm, 1.3 * warm])


def strands(image, rng, center, size):
    """Locks of hair blown across a face of `size` pixels: each a bundle of curves of nearly one color."""
    picture = Image.fromarray(image.clip(0, 255).astype(np.uint8))
    draw = ImageDraw.Draw(picture)
    color, wide = hair_color(rng), max(1, round(size / 70))
    t = np.linspace(0, 1, 14)[:, None]
    for _ in range(rng.integers(1, 5)):
        angle = rng.uniform(0, 2 * np.pi)
        root = center + size * rng.uniform(0.6, 1.0) * np.array([np.cos(angle), np.sin(angle)])
        bend = center + size * rng.normal(0, 0.45, 2)
        tip = center + size * rng.normal(0, 0.8, 2)
        spread = size * rng.uniform(0.03, 0.18)
        for _ in range(rng.integers(4, 30)):
            a, b, c = (p + rng.normal(0, spread, 2) for p in (root, bend, tip))
            curve = (1 - t) ** 2 * a + 2 * t * (1 - t) * b + t**2 * c
            draw.line([tuple(p) for p in curve], as_tuple(color * rng.uniform(0.6, 1.35)),
                      width=int(rng.integers(1, wide + 1)))  # fmt: skip
    image[:] = np.asarray(picture)


def fabric(rng, side):
    """Woven, striped or plain cloth with folds, float32 [S, S, 3]."""
    base = any_color(rng) * rng.uniform(0.3, 1)
    grain = int(rng.integers(1, 5))
    cells = -(-side // grain)
    weave = np.kron(rng.normal(size=(cells, cells)), np.ones((grain, grain)))[:side, :side, None]
    image = base + weave * rng.choice([3, 15, 45])
    if rng.random() < 0.4:
        stripes = waves(rng, side)[..., None]
        image = image + stripes * (any_color(rng) - image) * rng.uniform(0.3, 1)
    folds = np.exp(fractal(rng, side) * rng.uniform(0.1, 0.6))
    return (image * folds).astype(np.float32)


def cloth(image, rng):
    """A shoulder, sleeve, scarf or cushion, mostly at the border; returns where it lies, bool [S, S]."""
    side = image.shape[0]
    size = np.exp(rng.uniform(np.log(10), np.log(0.6 * side)))
    center = rng.uniform(0, side, 2)
    if rng.random() < 0.7:
        center[rng.integers(2)] = rng.choice([0, side]) + rng.normal(0, 0.3 * size)
    mask = Image.new("L", (side, side))
    draw = ImageDraw.Draw(mask)
    angles = np.sort(rng.uniform(0, 2 * np.pi, rng.integers(4, 10)))
    reach = size * rng.uniform(0.5, 1, len(angles)) * np.exp(rng.normal(0, 0.3))
    corners = center + reach[:, None] * np.stack([np.cos(angles), np.sin(angles)], 1)
    draw.polygon([tuple(c) for c in corners], fill=255)
    soft = np.asarray(mask.filter(ImageFilter.GaussianBlur(np.exp(rng.uniform(-1, 1.5)))), np.float32)[..., None] / 255
    piece = fabric(rng, side)
    if rng.random() < 0.2:  # a bare shoulder, a hand's edge
        piece = (skin_color(rng) * np.exp(fractal(rng, side) * 0.15)).astype(np.float32)
    image += (piece - image) * soft
    return soft[..., 0] > 0.5
