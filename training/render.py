"""Renders people and writes them as shards: `python3 -m training.render --seed 1 --count 4000`.

One shard is the files NNN_*.npy described in README.md; a shard appears only when it is whole.
"""

import argparse
import os
import time
from dataclasses import dataclass

import numba
import numpy as np

from . import open_head, person, shapes
from .assets import EYES, LANDMARKS, NARROW_FACE, SKIN, load_hairs, load_head, load_skins
from .lighting import lamp_visibility, sample_light, shade
from .paths import PEOPLE
from .raster import FAR, draw_layer, fill, rasterize, sample_labels, vertex_normals

SIZE = 224  # side of the stored picture, pixels
SUPERSAMPLING = 2
CROP = 128  # side of the network's input: what a crop of 1.5 boxes is scaled to
LABELS = 88  # side of the label grid; one cell is 2 x 2 pixels, centered on the picture
UNIT = 1e-5  # meters per step of the stored labels
PIVOT = np.array([0, -1, 2], np.float32)  # what the camera looks at, centimeters


@dataclass(frozen=True)
class Camera:
    """x_camera = R (x - PIVOT) - (0, 0, distance); u = center + focal * x / depth. Pixels of the picture."""

    rotation: np.ndarray
    distance: float
    focal: float
    center: np.ndarray

    def to_view(self, points):
        return ((points - PIVOT) @ self.rotation.T).astype(np.float32)

    def to_screen(self, view, zoom=1.0):
        nearness = 1 / (self.distance - view[:, 2])
        return np.stack(
            [zoom * (self.center[0] + self.focal * view[:, 0] * nearness),
             zoom * (self.center[1] - self.focal * view[:, 1] * nearness),
             nearness * self.distance * self.distance], 1).astype(np.float32)  # fmt: skip


def box_side(points):
    """The crop rule's length: the mean of the longer side and the geometric mean side of the box."""
    width, height = np.ptp(points, axis=0)
    return (max(width, height) + np.sqrt(width * height)) / 2


def sample_camera(rng, positions):
    yaw = rng.normal(0, 25) if rng.random() < 0.45 else rng.uniform(-100, 100)
    pitch, roll = rng.normal(0, 16), rng.normal(0, 14)
    if rng.random() < 0.1:
        pitch, roll = rng.uniform(-40, 40), rng.uniform(-45, 45)
    rotation = shapes.rotation(*np.deg2rad([np.clip(yaw, -100, 100), pitch, roll]))
    distance = float(np.exp(rng.uniform(np.log(40), np.log(300))))
    rough = Camera(rotation, distance, 1.0, np.zeros(2))
    marks = rough.to_screen(rough.to_view(positions[LANDMARKS]))[:, :2]
    focal = CROP / (1.5 * rng.uniform(0.85, 1.25)) / box_side(marks)
    middle = (marks.min(0) + marks.max(0)) / 2
    return Camera(rotation, distance, focal, SIZE / 2 - focal * middle + rng.uniform(-1, 1, 2))


@numba.njit(cache=True, fastmath=True)
def paint_eyes(index, weights, triangles, first, mean, apexes, eyes, glint, image):
    """Multiplies the white-lit eyeballs by white, iris and pupil, drawn on the front of the sclera."""
    for j in range(index.shape[0]):
        for i in range(index.shape[1]):
            t = index[j, i]
            if t < 0:
                continue
            a, b, c = triangles[t]
            if a < first or a >= first + 3140:
                continue
            w0, w1 = weights[j, i]
            w2 = 1 - w0 - w1
            x = mean[a, 0] * w0 + mean[b, 0] * w1 + mean[c, 0] * w2
            y = mean[a, 1] * w0 + mean[b, 1] * w1 + mean[c, 1] * w2
            z = mean[a, 2] * w0 + mean[b, 2] * w1 + mean[c, 2] * w2
            side = 0 if x > 0 else 1
            dx, dy = x - apexes[side, 0], y - apexes[side, 1]
            distance = np.sqrt(dx * dx + dy * dy)
            inner = min(1.0, max(0.0, (eyes[6] - distance) / 0.08 + 0.5))
            if z < apexes[side, 2] - 0.9:
                inner = 0.0
            black = min(1.0, max(0.0, (eyes[7] - distance) / 0.05 + 0.5))
            rim = 1.0 - 0.5 * min(1.0, max(0.0, (distance - 0.7 * eyes[6]) / (0.3 * eyes[6])))
            for k in range(3):
                iris = eyes[3 + k] * rim * (1 - black) + 0.004 * black
                image[j, i, k] *= eyes[k] * (1 - inner) + iris * inner
            if (dx - glint[0]) ** 2 + (dy - glint[1]) ** 2 < glint[2] ** 2:
                for k in range(3):
                    image[j, i, k] += glint[3]


def place_hair(rng, hair, shift, color):
    """A hair style moved with the head's shape; every second one mirrored."""
    moved = hair.positions + (shift[hair.anchors] * hair.anchor_weights[..., None]).sum(1)
    size = np.exp(rng.normal(0, 0.02, 3)).astype(np.float32) * rng.uniform(1.0, 1.06)
    moved = (moved - PIVOT) * size + PIVOT
    triangles, uv_triangles = hair.triangles, hair.uv_triangles
    if rng.random() < 0.5:
        moved = moved * np.float32([-1, 1, 1])
    if rng.random() < 0.5:
        k = rng.normal(0, 0.25, (3, 3)).astype(np.float32)
        moved = moved + np.sin(moved @ k + rng.uniform(0, 6, 3).astype(np.float32)) * np.float32(rng.uniform(0, 0.5))
    tint = color / (hair.mean_color + 0.02 + 0.1 * hair.mean_color.mean()) * rng.uniform(0.8, 2.0)
    if rng.random() < 0.2:
        tint = np.full(3, np.exp(rng.normal(0, 0.4)))
    return moved.astype(np.float32), triangles, uv_triangles, np.float32(tint)


WHITE = np.ones((1, 1, 4), np.float32)
HAIR_POPULARITY = {"short01": 2, "short02": 4, "short03": 2, "short04": 4, "ponytail01": 3, "long01": 3,
                   "bob01": 2, "bob02": 2}  # fmt: skip


def wear(rng, positions, neutral, normals, hair):
    """Everything worn: (parts, the hair style or None)."""
    head = load_head()
    bald = rng.random() < 0.12
    parts = person.sample_shells(rng, positions, normals, hair, bald)
    style = None
    if not bald and rng.random() < 0.7:
        hairs = load_hairs()
        chance = np.array([HAIR_POPULARITY.get(h.name, 1.0) for h in hairs])
        style = hairs[rng.choice(len(hairs), p=chance / chance.sum())]
    if rng.random() < 0.9:
        parts.append(shapes.clothes(rng, rng.normal(0, [0.2, 0.08, 0.06])))
    front = np.flatnonzero((person.load_regions().scalp > 0.3) & (person.load_regions().scalp < 0.9)
                           & (head.neutral[:SKIN, 2] > 1))  # fmt: skip
    if not bald and rng.random() < 0.3:
        parts.append(shapes.strands(rng, positions[front], normals[front], hair))
    held = rng.random()
    if held < 0.2:
        place = rng.choice(np.flatnonzero(head.neutral[:NARROW_FACE, 2] > 3))
        skins = load_skins()
        color = skins[rng.integers(len(skins)), :NARROW_FACE].mean(0) * np.exp(rng.normal(0, 0.35))
        if held < 0.12:
            parts += shapes.hand(rng, positions[place], normals[place], color)
        else:
            parts.append(shapes.thing(rng, positions[place], normals[place]))
    if rng.random() < 0.25:
        apexes = np.array([positions[b:e][head.neutral[b:e, 2].argmax()] for b, e in EYES[::-1]])
        bridge = positions[:SKIN][(np.abs(head.neutral[:SKIN, 0]) < 0.6)
                                  & (np.abs(head.neutral[:SKIN, 1] - 3.6) < 0.8), 2].max()  # fmt: skip
        ears = np.abs(head.neutral[:SKIN, 1] - 3.3) < 1
        ears &= np.abs(head.neutral[:SKIN, 2] + 1) < 1.5
        reach = np.abs(positions[:SKIN][ears, 0]).max()
        parts += shapes.glasses(rng, apexes, bridge, np.array([[-reach, 3.3, -1], [reach, 3.3, -1]]))
    if rng.random() < 0.1:
        band = np.abs(head.neutral[:SKIN, 1] - 8.5) < 1
        skull = neutral[:SKIN]
        parts += shapes.hat(rng, np.abs(skull[band, 0]).max(), skull[band, 2].max(), skull[band, 2].min(),
                            6.5, skull[:, 1].max())  # fmt: skip
    return parts, style


def render(rng, positions, neutral):
    """One person: rgba [S, S, 4], `Labels`, landmarks [68, 2], which of them are seen [68], camera."""
    head = load_head()
    camera = sample_camera(rng, positions)
    hair = person.hair_color(rng)
    model_normals = vertex_normals(positions, head.skin)
    parts, style = wear(rng, positions, neutral, model_normals, hair)
    scalp = person.sample_scalp(rng)
    return draw(rng, positions, neutral, camera, sample_light(rng), person.sample_colors(rng, hair, scalp),
                person.sample_eyes(rng), rng.uniform(0.2, 0.7) * (rng.random() < 0.7), parts, style, hair, SIZE,
                SUPERSAMPLING, scalp > 0.5)  # fmt: skip


@dataclass(frozen=True)
class Labels:
    """On the grid: mean position, offset (cm) and unit normal [9, G, G]; amodal, visible [2, G, G]; segment [G, G]."""

    values: np.ndarray
    masks: np.ndarray
    segments: np.ndarray


def draw(rng, positions, neutral, camera, light, colors, eyes, lashes, parts, style, hair, size, zoom, cropped=False):
    """Picture [size, size, 4], labels if it has the stored size, what is seen, landmarks, camera; see render.

    `cropped`: the scalp shows hair, not skin.
    """
    head = load_head()
    side = size * zoom
    triangles = np.concatenate([head.surface, head.mouth])
    view = camera.to_view(positions)
    screen = camera.to_screen(view, zoom)
    depth = np.full((side, side), FAR, np.float32)
    index = np.full((side, side), -1, np.int32)
    weights = np.zeros((side, side, 2), np.float32)
    rasterize(screen, head.surface, depth, index, weights, 0)
    rasterize(screen, head.mouth, depth, index, weights, len(head.surface))

    shift = neutral - head.neutral
    worn = None if style is None else place_hair(rng, style, shift, hair)
    casters = [(view, head.skin)]
    casters += [(camera.to_view(p.positions), p.triangles) for p in parts
                if p.covers and not p.soft and len(p.triangles) > 500]  # fmt: skip
    if worn is not None and rng.random() < 0.8:
        casters.append((camera.to_view(worn[0]), worn[1]))
    lamps = np.ones((len(light.directions), len(positions)), np.float32)
    for k, dark in enumerate(light.shadows):
        if dark > 0:
            lamps[k] = 1 - dark * (1 - lamp_visibility(view, casters, light.directions[k]))

    smooth = vertex_normals(view, triangles)
    normals = smooth.copy()
    if rng.random() < 0.6:
        bumps = np.stack([person.wave(rng, 30, 64, 4) for _ in range(3)], 1) * rng.uniform(0, 0.08)
        normals[:SKIN] += bumps
        normals /= np.linalg.norm(normals, axis=1, keepdims=True) + 1e-9
    gloss = np.full(len(positions), 0.2, np.float32)
    gloss[:SKIN] = light.gloss * np.clip(1 + 0.4 * person.wave(rng, 0, 40), 0.2, 2)
    gloss[EYES[0][0] :] = 0
    openness = 1 - np.float32(rng.uniform(0.5, 1.0)) * (1 - head.openness)
    openness[11248:13294] *= 0.35
    openness[17039:21451] *= 0.6
    openness[EYES[0][0] : EYES[1][1]] = np.maximum(openness[EYES[0][0] : EYES[1][1]], 0.35)
    eye = np.array([0, 0, camera.distance], np.float32)
    lit = shade(view, normals, colors, openness, light.sky, light.directions, light.powers, lamps,
                light.wrap, gloss, light.sharpness, eye, False)  # fmt: skip
    image = np.zeros((side, side, 3), np.float32)
    alpha = np.zeros((side, side), np.float32)
    covered = np.zeros((side, side), np.uint8)
    fill(index, weights, triangles, lit, image, alpha)
    apexes = np.stack([head.neutral[b:e][head.neutral[b:e, 2].argmax()] for b, e in EYES])
    glint = np.array([*rng.uniform(-0.3, 0.3, 2), rng.uniform(0.0, 0.12), rng.uniform(0.2, 2)], np.float32)
    paint_eyes(index, weights, triangles, EYES[0][0], head.neutral, apexes, eyes, glint, image)
    exposure = lit[:NARROW_FACE].mean()

    def layer(view, tris, uv_tris, uv, texture, colors, opacity, threshold, soft, segment, shiny=0.0):
        n = len(view)
        open_sky = np.full(n, 0.8, np.float32)
        shown = shade(view, vertex_normals(view, tris), colors, open_sky, light.sky, light.directions, light.powers,
                      np.ones((len(light.directions), n), np.float32), light.wrap,
                      np.full(n, shiny, np.float32), light.sharpness, eye, True)  # fmt: skip
        draw_layer(camera.to_screen(view, zoom), tris, uv_tris, uv, texture, shown, opacity, depth, image, alpha,
                   covered, np.float32(threshold), soft, segment)  # fmt: skip

    if lashes > 0:
        draw_layer(screen, head.lashes, np.zeros_like(head.lashes), np.zeros((1, 2), np.float32), WHITE,
                   np.full_like(view, 0.004), np.full(len(view), lashes, np.float32), depth, image,
                   alpha, covered, np.float32(0.05), True, 0)  # fmt: skip
    for part in parts:
        layer(camera.to_view(part.positions), part.triangles, np.zeros_like(part.triangles),
              np.zeros((1, 2), np.float32), WHITE, part.colors, part.opacity, 0.02 if part.soft else 0.5, part.soft,
              (open_head.HAIR if part.hair else open_head.OTHER) if part.covers else 0, part.shiny)  # fmt: skip
    if worn is not None:
        moved, tris, uv_tris, tint = worn
        layer(camera.to_view(moved), tris, uv_tris, style.uv, style.texture, np.tile(tint, (len(moved), 1)),
              np.ones(len(moved), np.float32), rng.uniform(0.15, 0.55), rng.random() < 0.5,
              open_head.HAIR)  # fmt: skip

    marks = screen[LANDMARKS, :2] / zoom
    labels, seen = None, np.zeros(len(LANDMARKS), np.uint8)
    if size == SIZE:
        offset = positions - head.neutral
        attributes = np.concatenate([head.neutral, offset, smooth @ camera.rotation], 1).astype(np.float32)
        segments = open_head.vertex_segments()
        if cropped:
            segments = segments.copy()
            segments[:SKIN][person.load_regions().scalp > 0.5] = open_head.HAIR
        values, masks, kinds = sample_labels(index, weights, triangles, head.labelled, attributes, segments, covered,
                                             (SIZE - 2 * LABELS) // 2 * zoom, 2 * zoom, LABELS)  # fmt: skip
        values[6:] /= np.linalg.norm(values[6:], axis=0) + 1e-9
        labels = Labels(values, masks, kinds)
        i, j = (screen[LANDMARKS, :2].T.astype(int)).clip(0, side - 1)
        # Landmarks on the outline are seen up to the thickness of the skin they sit on.
        seen = ((screen[LANDMARKS, 2] > depth[j, i] - 0.4) & (covered[j, i] == 0)).astype(np.uint8)
    image *= light.exposure / (exposure + 1e-4)
    if rng.random() < 0.5:
        image = 1.2 * image / (1 + 0.25 * image)
    rgba = np.concatenate([np.minimum(image, 1.5) * alpha[..., None], alpha[..., None]], 2)
    rgba = sum(rgba[j::zoom, i::zoom] for j in range(zoom) for i in range(zoom)) / zoom**2
    opaque = rgba[..., 3:]
    rgba[..., :3] = (rgba[..., :3] / (opaque + 1e-6)).clip(0, 1) ** (1 / 2.2) * opaque
    return (rgba * 255 + 0.5).astype(np.uint8), labels, seen, marks, camera


def camera_in_meters(camera):
    """R [9], t [3] (m), focal, cx, cy (pixels of the stored picture): the project's camera convention."""
    t = -camera.rotation @ PIVOT - np.array([0, 0, camera.distance])
    return np.r_[camera.rotation.ravel(), t / 100, camera.focal, camera.center].astype(np.float32)


def steps(centimeters):
    return np.round(centimeters * (0.01 / UNIT)).clip(-32000, 32000).astype(np.int16)


def render_shard(number, seed, count, batch=16):
    rng = np.random.default_rng([seed, number])
    rows = []
    while len(rows) < count:
        shapes_, neutrals, coefficients = person.sample_shapes(rng, min(batch, count - len(rows)))
        for positions, neutral, coefficient in zip(shapes_, neutrals, coefficients):
            rgba, labels, seen, marks, camera = render(rng, positions, neutral)
            rows.append({
                "rgba": rgba,
                "labels": steps(labels.values[:6]),
                "masks": labels.masks,
                "normals": np.round(labels.values[6:] * 127).astype(np.int8),
                "segments": labels.segments,
                "landmarks": marks,
                "seen": seen,
                "camera": camera_in_meters(camera),
                "coefficients": coefficient.astype(np.float16),
                "positions": steps(positions),
            })  # fmt: skip
    PEOPLE.mkdir(parents=True, exist_ok=True)
    # rgba is renamed last: a reader that lists NNN_rgba.npy finds the rest in place.
    for name in reversed(rows[0]):
        partial = PEOPLE / f".{number:03d}_{name}.npy"
        np.save(partial, np.stack([row[name] for row in rows]))
        os.rename(partial, PEOPLE / f"{number:03d}_{name}.npy")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--shards", default="0:30", help="first:last shard number")
    parser.add_argument("--count", type=int, default=500, help="people in a shard")
    options = parser.parse_args()
    first, last = map(int, options.shards.split(":"))
    for number in range(first, last):
        if (PEOPLE / f"{number:03d}_rgba.npy").exists():
            continue
        start = time.time()
        render_shard(number, options.seed, options.count)
        print(f"shard {number}: {options.count / (time.time() - start):.1f} people per second", flush=True)


if __name__ == "__main__":
    main()
