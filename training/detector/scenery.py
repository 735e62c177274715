"""Procedural scenery without faces: what the detector must learn to pass over.

Backdrops (noise, gradients, patterns) carry clutter (shapes, foliage, writing, disks) and the
things most easily taken for faces: skin-colored limbs and blobs, body skin, rings and dots.
"""

import numba
import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from ..paths import CACHE, SHARED

SIZE = 384
COUNT = 1500


def any_color(rng):
    """Mostly muted, as the world is."""
    color = rng.uniform(0, 255, 3)
    saturation = rng.choice([0.05, 0.3, 0.6, 1])
    return color.mean() + (color - color.mean()) * saturation


def skin_color(rng):
    """From pale to dark, along the warm line that skin under different lamps keeps to."""
    light = rng.uniform(0.12, 1.0)
    color = np.array([250, 200, 170]) * light ** np.array([0.8, 1.05, 1.25])
    return np.clip(color * np.exp(rng.normal(0, 0.08, 3)), 0, 255)


def as_tuple(color):
    return tuple(int(v) for v in np.clip(color, 0, 255))


def fractal(rng, size=SIZE, channels=1):
    """Noise in [-1, 1] or so, with a random fall-off of detail, [size, size, channels]."""
    total = np.zeros((size, size, channels), np.float32)
    fall = rng.uniform(0.35, 1.0)
    stretch = rng.choice([1, 1, 1, 4])
    for octave in range(1, 8):
        cells = 2**octave
        grid = rng.normal(size=(cells, max(2, cells // stretch), channels)).astype(np.float32)
        for c in range(channels):
            image = Image.fromarray(grid[..., c]).resize((size, size), Image.BICUBIC)
            total[..., c] += np.asarray(image) * fall**octave
    return total / (2 * total.std() + 1e-6)


def waves(rng, size=SIZE):
    """Stripes, checks or rings in [0, 1], bent by noise or straight."""
    y, x = np.mgrid[:size, :size].astype(np.float32)
    angle, period = rng.uniform(0, np.pi), np.exp(rng.uniform(1.6, 4.6))
    bend = fractal(rng, size)[..., 0] * rng.choice([0, 0, rng.uniform(0, 2 * period)])
    u = x * np.cos(angle) + y * np.sin(angle) + bend
    v = -x * np.sin(angle) + y * np.cos(angle) + bend
    kind = rng.integers(4)
    wave = np.sin(u * 2 * np.pi / period)
    if kind == 1:
        wave = wave * np.sin(v * 2 * np.pi / (period * rng.uniform(0.5, 2)))
    elif kind == 2:
        wave = np.maximum(wave, np.sin(v * 2 * np.pi / period))
    elif kind == 3:
        center = rng.uniform(0, size, 2)
        wave = np.sin(np.hypot(x - center[0], y - center[1]) * 2 * np.pi / period)
    sharp = np.exp(rng.uniform(0, 3))
    return 0.5 + 0.5 * np.tanh(sharp * (wave - rng.uniform(-0.6, 0.6)))


def backdrop(rng):
    """One surface, or a patchwork of several with sharp or soft borders."""
    image = surface(rng)
    for _ in range(rng.choice([0, 0, 1, 2])):
        mask = 0.5 + 0.5 * np.tanh((fractal(rng) + rng.normal()) * np.exp(rng.uniform(0, 3.3)))
        if rng.random() < 0.5:  # a straight border: a wall, a table, the horizon
            y, x = np.mgrid[:SIZE, :SIZE].astype(np.float32)
            angle = rng.choice([0, np.pi / 2, rng.uniform(0, np.pi)])
            distance = np.cos(angle) * x + np.sin(angle) * y - rng.uniform(40, SIZE - 40)
            mask = (distance > 0)[..., None].astype(np.float32)
        image += (surface(rng) - image) * mask
    return image


def surface(rng):
    kind = rng.random()
    y, x = np.mgrid[:SIZE, :SIZE].astype(np.float32) / SIZE - 0.5
    angle = rng.uniform(0, 2 * np.pi)
    ramp = (np.cos(angle) * x + np.sin(angle) * y + 0.5).clip(0, 1)[..., None]
    image = any_color(rng) * ramp + any_color(rng) * (1 - ramp)
    if kind < 0.1:
        image = np.zeros((SIZE, SIZE, 3)) + any_color(rng) * rng.choice([0, 1])
    elif kind < 0.55:
        image = image + fractal(rng, channels=rng.choice([1, 3])) * rng.uniform(10, 90)
    elif kind < 0.8:
        image = image + waves(rng)[..., None] * (any_color(rng) - image)
    return image.astype(np.float32)


@numba.njit(cache=True, fastmath=True)
def draw_capsule(image, x0, y0, x1, y1, r0, r1, color, light, grain):
    """A limb or, where both ends meet, a ball: round shading, from radius r0 to r1."""
    height, width = image.shape[:2]
    reach = max(r0, r1)
    dx, dy = x1 - x0, y1 - y0
    length = max(dx * dx + dy * dy, 1e-6)
    for j in range(max(0, int(min(y0, y1) - reach)), min(height, int(max(y0, y1) + reach) + 2)):
        for i in range(max(0, int(min(x0, x1) - reach)), min(width, int(max(x0, x1) + reach) + 2)):
            t = min(1.0, max(0.0, ((i - x0) * dx + (j - y0) * dy) / length))
            radius = r0 + (r1 - r0) * t
            nx = (i - x0 - t * dx) / radius
            ny = (j - y0 - t * dy) / radius
            inside = 1 - nx * nx - ny * ny
            if inside <= 0:
                continue
            nz = np.sqrt(inside)
            shade = max(0.0, nx * light[0] + ny * light[1] + nz * light[2])
            shade = 0.3 + 0.75 * shade + grain[j % grain.shape[0], i % grain.shape[1]]
            edge = min(1.0, inside * radius * 0.5)
            for c in range(3):
                image[j, i, c] += (color[c] * shade - image[j, i, c]) * edge


def limbs(image, rng):
    """Arms, fingers, balls and fruit: things of skin's color and roundness, and others."""
    grain = (fractal(rng, 128)[..., 0] * rng.uniform(0, 0.12)).astype(np.float32)
    for _ in range(rng.integers(1, 6)):
        color = skin_color(rng) if rng.random() < 0.75 else any_color(rng)
        light = rng.normal(size=3) * [1, 1, 0.5] + [0, -0.4, 0.8]
        light = (light / np.linalg.norm(light)).astype(np.float32)
        x, y = rng.uniform(-20, SIZE + 20, 2)
        radius = np.exp(rng.uniform(1.8, 4.3))
        angle = rng.uniform(0, 2 * np.pi)
        kind = rng.random()
        if kind < 0.35:
            draw_capsule(image, x, y, x, y + rng.uniform(0, 0.8) * radius, radius,
                         radius * rng.uniform(0.7, 1.2), color, light, grain)
        elif kind < 0.75:
            for bone in range(rng.integers(1, 4)):
                length = radius * rng.uniform(2, 7)
                x1, y1 = x + length * np.cos(angle), y + length * np.sin(angle)
                draw_capsule(image, x, y, x1, y1, radius, radius * 0.75, color, light, grain)
                x, y, angle, radius = x1, y1, angle + rng.normal(0, 1), radius * 0.75
        else:  # a hand: a palm and its fingers
            palm = min(radius, 30.0)
            draw_capsule(image, x, y, x + palm * 0.5, y, palm, palm, color, light, grain)
            for finger in range(5):
                to = angle + (finger - 2) * rng.uniform(0.15, 0.45)
                x1, y1 = x + palm * np.cos(to), y + palm * np.sin(to)
                length = palm * rng.uniform(0.8, 2)
                draw_capsule(image, x1, y1, x1 + length * np.cos(to), y1 + length * np.sin(to),
                             palm * 0.3, palm * 0.24, color, light, grain)


def foliage(image, rng):
    draw_on = Image.fromarray(np.clip(image, 0, 255).astype(np.uint8))
    draw = ImageDraw.Draw(draw_on)
    base = any_color(rng) if rng.random() < 0.3 else np.array([60, 110, 40]) * rng.uniform(0.4, 1.8)
    mean = np.exp(rng.uniform(1.2, 3.2))
    for _ in range(int(min(900, 60000 / mean**2))):
        x, y = rng.uniform(-10, SIZE + 10, 2)
        a, b = mean * rng.uniform(0.5, 1.6), mean * rng.uniform(0.2, 0.7)
        angle = rng.uniform(0, np.pi)
        along, across = np.array([np.cos(angle), np.sin(angle)]), np.array([-np.sin(angle), np.cos(angle)])
        corners = [along * a, across * b, -along * a, -across * b]
        draw.polygon([tuple(np.array([x, y]) + c) for c in corners],
                     fill=as_tuple(base * rng.uniform(0.3, 1.7) + rng.normal(0, 8, 3)))
    image[:] = np.asarray(draw_on)


def shapes(image, rng):
    draw_on = Image.fromarray(np.clip(image, 0, 255).astype(np.uint8))
    draw = ImageDraw.Draw(draw_on)
    for _ in range(rng.integers(2, 18)):
        color = as_tuple(skin_color(rng) if rng.random() < 0.3 else any_color(rng))
        x, y = rng.uniform(-60, SIZE + 20, 2)
        w, h = np.exp(rng.uniform(1.5, 5.2, 2))
        kind = rng.integers(6)
        outline = rng.random() < 0.25
        fill = dict(outline=color, width=int(rng.integers(1, 8))) if outline else dict(fill=color)
        if kind <= 1:
            draw.rectangle([x, y, x + w, y + h], **fill)
        elif kind == 2:
            draw.ellipse([x, y, x + w, y + h], **fill)
        elif kind == 3:
            corners = rng.normal(0, 50, (rng.integers(3, 7), 2)) + [x, y]
            draw.polygon([tuple(c) for c in corners], fill=color)
        elif kind == 4:
            points = np.cumsum(rng.normal(0, 50, (rng.integers(2, 6), 2)), 0) + [x, y]
            draw.line([tuple(p) for p in points], fill=color, width=int(np.exp(rng.uniform(0, 3))))
        else:  # windows, shelves, keys: a grid of equal boxes
            step = np.exp(rng.uniform(2, 4, 2))
            for r in range(rng.integers(2, 7)):
                for c in range(rng.integers(2, 7)):
                    left, top = x + c * step[0], y + r * step[1]
                    draw.rectangle([left, top, left + step[0] * 0.7, top + step[1] * 0.7], **fill)
    image[:] = np.asarray(draw_on)


def disks(image, rng):
    """Lamps out of focus, buttons, wheels and eye-like rings, single or in pairs."""
    draw_on = Image.fromarray(np.clip(image, 0, 255).astype(np.uint8))
    draw = ImageDraw.Draw(draw_on)
    for _ in range(rng.integers(2, 14)):
        x, y = rng.uniform(0, SIZE, 2)
        radius = np.exp(rng.uniform(1, 3.4))
        rings = [(radius * s, as_tuple(any_color(rng))) for s in np.sort(rng.uniform(0.2, 1, rng.integers(1, 4)))[::-1]]
        gap = radius * rng.uniform(2, 4)
        for copy in range(rng.integers(1, 3)):
            for r, color in rings:
                draw.ellipse([x + copy * gap - r, y - r, x + copy * gap + r, y + r], fill=color)
    image[:] = np.asarray(draw_on)


def writing(image, rng):
    draw_on = Image.fromarray(np.clip(image, 0, 255).astype(np.uint8))
    for _ in range(rng.integers(1, 4)):
        lines = ["".join(chr(c) for c in rng.integers(33, 123, rng.integers(3, 24)))
                 for _ in range(rng.integers(1, 8))]
        label = Image.new("L", (160, 12 * len(lines)))
        ImageDraw.Draw(label).multiline_text((1, 0), "\n".join(lines), fill=255, spacing=1)
        scale = np.exp(rng.uniform(-0.3, 1.6))
        label = label.resize([max(4, int(s * scale)) for s in label.size], Image.BILINEAR)
        label = label.rotate(rng.normal(0, 12), expand=True)
        at = tuple(int(v) for v in rng.integers(-40, SIZE - 40, 2))
        draw_on.paste(as_tuple(any_color(rng)), (*at, at[0] + label.width, at[1] + label.height), label)
    image[:] = np.asarray(draw_on)


def body_skin(image, rng, sheets):
    """Pieces of the skin sheets that show trunk, limbs, hands and feet, never the head."""
    for _ in range(rng.integers(1, 4)):
        sheet = sheets[rng.integers(len(sheets))]
        w, h = rng.integers(40, 220, 2)
        x, y = rng.integers(0, 320 - w + 1), rng.integers(0, 512 - h)
        scale = np.exp(rng.uniform(-1, 0.7))
        size = [max(8, int(s * scale)) for s in (w, h)]
        piece = sheet.crop((x, y, x + w, y + h)).resize(size, Image.BILINEAR)
        oval = Image.new("L", size)
        ImageDraw.Draw(oval).ellipse([0, 0, size[0] - 1, size[1] - 1], fill=255)
        angle = rng.uniform(0, 360)
        piece = piece.rotate(angle, Image.BILINEAR, expand=True)
        oval = oval.rotate(angle, Image.BILINEAR, expand=True)
        at = tuple(int(v) for v in rng.integers(-60, SIZE - 20, 2))
        under = Image.fromarray(np.clip(image, 0, 255).astype(np.uint8))
        under.paste(piece, at, oval.filter(ImageFilter.GaussianBlur(1)))
        image[:] = np.asarray(under)


def make_scene(rng, sheets):
    """One picture without faces, uint8 [SIZE, SIZE, 3]."""
    image = backdrop(rng)
    layers = [(foliage, 0.15), (shapes, 0.45), (disks, 0.2), (limbs, 0.4), (writing, 0.15)]
    for k in rng.permutation(len(layers)):
        layer, share = layers[k]
        if rng.random() < share:
            layer(image, rng)
    if rng.random() < 0.15:
        body_skin(image, rng, sheets)
    if rng.random() < 0.4:
        image += fractal(rng, channels=rng.choice([1, 3])) * rng.uniform(3, 25)
    scene = Image.fromarray(np.clip(image, 0, 255).astype(np.uint8))
    if rng.random() < 0.55:
        scene = scene.filter(ImageFilter.GaussianBlur(float(np.exp(rng.uniform(-0.7, 2)))))
    return np.asarray(scene)


def load_scenery(count=COUNT):
    """The cached pool of scenes [count, SIZE, SIZE, 3], made at first use."""
    path = CACHE / "scenery.npy"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        skins = sorted((SHARED / "data" / "makehuman" / "skins").glob("*.png"))
        sheets = [Image.open(p).convert("RGB").resize((512, 512)) for p in skins]
        scenes = np.stack([make_scene(np.random.default_rng([71, k]), sheets) for k in range(count)])
        partial = path.with_suffix(".partial.npy")
        np.save(partial, scenes)
        partial.rename(path)
    return np.load(path, mmap_mode="r")
