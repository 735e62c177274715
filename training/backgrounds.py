"""Procedural pictures to put people in front of, and to hide parts of them with."""

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from .paths import CACHE, SHARED

SIDE = 128
COUNT = 4000


def color(rng):
    return tuple(int(v) for v in rng.integers(0, 256, 3))


def clouds(rng):
    total, roughness = np.zeros((SIDE, SIDE, 3)), rng.uniform(0.4, 1.1)
    for octave in range(1, 7):
        cells = 2**octave
        noise = rng.normal(size=(cells, cells, 3 if rng.random() < 0.4 else 1)) * 2 ** (-roughness * octave)
        noise = np.broadcast_to(noise, (cells, cells, 3)).astype(np.float32)
        total += np.stack(
            [np.asarray(Image.fromarray(np.ascontiguousarray(noise[..., k])).resize((SIDE, SIDE), Image.BICUBIC))
             for k in range(3)], 2)  # fmt: skip
    return (total - total.mean()) / (total.std() + 1e-6) * rng.uniform(8, 70) + np.array(color(rng))


def ramp(rng):
    angle = rng.uniform(0, 2 * np.pi)
    y, x = np.mgrid[:SIDE, :SIDE] / SIDE - 0.5
    t = np.clip(np.cos(angle) * x + np.sin(angle) * y + 0.5, 0, 1)[..., None]
    return np.array(color(rng)) * (1 - t) + np.array(color(rng)) * t


def stripes(rng):
    angle, frequency = rng.uniform(0, np.pi), np.exp(rng.uniform(-3, -0.2))
    y, x = np.mgrid[:SIDE, :SIDE]
    t = np.sin((np.cos(angle) * x + np.sin(angle) * y) * frequency)
    if rng.random() < 0.4:
        t = t * np.sin((np.cos(angle) * y - np.sin(angle) * x) * frequency)
    t = np.clip(t * rng.uniform(0.5, 6) + 0.5, 0, 1)[..., None]
    return np.array(color(rng)) * (1 - t) + np.array(color(rng)) * t


def scene(rng, textures):
    kind = rng.random()
    if kind < 0.4:
        base = clouds(rng)
    elif kind < 0.6:
        base = ramp(rng)
    elif kind < 0.75:
        base = stripes(rng)
    else:
        texture = textures[rng.integers(len(textures))]
        span = int(rng.integers(48, min(texture.size) + 1))
        left, top = (int(rng.integers(0, extent - span + 1)) for extent in texture.size)
        base = np.asarray(texture.crop((left, top, left + span, top + span)).resize((SIDE, SIDE), Image.BILINEAR), float)
        base = base * rng.uniform(0.4, 1.6, 3) * rng.uniform(0.6, 1.3)
    picture = Image.fromarray(np.clip(base, 0, 255).astype(np.uint8))
    if rng.random() < 0.65:
        pen = ImageDraw.Draw(picture)
        for _ in range(rng.integers(1, 18)):
            x, y = (int(v) for v in rng.integers(-30, SIDE + 30, 2))
            w, h = (int(v) for v in np.exp(rng.uniform(1.2, 4.6, 2)))
            shape = rng.random()
            if shape < 0.35:
                pen.rectangle([x, y, x + w, y + h], fill=color(rng))
            elif shape < 0.6:
                pen.ellipse([x, y, x + w, y + h], fill=color(rng))
            elif shape < 0.8:
                pen.polygon([tuple(int(v) for v in rng.integers(-20, SIDE + 20, 2)) for _ in range(rng.integers(3, 6))],
                            fill=color(rng))  # fmt: skip
            else:
                pen.line([tuple(int(v) for v in rng.integers(-20, SIDE + 20, 2)) for _ in range(rng.integers(2, 5))],
                         fill=color(rng), width=int(rng.integers(1, 10)))  # fmt: skip
    if rng.random() < 0.6:
        picture = picture.filter(ImageFilter.GaussianBlur(float(np.exp(rng.uniform(-0.5, 2.2)))))
    return np.asarray(picture)


def load_backgrounds():
    """[COUNT, SIDE, SIDE, 3] uint8, made once and kept in the cache."""
    path = CACHE / "backgrounds.npy"
    if not path.exists():
        rng = np.random.default_rng(7)
        folder = SHARED / "data" / "makehuman"
        textures = [Image.open(p).convert("RGB") for p in sorted(folder.glob("*/*.png"))]
        CACHE.mkdir(parents=True, exist_ok=True)
        np.save(path, np.stack([scene(rng, textures) for _ in range(COUNT)]))
    return np.load(path)
