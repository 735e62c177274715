"""Renders the bundled sample portrait: `python3 -m training.portrait [--out sample.jpg]`."""

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from . import person, shapes
from .assets import LANDMARKS, SKIN, load_hairs, load_head, load_skins
from .lighting import Light
from .paths import OPEN_HEAD_DATA
from .raster import vertex_normals
from .render import Camera, draw
from .shapes import Part, tube

SIZE, ZOOM = 800, 3
WIDTH = 640
HAIR = np.array([0.075, 0.04, 0.022])


def brow_hairs(rng, positions, normals):
    """Single hairs along both brows, thin tubes that fan out from the inner end."""
    region, triangles, points = person.load_regions(), [], []
    weight = np.exp(-(((region.brow_up + 0.3) / 0.3) ** 4)) * (region.brow_aside < 0.25)
    roots = rng.choice(SKIN, 1100, p=weight / weight.sum())
    head = load_head()
    for root in roots:
        side = np.sign(head.neutral[root, 0])
        along = region.brow_along[root]
        outward = np.array([side * (0.5 + 0.5 * (1 - along)), 0.75 * along - 0.3 * (1 - along), -0.25])
        outward += rng.normal(0, 0.07, 3)
        length = rng.uniform(0.3, 0.5)
        start = positions[root] + rng.normal(0, 0.08, 3) * [1, 1, 0.3] + 0.02 * normals[root]
        t = np.linspace(0, 1, 4)[:, None]
        hair = start + t * length * outward + 0.12 * t * (1 - t) * normals[root]
        at, faces = tube(hair, 0.014, sides=3)
        triangles.append(faces + sum(len(p) for p in points))
        points.append(at)
    points, triangles = np.concatenate(points), np.concatenate(triangles)
    colors = np.tile(np.float32(HAIR * 0.7), (len(points), 1))
    return Part(points.astype(np.float32), triangles.astype(np.int32), colors, np.full(len(points), 0.5, np.float32),
                covers=False, soft=True)  # fmt: skip


def skin_colors(rng):
    head, region, skins = load_head(), person.load_regions(), load_skins()
    skin = 0.5 * (skins[16] + skins[17])
    skin = skin * np.exp(0.03 * person.wave(rng, 5, 40, 5)[:, None]) * [1.0, 0.93, 0.88]
    blush = np.exp(-((region.eyelids - 4.0) / 1.8) ** 2) * 0.3
    skin = person.blend(skin, skin * [1.15, 0.78, 0.76], blush)
    skin = person.blend(skin, skin * [0.95, 0.5, 0.5], region.lips * 0.6)
    skin = person.blend(skin, skin * 0.75, np.exp(-((region.eyelids / 1.3) ** 2)) * 0.5)
    brow = np.exp(-(((region.brow_up + 0.3) / 0.33) ** 4)) * np.exp(-((region.brow_aside / 0.3) ** 2))
    skin = person.blend(skin, np.broadcast_to(HAIR, skin.shape), 0.45 * brow)
    skin = person.blend(skin, np.broadcast_to(HAIR, skin.shape), region.scalp * 0.9)
    colors = np.zeros_like(head.neutral)
    colors[:SKIN] = skin
    colors[SKIN:13294] = [0.12, 0.035, 0.03]
    colors[13294:14062] = skin.mean(0) * 0.5
    colors[14062:17039] = [0.3, 0.09, 0.08]
    colors[17039:21451] = [0.72, 0.67, 0.58]
    colors[21451:24591] = 1
    colors[24591:] = 0.01
    return colors


def jumper(turn):
    """A plain blue-green garment with a round neck and a knitted grain."""
    plain = shapes.clothes(np.random.default_rng(5), (turn, 0, 0))
    x, y, _ = plain.positions.T
    grain = 1 + 0.06 * np.sin(9 * x) * np.sin(7 * y) + 0.1 * np.sin(0.35 * x + 0.25 * y)
    colors = np.float32([0.03, 0.1, 0.13]) * grain[:, None]
    return replace(plain, colors=colors.astype(np.float32), opacity=np.ones_like(plain.opacity))


def backdrop(rng, width, height):
    """A soft gray-blue wall with a few lights out of focus."""
    y, x = np.mgrid[:height, :width].astype(np.float32)
    glow = np.exp(-(((x - 0.62 * width) / (0.7 * width)) ** 2) - ((y - 0.35 * height) / (0.7 * height)) ** 2)
    wall = np.float32([62, 74, 84]) + glow[..., None] * np.float32([88, 84, 76])
    picture = Image.fromarray(wall.clip(0, 255).astype(np.uint8))
    lights = Image.new("RGB", picture.size)
    pen = ImageDraw.Draw(lights)
    for _ in range(14):
        u, v, r = rng.uniform(0, width), rng.uniform(0, 0.8 * height), rng.uniform(14, 46)
        level = rng.uniform(8, 30)
        pen.ellipse([u - r, v - r, u + r, v + r], fill=tuple(int(level * c) for c in (1.0, 0.85, 0.6)))
    lights = lights.filter(ImageFilter.GaussianBlur(5))
    return np.asarray(picture, np.float32) + np.asarray(lights, np.float32)


def portrait(seed, style, yaw):
    rng = np.random.default_rng(seed)
    head = load_head()
    identity = rng.normal(0, 0.55, head.identities).astype(np.float32)
    expression = np.zeros(len(head.expressions), np.float32)
    for name, weight in (("mouthSmile", 0.5), ("cheekSquint", 0.25), ("eyeSquint", 0.1), ("mouthDimple", 0.15),
                         ("eyeBlink", 0.05), ("browInnerUp", 0.1)):  # fmt: skip
        for side in ("_L", "_R"):
            expression[head.expression(name + side)] = weight
    aside = np.deg2rad(yaw) / 0.9
    expression[head.expression("eyeLookOut_R" if yaw > 0 else "eyeLookIn_R")] = abs(aside)
    expression[head.expression("eyeLookIn_L" if yaw > 0 else "eyeLookOut_L")] = abs(aside)
    neutral = head.neutral + (identity @ head.basis[: head.identities]).reshape(-1, 3)
    positions = (neutral + (expression @ head.basis[head.identities :]).reshape(-1, 3)).astype(np.float32)
    normals = vertex_normals(positions, head.skin)
    parts = [brow_hairs(rng, positions, normals), jumper(np.deg2rad(-yaw / 2))]
    light = Light(
        sky=np.array([[0.5, 0.05, 0.14, 0.1], [0.52, 0.05, 0.15, 0.1], [0.56, 0.05, 0.17, 0.1]], np.float32),
        directions=np.array([[-0.62, 0.55, 0.56], [0.8, 0.25, 0.2], [0.5, 0.35, -0.79]], np.float32),
        powers=np.array([[0.85, 0.8, 0.74], [0.2, 0.21, 0.24], [0.4, 0.4, 0.42]], np.float32),
        shadows=np.array([0.55, 0.0, 0.0], np.float32),
        wrap=0.35,
        gloss=0.05,
        sharpness=14.0,
        exposure=0.33,
    )
    rotation = shapes.rotation(np.deg2rad(yaw), np.deg2rad(3), np.deg2rad(-2))
    distance = 130.0
    rough = Camera(rotation, distance, 1.0, np.zeros(2))
    marks = rough.to_screen(rough.to_view(positions[LANDMARKS]))[:, :2]
    focal = 255 / np.ptp(marks[:, 1])
    middle = (marks.min(0) + marks.max(0)) / 2
    camera = Camera(rotation, distance, focal, np.array([SIZE / 2, 0.5 * SIZE]) - focal * middle)
    eyes = np.array([0.66, 0.63, 0.6, 0.1, 0.14, 0.16, 0.6, 0.22], np.float32)
    hair = next((h for h in load_hairs() if h.name == style), None)
    rgba, *_ = draw(rng, positions, neutral, camera, light, skin_colors(rng), eyes, 0.0, parts, hair, HAIR, SIZE, ZOOM)
    edge = (SIZE - WIDTH) // 2
    rgba = rgba[:, edge : edge + WIDTH].astype(np.float32)
    picture = rgba[..., :3] + (1 - rgba[..., 3:] / 255) * backdrop(rng, WIDTH, SIZE)
    picture += rng.normal(0, 1.5, picture.shape)
    return Image.fromarray(picture.clip(0, 255).astype(np.uint8))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=2)
    parser.add_argument("--style", default="short02")
    parser.add_argument("--yaw", type=float, default=14)
    parser.add_argument("--out", type=Path, default=OPEN_HEAD_DATA / "sample.jpg")
    options = parser.parse_args()
    portrait(options.seed, options.style, options.yaw).save(options.out, quality=90)
