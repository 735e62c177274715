"""Who is rendered: coefficients, expression, and colors of every vertex."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.spatial import cKDTree

from .assets import EYES, LANDMARKS, NARROW_FACE, SKIN, load_head, load_skins
from .shapes import Part, cloth_color, smoothstep

HAIR_COLORS = np.array(
    [[0.012, 0.010, 0.009], [0.03, 0.02, 0.015], [0.07, 0.04, 0.025], [0.14, 0.08, 0.04], [0.3, 0.18, 0.08],
     [0.5, 0.36, 0.18], [0.28, 0.08, 0.03], [0.25, 0.25, 0.25], [0.6, 0.58, 0.55]])  # fmt: skip
IRIS_COLORS = np.array(
    [[0.05, 0.025, 0.012], [0.12, 0.06, 0.03], [0.2, 0.13, 0.06], [0.13, 0.2, 0.12], [0.1, 0.2, 0.36],
     [0.22, 0.3, 0.36]])  # fmt: skip
UNUSED = ("PupilDilate_L", "PupilDilate_R", "mouthClose", "cheekRaiser_L", "cheekRaiser_R")


@dataclass(frozen=True)
class Regions:
    """Smooth masks and parameters over the skin vertices of the mean head, all [SKIN]."""

    lips: np.ndarray
    beard: np.ndarray
    mustache: np.ndarray
    seam: np.ndarray  # distance to the line where the lips meet
    scalp: np.ndarray
    brow_along: np.ndarray  # 0 at the outer end, 1 at the inner one
    brow_up: np.ndarray
    brow_aside: np.ndarray
    eyelids: np.ndarray  # distance to the nearer eye
    waves: np.ndarray  # [SKIN, 64] smooth random fields, long waves first


@lru_cache(maxsize=1)
def load_regions():
    skin = load_head().neutral[:SKIN]
    marks = load_head().neutral[LANDMARKS]
    x, y, z = skin.T
    wide = np.abs(x)

    outline = marks[48:60, :2]
    following = np.roll(outline, -1, 0)
    crossing = (outline[:, 1] > skin[:, None, 1]) != (following[:, 1] > skin[:, None, 1])
    slope = (following[:, 0] - outline[:, 0]) / (following[:, 1] - outline[:, 1] + 1e-9)
    inside = (crossing & (x[:, None] < outline[:, 0] + slope * (skin[:, None, 1] - outline[:, 1]))).sum(1) % 2
    edge = np.linalg.norm(skin[:, None, :2] - outline, axis=2).min(1)
    lips = np.maximum(inside, np.clip(1 - edge / 0.25, 0, 1)) * (z > 7.5)

    upper = np.interp(wide, [0, 2.4, 3.6, 5.5, 7.2, 8], [-1.5, -1.7, -2.6, -2.2, 1.0, 3.0])
    beard = smoothstep(-0.4, 0.5, upper - y) * smoothstep(-10.5, -8.5, y) * smoothstep(0.8, 2.4, z)
    beard *= (wide < 8.1) * (1 - lips)
    mustache = beard * smoothstep(-4.4, -3.6, y) * smoothstep(3.8, 3.0, wide)

    hairline = np.interp(z, [-9, -6, -4, -2.5, 1.5, 2.8, 4, 6, 8.5, 12], [-6, -5, -2, 4.2, 4.2, 2.5, 5.5, 8.3, 9.8, 10])
    scalp = smoothstep(-0.6, 1.0, y - hairline) * ~((wide > 8.15) & (y < 4.3))

    brow = [np.full(SKIN, 99.0), np.zeros(SKIN), np.zeros(SKIN)]  # distance, along, up
    for chain in (marks[17:22], marks[22:27][::-1]):
        for k in range(4):
            step = chain[k + 1] - chain[k]
            t = np.clip((skin - chain[k]) @ step / (step @ step), 0, 1)
            away = skin - (chain[k] + t[:, None] * step)
            distance = np.linalg.norm(away, axis=1)
            near = distance < brow[0]
            for field, value in zip(brow, (distance, (k + t) / 4, away[:, 1])):
                field[near] = value[near]
    eyes = [marks[[37, 38, 40, 41]].mean(0), marks[[43, 44, 46, 47]].mean(0)]
    inner, share = np.append(marks[60:68], marks[60:61], 0), np.linspace(0, 1, 6)[:, None, None]
    seam = (inner[:-1] * (1 - share) + inner[1:] * share).reshape(-1, 3)
    rng = np.random.default_rng(5)
    frequency = rng.normal(size=(64, 3)) * np.geomspace(0.12, 5.0, 64)[:, None]
    return Regions(
        lips=lips.astype(np.float32),
        beard=beard.astype(np.float32),
        mustache=mustache.astype(np.float32),
        seam=cKDTree(seam).query(skin)[0].astype(np.float32),
        scalp=scalp.astype(np.float32),
        brow_along=brow[1].astype(np.float32),
        brow_up=brow[2].astype(np.float32),
        brow_aside=np.sqrt(np.maximum(brow[0] ** 2 - brow[2] ** 2, 0)).astype(np.float32),
        eyelids=np.min([np.linalg.norm(skin - eye, axis=1) for eye in eyes], axis=0).astype(np.float32),
        waves=np.cos(skin @ frequency.T + rng.uniform(0, 2 * np.pi, 64)).astype(np.float32),
    )


def wave(rng, low, high, count=3):
    """A smooth random field over the skin, about unit size, from wave numbers low to high of 64."""
    chosen = rng.integers(low, high, count)
    return load_regions().waves[:, chosen] @ rng.normal(0, 1, count).astype(np.float32)


def sample_expression(rng):
    """Weights of the expression shapes, biased to what photos show and to what is hard."""
    head = load_head()
    weights = np.zeros(len(head.expressions), np.float32)

    def add(name, amount, asymmetry=0.3):
        if name in head.expressions:
            weights[head.expression(name)] += amount
        else:
            for side in ("_L", "_R"):
                weights[head.expression(name + side)] += amount * (1 - asymmetry * rng.random())

    kind = rng.random()
    if kind < 0.1:
        return weights
    if kind < 0.25:  # a grin with teeth
        strength = rng.uniform(0.4, 1.0)
        add("mouthSmile", strength, 0.15)
        add("mouthUpperUp", strength * rng.uniform(0.2, 0.9), 0.2)
        add("mouthLowerDown", strength * rng.uniform(0.1, 0.7), 0.2)
        add("cheekSquint", strength * rng.random())
        add("mouthStretch", 0.5 * strength * rng.random())
    elif rng.random() < 0.4:
        add("mouthSmile", rng.beta(1.5, 1.5))
    jaw = rng.random()
    if jaw < 0.3:
        add("jawOpen", 0.02 + 0.6 * rng.beta(1.0, 2.0))
    elif jaw < 0.42:
        add("jawOpen", rng.uniform(0.5, 1.1))
    for name, chance, most in (
        ("mouthUpperUp", 0.3, 0.9), ("mouthLowerDown", 0.3, 0.9), ("cheekSquint", 0.25, 1.0),
        ("browInnerUp", 0.3, 1.0), ("browOuterUp", 0.25, 1.0), ("browDown", 0.25, 1.0),
        ("eyeWide", 0.2, 1.0), ("eyeSquint", 0.25, 1.0),
    ):  # fmt: skip
        if rng.random() < chance:
            add(name, most * rng.random(), 0.45)
    for name in ("mouthPucker", "mouthFunnel", "mouthFrown", "mouthStretch", "mouthDimple", "mouthPress",
                 "mouthShrugLower", "mouthShrugUpper", "mouthRollLower", "mouthRollUpper", "noseSneer",
                 "cheekPuff", "jawForward"):  # fmt: skip
        if rng.random() < 0.1:
            add(name, 0.85 * rng.random(), 0.5)
    for name in ("jawLeft", "jawRight", "mouthLeft", "mouthRight"):
        if rng.random() < 0.05:
            add(name, 0.7 * rng.random())
    lids = rng.random()
    if lids < 0.3:
        add("eyeBlink", rng.beta(1, 2.5))
    elif lids < 0.42:
        add("eyeBlink", rng.uniform(0.85, 1.0), 0.05)
    elif lids < 0.45:
        weights[head.expression("eyeBlink_" + rng.choice(["L", "R"]))] = rng.uniform(0.7, 1.0)
    if lids < 0.45:
        weights[[head.expression("eyeWide_L"), head.expression("eyeWide_R")]] = 0
    aside, up = rng.normal(0, 0.4, 2)
    weights[head.expression("eyeLookOut_L" if aside > 0 else "eyeLookIn_L")] = abs(aside)
    weights[head.expression("eyeLookIn_R" if aside > 0 else "eyeLookOut_R")] = abs(aside)
    for side in ("_L", "_R"):
        weights[head.expression(("eyeLookUp" if up > 0 else "eyeLookDown") + side)] = abs(up)
    return weights.clip(0, 1.15)


def sample_shapes(rng, count):
    """Heads [count, V, 3] in centimeters, their neutral faces, and the coefficients behind them.

    One photo does not tell a large head far away from a small one near, so every neutral face is
    scaled and moved to the mean's size and place: what is left to learn is seen in the picture.
    """
    head = load_head()
    identity = rng.normal(0, 1.15, (count, head.identities)).clip(-3, 3).astype(np.float32)
    expression = np.stack([sample_expression(rng) for _ in range(count)])
    modes = np.concatenate([identity, expression], 1)
    neutral = head.neutral + (identity @ head.basis[: head.identities]).reshape(count, -1, 3)
    whole = neutral + (expression @ head.basis[head.identities :]).reshape(count, -1, 3)
    stretch = np.exp(rng.normal(0, 0.03, (count, 1, 3))).astype(np.float32)
    neutral, whole = neutral * stretch, whole * stretch
    mean = head.neutral[:NARROW_FACE]
    center = neutral[:, :NARROW_FACE].mean(1, keepdims=True)
    away, mean_away = neutral[:, :NARROW_FACE] - center, mean - mean.mean(0)
    scale = (away * mean_away).sum((1, 2)) / (away**2).sum((1, 2))
    place = lambda x: ((x - center) * scale[:, None, None] + mean.mean(0)).astype(np.float32)  # noqa: E731
    return place(whole), place(neutral), modes


def hair_color(rng):
    return HAIR_COLORS[rng.integers(len(HAIR_COLORS))] * np.exp(rng.normal(0, 0.3) + rng.normal(0, 0.1, 3))


def blend(colors, over, amount):
    return colors * (1 - amount[:, None]) + over * amount[:, None]


def sample_scalp(rng):
    """How strongly hair colors the scalp."""
    return rng.uniform(0.4, 1.0) if rng.random() < 0.75 else 0.0


def sample_colors(rng, hair, scalp=None):
    """Linear colors of every vertex [V, 3]; eyeballs stay white, `sample_eyes` paints them."""
    scalp = sample_scalp(rng) if scalp is None else scalp
    head, region, skins = load_head(), load_regions(), load_skins()
    first, second = skins[rng.integers(len(skins), size=2)]
    share = np.clip(rng.random() + 0.4 * wave(rng, 0, 16, 1), 0, 1)[:, None]
    skin = first * share + second * (1 - share) if rng.random() < 0.6 else first
    if rng.random() < 0.3:
        skin = skin[head.mirror]
    tone = skin[:NARROW_FACE].mean(0)
    detail = np.log((skin + 1e-3) / tone) * rng.uniform(0.7, 1.7)
    tone = tone * np.exp(rng.normal(0, 0.35) + rng.normal(0, 0.1, 3))
    if rng.random() < 0.25:
        tone = np.array([0.75, 0.5, 0.38]) * np.exp(rng.normal(0, 0.45) + rng.normal(0, 0.1, 3))
    mottle = 0.05 * wave(rng, 0, 40, 5) + 0.05 * rng.random() * wave(rng, 35, 64, 4)
    mottle += rng.normal(0, 0.03 * rng.random(), SKIN)
    skin = tone * np.exp(detail + mottle[:, None])
    blush = np.exp(-((region.eyelids - 4.0) / 2.0) ** 2) * rng.uniform(0, 0.25)
    skin = blend(skin, skin * [1.25, 0.8, 0.8], blush)

    if rng.random() < 0.6:
        tint = rng.uniform([0.7, 0.35, 0.4], [1.4, 0.95, 0.95]) * rng.uniform(0.5, 1.15)
        skin = blend(skin, skin * tint, region.lips)
    if rng.random() < 0.3:
        skin = blend(skin, skin * rng.uniform(0.2, 0.9, 3),
                     np.exp(-(region.eyelids / rng.uniform(1.2, 2.2)) ** 2) * rng.uniform(0.1, 0.6))
    if rng.random() < 0.35:
        stubble = region.beard * rng.uniform(0.1, 0.8) * np.clip(1 + 0.3 * wave(rng, 20, 64), 0, 1.3)
        skin = blend(skin, hair * rng.uniform(0.6, 1.2), np.clip(stubble, 0, 1))
    if scalp > 0:
        skin = blend(skin, hair, region.scalp * scalp)
    if rng.random() < 0.5:  # the dark line between lips, be they closed or not
        skin = blend(skin, skin * rng.uniform(0.05, 0.6),
                     np.exp(-((region.seam / rng.uniform(0.12, 0.35)) ** 2)) * rng.uniform(0.3, 1.0))
    if rng.random() < 0.95:
        thick, low, arch = rng.uniform(0.22, 0.75), rng.uniform(-0.75, 0.1), rng.normal(0, 0.12)
        up = region.brow_up - low - arch * np.sin(np.pi * region.brow_along)
        width = thick * (0.4 + 0.6 * np.sin(np.pi * np.clip(0.1 + 0.85 * region.brow_along, 0, 1)) ** 0.7)
        brow = np.exp(-((up / width) ** 4)) * np.exp(-((region.brow_aside / 0.35) ** 2)) * (np.abs(up) < 1.5)
        brow *= rng.uniform(0.35, 1.0) * np.clip(1 + 0.25 * wave(rng, 50, 64), 0.3, 1.2)
        skin = blend(skin, hair * 0.6 if rng.random() < 0.6 else np.full(3, 0.02), np.clip(brow, 0, 1))

    colors = np.zeros_like(head.neutral)
    colors[:SKIN] = skin.clip(0.003, 1.2)
    flesh = np.array([0.27, 0.07, 0.06]) * np.exp(rng.normal(0, 0.3))
    colors[SKIN:13294] = flesh * 0.5
    colors[13294:14062] = tone * 0.5
    colors[14062:17039] = flesh * 1.1
    colors[17039:21451] = np.array([0.75, 0.7, 0.58]) * rng.uniform(0.6, 1.1)
    colors[EYES[0][0] : EYES[1][1]] = 1
    colors[24591:] = 0.01
    return colors


def sample_eyes(rng):
    """Colors and radii (cm) of the painted eyes: [white r,g,b, iris r,g,b, iris radius, pupil radius]."""
    white = np.array([0.75, 0.7, 0.66]) * rng.uniform(0.55, 1.1)
    iris = IRIS_COLORS[rng.integers(len(IRIS_COLORS))] * np.exp(rng.normal(0, 0.25, 3))
    radius = rng.uniform(0.54, 0.66)
    return np.r_[white, iris, radius, radius * rng.uniform(0.25, 0.5)].astype(np.float32)


def shell(positions, normals, mask, thickness, colors, covers, floor=0.12, hair=False):
    """The skin under `mask` moved out by `thickness` [SKIN]: short hair, a beard, a hood, a mask."""
    triangles = load_head().skin
    triangles = triangles[(mask[triangles] > floor).any(1)]
    return Part(
        hair=hair,
        positions=(positions[:SKIN] + normals[:SKIN] * (thickness * mask)[:, None]).astype(np.float32),
        triangles=np.ascontiguousarray(triangles),
        colors=np.broadcast_to(colors, (SKIN, 3)).astype(np.float32),
        opacity=mask.astype(np.float32),
        covers=covers,
        soft=True,
    )


def sample_shells(rng, positions, normals, hair, bald):
    """Beards, cropped hair, hoods and face masks, as parts."""
    region, parts = load_regions(), []
    x, y, z = load_head().neutral[:SKIN].T
    strands = lambda: np.clip(1 + 0.35 * wave(rng, 40, 64, 4), 0.2, 2)[:, None]  # noqa: E731
    if rng.random() < 0.18:
        style = rng.random()
        area = region.beard
        if style < 0.25:
            area = region.mustache
        elif style < 0.45:
            area = area * smoothstep(4.2, 2.8, np.abs(x))
        area = area * np.clip(1.05 + 0.3 * wave(rng, 40, 64), 0, 1)
        length = np.exp(rng.uniform(-1.8, 0.7)) * (0.5 + smoothstep(-3, -8, y)) * np.clip(1 + 0.2 * wave(rng, 10, 40), 0.3, 2)
        parts.append(shell(positions, normals, np.clip(area, 0, 1), length, hair * strands(), False, 0.3))
    if not bald and rng.random() < 0.5:
        area = region.scalp * np.clip(1.1 + 0.3 * wave(rng, 20, 64), 0, 1)
        if rng.random() < 0.3:  # receding
            area = area * smoothstep(9.0, 5.0, z - 0.3 * np.abs(x) + rng.uniform(-3, 3))
        length = np.exp(rng.uniform(-1.2, 1.3)) * np.clip(1 + 0.25 * wave(rng, 8, 40), 0.2, 2)
        parts.append(shell(positions, normals, np.clip(area, 0, 1), length, hair * strands(), True, 0.3, True))
    cover = rng.random()
    cloth = cloth_color(rng)
    if cover < 0.06:  # hood or scarf
        opening = rng.uniform(3.0, 6.5)
        area = np.maximum(smoothstep(opening, opening - 1, z - 0.25 * (np.abs(y) - 2).clip(0)),
                          smoothstep(8.0, 9.0, y - rng.uniform(-1, 3)))
        area = np.maximum(area, smoothstep(-8, -9, y)) * (y > -15)
        parts.append(shell(positions, normals, area, rng.uniform(0.7, 2.0) * np.clip(1 + 0.2 * wave(rng, 8, 40), 0.5, 2),
                           cloth * np.clip(1 + 0.1 * wave(rng, 8, 50), 0.5, 2)[:, None], True, 0.4))
    elif cover < 0.09:  # face mask
        top = rng.uniform(-1.0, 1.5)
        area = smoothstep(top + 0.3, top - 0.3, y) * smoothstep(-9.6, -8.6, y) * smoothstep(3.0, 4.0, z)
        parts.append(shell(positions, normals, area, rng.uniform(0.4, 0.9), cloth, True, 0.4))
    return parts
