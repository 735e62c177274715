"""Puts rendered people into procedural scenery: pictures of crowds with the boxes of their faces."""

import io
from dataclasses import dataclass

import numba
import numpy as np
from PIL import Image, ImageEnhance, ImageFilter

from ..paths import PEOPLE
from .foreground import cloth, strands
from .people import FOLDER, roll_of
from .scenery import SIZE as SCENE, limbs

NOISE = np.random.default_rng(5).normal(size=1 << 20).astype(np.float32)
SEEN = 0.45  # share of a face's landmarks that must be seen for it to be asked for
HIDDEN = 0.08  # with less than this it counts as not there
MOST = 12  # faces in a picture
SMALLEST = 11.0  # pixels: smaller faces are neither asked for nor held against the network


@dataclass(frozen=True)
class Crowd:
    """A picture uint8 [S, S, 3]; boxes [N, 4] (center x, y, width, height), rolls [N] and, of the
    faces that are too small or too hidden to ask for, `ignored` [N]."""

    image: np.ndarray
    boxes: np.ndarray
    rolls: np.ndarray
    ignored: np.ndarray


class People:
    """All rendered people: the large ones, and the dense network's for small faces."""

    def __init__(self, held_out=False):
        self.held_out = held_out
        self.refresh()

    def refresh(self):
        def read(folder, names):
            shards = []
            for path in sorted(folder.glob("[0-9][0-9][0-9]_rgba.npy")):
                if (int(path.name[:3]) == 0) != self.held_out:
                    continue  # shard 0 of each kind is kept for validation
                load = lambda name: np.load(path.with_name(f"{path.name[:3]}_{name}.npy"), mmap_mode="r")  # noqa: E731
                shards.append([load(name) for name in names])
            return shards

        self.large = read(FOLDER, ("rgba", "landmarks", "roll"))
        self.small = read(PEOPLE, ("rgba", "landmarks", "camera"))

    def pick(self, rng, size):
        """A person for a face of `size` pixels: rgba, landmarks, roll (NaN: no face to be found)."""
        small = self.small and (not self.large or (size < 80 and rng.random() < 0.6))
        shards = self.small if small else self.large
        rgba, landmarks, last = shards[rng.integers(len(shards))]
        k = rng.integers(len(rgba))
        roll = roll_of(last[k, :9].reshape(3, 3)) if small else last[k]
        return rgba[k], landmarks[k], float(roll)


def halve(rgba):
    even = rgba[: rgba.shape[0] // 2 * 2, : rgba.shape[1] // 2 * 2].astype(np.uint16)
    return ((even[::2, ::2] + even[1::2, ::2] + even[::2, 1::2] + even[1::2, 1::2] + 2) // 4).astype(np.uint8)


@numba.njit(cache=True, fastmath=True)
def paste(image, owner, person, inverse, gain, extend, mark):
    """Blends a premultiplied picture over `image` through the map from image to picture pixels.

    Below its last row the picture is continued by `extend` rows: the trunk below the shoulders.
    """
    height, width = image.shape[:2]
    rows, columns = person.shape[0], person.shape[1]
    for j in range(height):
        for i in range(width):
            x = inverse[0, 0] * (i + 0.5) + inverse[0, 1] * (j + 0.5) + inverse[0, 2] - 0.5
            y = inverse[1, 0] * (i + 0.5) + inverse[1, 1] * (j + 0.5) + inverse[1, 2] - 0.5
            if x < 0 or y < 0 or x > columns - 1 or y > rows - 1 + extend:
                continue
            y = min(y, rows - 1.001)
            x = min(x, columns - 1.001)
            x0, y0 = int(x), int(y)
            fx, fy = x - x0, y - y0
            a00, a01, a10, a11 = (1 - fx) * (1 - fy), fx * (1 - fy), (1 - fx) * fy, fx * fy
            alpha = (a00 * person[y0, x0, 3] + a01 * person[y0, x0 + 1, 3]
                     + a10 * person[y0 + 1, x0, 3] + a11 * person[y0 + 1, x0 + 1, 3])  # fmt: skip
            if alpha < 1:
                continue
            for c in range(3):
                value = (a00 * person[y0, x0, c] + a01 * person[y0, x0 + 1, c]
                         + a10 * person[y0 + 1, x0, c] + a11 * person[y0 + 1, x0 + 1, c])  # fmt: skip
                image[j, i, c] = image[j, i, c] * (1 - alpha / 255) + min(value * gain[c], alpha)
            if alpha > 128:
                owner[j, i] = mark


def sample_roll(rng):
    kind = rng.random()
    if kind < 0.5:
        return rng.normal(0, 0.25)
    return rng.uniform(-1.1, 1.1) if kind < 0.75 else rng.uniform(-np.pi, np.pi)


def backdrop(rng, scenery, size):
    scene = scenery[rng.integers(len(scenery))]
    side = int(rng.uniform(0.45, 1) * SCENE)
    x, y = rng.integers(0, SCENE - side + 1, 2)
    crop = Image.fromarray(scene[y : y + side, x : x + side]).resize((size, size), Image.BILINEAR)
    image = np.asarray(crop, np.float32).copy()
    if rng.random() < 0.5:
        image = np.ascontiguousarray(image[:, ::-1])
    return image[..., rng.permutation(3)].copy() if rng.random() < 0.2 else image


def place_person(rng, people, size, side, taken):
    """Where a face of `size` pixels may go: (picture, image-to-picture map, landmarks, roll) or None.

    One in fourteen has the face beyond the border: a body alone is no face.
    """
    rgba, marks, roll = people.pick(rng, size)
    low, high = marks.min(0), marks.max(0)
    width, height = high - low
    scale = size / np.sqrt(width * height)
    turn = sample_roll(rng)
    c, s = np.cos(turn), np.sin(turn)
    flip = -1.0 if rng.random() < 0.5 else 1.0
    matrix = scale * np.array([[c, s], [-s, c]]) @ np.diag([flip, 1.0])
    moved = (marks - (low + high) / 2) @ matrix.T
    outside = rng.random() < 0.07
    for _ in range(6):
        if outside:
            center = side / 2 - (side / 2 + size * rng.uniform(0.6, 1)) * np.array([s, c])
            center += rng.normal(0, 0.25 * side) * np.array([c, -s])
            break
        center = rng.uniform(-0.1 * size, side + 0.1 * size, 2) if rng.random() < 0.3 else rng.uniform(
            min(0.35 * size, side / 2), max(side - 0.35 * size, side / 2), 2)
        if all(np.max(np.abs(center - t[:2])) > 0.42 * (size + t[2]) for t in taken):
            break
    else:
        return None
    taken.append((*center, size))
    shift = center - matrix @ ((low + high) / 2)
    inverse = np.linalg.inv(matrix)
    inverse = np.concatenate([inverse, (-inverse @ shift)[:, None]], 1)
    while scale < 0.7 and min(rgba.shape[:2]) > 16:
        rgba, scale, inverse = halve(rgba), scale * 2, inverse / 2
    return np.ascontiguousarray(rgba), inverse, moved + center, flip * roll + turn


def make_crowd(rng, people, scenery, side=256):
    """One training picture before photographic effects."""
    image = backdrop(rng, scenery, side)
    owner = np.full((side, side), -1, np.int32)
    kind = rng.random()
    count = 0 if kind < 0.06 else 1 if kind < 0.25 else int(rng.integers(2, 8 if kind < 0.85 else MOST + 1))
    largest = 1.15 * side if count <= 1 else 0.75 * side if count <= 3 else 0.4 * side if count <= 7 else 0.2 * side
    for _ in range(rng.choice([0, 1, 2], p=[0.6, 0.25, 0.15])):
        cloth(image, rng)
    sizes = np.sort(np.exp(rng.uniform(np.log(12), np.log(largest), count)))
    taken, faces = [], []
    light = np.exp(rng.normal(0, 0.1, 3))
    for k, size in enumerate(sizes):
        placed = place_person(rng, people, size, side, taken)
        if placed is None:
            continue
        rgba, inverse, marks, roll = placed
        extend = rgba.shape[0] * rng.uniform(0.3, 2) if rng.random() < 0.85 else 0.0
        gain = (light * np.exp(rng.normal(0, 0.05, 3)) * np.exp(rng.normal(0, 0.25))).astype(np.float32)
        paste(image, owner, rgba, inverse.astype(np.float32), gain, np.float32(extend), k)
        faces.append((marks, roll, k))
        if size > 24 and rng.random() < 0.15:
            strands(image, rng, (marks.min(0) + marks.max(0)) / 2, size)
    if rng.random() < 0.15:
        owner[cloth(image, rng)] = -2
    if rng.random() < 0.15:
        before = image.copy()
        limbs(image, rng)
        owner[np.abs(image - before).max(2) > 0.5] = -2
    if rng.random() < 0.12:  # something flat in front
        w, h = (np.exp(rng.uniform(2.5, 4.8, 2))).astype(int)
        x, y = rng.integers(0, max(1, side - w)), rng.integers(0, max(1, side - h))
        image[y : y + h, x : x + w] = backdrop(rng, scenery, side)[y : y + h, x : x + w]
        owner[y : y + h, x : x + w] = -2
    boxes, rolls, ignored = [], [], []
    for marks, roll, k in faces:
        if np.isnan(roll):
            continue
        low, high = marks.min(0), marks.max(0)
        inner = (marks + (low + high) / 2 * 0.15 / 0.85) * 0.85
        column, row = np.floor(inner).astype(int).T
        inside = (column >= 0) & (row >= 0) & (column < side) & (row < side)
        seen = (owner[row[inside], column[inside]] == k).sum() / len(marks)
        if seen < HIDDEN:
            continue
        center, size = (low + high) / 2, high - low
        boxes.append([*center, *size])
        rolls.append(roll)
        outside = np.any(center < 0) or np.any(center >= side)
        ignored.append(bool(seen < SEEN or outside or np.sqrt(size.prod()) < SMALLEST))
    return Crowd(image.clip(0, 255).astype(np.uint8), np.array(boxes, np.float32).reshape(-1, 4),
                 np.array(rolls, np.float32), np.array(ignored, bool))  # fmt: skip


def photograph(image, rng):
    """What cameras, lamps, scans and compression do to a picture, uint8 in and out."""
    side = image.shape[0]
    if rng.random() < 0.25:  # a shadow's edge or light from one side
        y, x = np.mgrid[:side, :side].astype(np.float32) / side - 0.5
        angle = rng.uniform(0, 2 * np.pi)
        ramp = (np.cos(angle) * x + np.sin(angle) * y + rng.uniform(-0.3, 0.3)) * np.exp(rng.uniform(0.5, 3))
        image = image * (1 - rng.uniform(0, 0.75) / (1 + np.exp(-4 * ramp)))[..., None].astype(np.float32)
    levels = np.linspace(0, 1, 256, dtype=np.float32)
    curve = levels ** np.exp(rng.uniform(-0.5, 0.6))
    strong = rng.random() < 0.12
    contrast, middle = (rng.uniform(1.3, 2.2) if strong else rng.uniform(0.6, 1.3)), rng.uniform(0.3, 0.6)
    curve = (curve - middle) * contrast + middle + rng.uniform(-0.12, 0.12)
    tones = np.stack([curve * g for g in np.exp(rng.normal(0, 0.08, 3))], 1)
    picture = np.asarray(image, np.uint8)
    picture = np.stack([(tones[:, c].clip(0, 1) * 255).astype(np.uint8)[picture[..., c]] for c in range(3)], 2)
    photo = Image.fromarray(picture)
    if rng.random() < 0.17:
        photo = ImageEnhance.Color(photo).enhance(0.0)
    elif rng.random() < 0.6:
        photo = ImageEnhance.Color(photo).enhance(rng.uniform(0.3, 1.4))
    sharpness = rng.random()
    if sharpness < 0.25:
        photo = photo.filter(ImageFilter.GaussianBlur(rng.uniform(0.4, 1.7)))
    elif sharpness < 0.4:
        small = int(side * rng.uniform(0.35, 0.8))
        photo = photo.resize((small, small), Image.BILINEAR).resize((side, side), Image.BICUBIC)
    elif sharpness < 0.65:
        photo = photo.filter(ImageFilter.UnsharpMask(rng.uniform(0.8, 2), int(rng.uniform(40, 200)), 0))
    if rng.random() < 0.4:
        channels = 3 if rng.random() < 0.5 else 1
        start = rng.integers(0, len(NOISE) - side * side * channels)
        noise = NOISE[start : start + side * side * channels].reshape(side, side, channels)
        noisy = np.asarray(photo) + noise * np.float32(rng.uniform(1, 16))
        photo = Image.fromarray(noisy.clip(0, 255).astype(np.uint8))
    if rng.random() < 0.35:
        file = io.BytesIO()
        photo.save(file, "JPEG", quality=int(rng.integers(20, 85)))
        photo = Image.open(file)
    return np.asarray(photo)


def letterbox(crowd, rng):
    """Black bars, as padding and scans have them; faces whose center they cover are not asked for."""
    side = crowd.image.shape[0]
    image, cut = crowd.image.copy(), rng.uniform(0, 0.25, 4) * side * (rng.random(4) < 0.5)
    left, top, right, bottom = (int(v) for v in (cut[0], cut[1], side - cut[2], side - cut[3]))
    image[:top], image[bottom:], image[:, :left], image[:, right:] = 0, 0, 0, 0
    x, y, w, h = crowd.boxes.T
    hidden = (x - w / 4 < left) | (x + w / 4 > right) | (y - h / 4 < top) | (y + h / 4 > bottom)
    return Crowd(image, crowd.boxes, crowd.rolls, crowd.ignored | hidden)


def training_picture(rng, people, scenery, side=256):
    crowd = make_crowd(rng, people, scenery, side)
    crowd = Crowd(photograph(crowd.image, rng), crowd.boxes, crowd.rolls, crowd.ignored)
    return letterbox(crowd, rng) if rng.random() < 0.1 else crowd
