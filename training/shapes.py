"""Procedural meshes worn by the people: lofts, tubes, glasses, hats, clothes. Centimeters."""

from dataclasses import dataclass, replace

import numpy as np


@dataclass(frozen=True)
class Part:
    """A mesh with linear colors [N, 3] and opacities [N]; `covers` hides the face beneath it, `hair` is labelled so."""

    positions: np.ndarray
    triangles: np.ndarray
    colors: np.ndarray
    opacity: np.ndarray
    covers: bool = True
    soft: bool = False
    shiny: float = 0.0
    hair: bool = False


def smoothstep(low, high, x):
    t = np.clip((x - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def grid_triangles(rows, columns, closed):
    """Triangles of a rows x columns grid of vertices; `closed` joins the last column to the first."""
    i, j = np.meshgrid(np.arange(rows - 1), np.arange(columns if closed else columns - 1), indexing="ij")
    a = i * columns + j
    b = i * columns + (j + 1) % columns
    quads = np.stack([a, b, b + columns, a + columns], -1).reshape(-1, 4)
    return np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]]).astype(np.int32)


def loft(rings, segments=40, power=2.3):
    """Superellipse rings (y, half width, front z, back z) joined into a tube; returns also angles.

    Angle 0 is the front, positive towards +x.
    """
    angle = np.linspace(-np.pi, np.pi, segments, endpoint=False)
    s, c = np.sin(angle), np.cos(angle)
    radius = (np.abs(s) ** power + np.abs(c) ** power) ** (-1 / power)
    rows = []
    for y, half_width, front, back in rings:
        middle, half_depth = (front + back) / 2, (front - back) / 2
        rows.append(
            np.stack([half_width * radius * s, np.full(segments, y), middle + half_depth * radius * c], 1)
        )
    positions = np.concatenate(rows).astype(np.float32)
    return positions, grid_triangles(len(rows), segments, True), np.tile(angle, len(rows))


def interpolate_rings(rings, count):
    """`count` rings spaced evenly along the given ones."""
    rings = np.asarray(rings, float)
    at = np.linspace(0, len(rings) - 1, count)
    return np.stack([np.interp(at, np.arange(len(rings)), rings[:, k]) for k in range(4)], 1)


def tube(points, radius, closed=False, sides=6):
    """A tube about points [N, 3]; the radius is a number or [N]."""
    points = np.asarray(points, float)
    along = np.roll(points, -1, 0) - np.roll(points, 1, 0) if closed else np.gradient(points, axis=0)
    along /= np.linalg.norm(along, axis=1, keepdims=True) + 1e-9
    side = np.cross(along, [0.03, 0.06, 1.0])
    side /= np.linalg.norm(side, axis=1, keepdims=True) + 1e-9
    up = np.cross(along, side)
    angle = np.linspace(0, 2 * np.pi, sides, endpoint=False)
    ring = side[:, None] * np.cos(angle)[None, :, None] + up[:, None] * np.sin(angle)[None, :, None]
    thick = np.broadcast_to(radius, len(points))[:, None, None]
    positions = (points[:, None] + thick * ring).reshape(-1, 3).astype(np.float32)
    triangles = grid_triangles(len(points), sides, True)
    if closed:
        last, first = (len(points) - 1) * sides, 0
        k = np.arange(sides)
        quads = np.stack([last + k, last + (k + 1) % sides, first + (k + 1) % sides, first + k], 1)
        triangles = np.concatenate([triangles, quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]]).astype(np.int32)
    return positions, triangles


def solid(positions, triangles, color, **options):
    count = len(positions)
    return Part(positions, triangles, np.tile(np.float32(color), (count, 1)),
                np.ones(count, np.float32), **options)


def cloth_color(rng):
    """A linear color, mostly muted."""
    gray = rng.random() ** 2 * 0.8
    return gray + (rng.random(3) ** 1.8 * 0.7 - gray) * rng.random() ** 1.5


def glasses(rng, eyes, bridge_z, temples):
    """Rims, bridge, temples and lenses in front of two eye apexes [2, 3] (right first)."""
    half_width, half_height = rng.uniform(2.2, 3.2), rng.uniform(1.4, 2.5)
    power = rng.uniform(2.0, 4.5)
    angle = np.linspace(0, 2 * np.pi, 36, endpoint=False)
    c, s = np.cos(angle), np.sin(angle)
    radius = (np.abs(c) ** power + np.abs(s) ** power) ** (-1 / power)
    frame = rng.random(3) ** 2 * 0.5 if rng.random() < 0.4 else np.full(3, rng.uniform(0.005, 0.05))
    thickness = rng.uniform(0.03, 0.08) if rng.random() < 0.4 else rng.uniform(0.08, 0.3)
    if thickness < 0.08 and rng.random() < 0.5:  # metal
        frame = np.array([0.5, 0.45, 0.35]) * rng.uniform(0.3, 1.4)
    plane = max(bridge_z + 0.2, eyes[:, 2].max() + 1.0)
    parts = []
    dark = rng.random() < 0.3
    for side, eye in zip((-1, 1), eyes):
        center_x = eye[0] + side * 0.15
        x = center_x + half_width * radius * c
        y = eye[1] - 0.3 + half_height * radius * s
        z = plane - 0.03 * (np.abs(x) - 1.0).clip(0) ** 2
        rim = np.stack([x, y, z], 1)
        middle = np.array([[center_x, eye[1] - 0.3, plane - 0.03 * (abs(center_x) - 1) ** 2 + 0.1]])
        lens = np.concatenate([rim, middle]).astype(np.float32)
        k = np.arange(36)
        fan = np.stack([k, (k + 1) % 36, np.full(36, 36)], 1).astype(np.int32)
        opacity = rng.uniform(0.75, 1.0) if dark else rng.uniform(0.0, 0.25)
        tint = np.full(3, rng.uniform(0.005, 0.06)) * np.exp(rng.normal(0, 0.3, 3)) if dark else np.full(3, rng.uniform(0.2, 1.5))
        parts.append(Part(lens, fan, np.tile(np.float32(tint), (37, 1)),
                          np.full(37, opacity, np.float32), soft=True, shiny=0.6 if dark else 0.1))
        if not dark and rng.random() < 0.25:  # a lamp or a window mirrored in the lens
            low, high = np.sort(rng.uniform(-0.8, 0.8, 2))
            corners = [[low, -0.5], [low + 0.3, 0.6], [high + 0.3, 0.6], [high, -0.5]] @ np.diag([half_width, half_height])
            streak = np.c_[corners * 0.8 + [center_x, eye[1] - 0.3], np.full(4, middle[0, 2] + 0.05)].astype(np.float32)
            parts.append(Part(streak, np.array([[0, 1, 2], [0, 2, 3]], np.int32), np.full((4, 3), 2.0, np.float32),
                              np.full(4, rng.uniform(0.1, 0.8), np.float32), soft=True))
        if rng.random() < 0.92:
            parts.append(solid(*tube(rim, thickness, closed=True), frame, shiny=0.3))
        outer = rim[np.argmax(side * x)]
        ear = temples[0 if side < 0 else 1]
        t = np.linspace(0, 1, 8)[:, None]
        arm = outer * (1 - t) + (ear + [side * 0.2, 0.3, 0]) * t
        arm[:, 0] += side * 0.9 * np.sin(np.pi * t[:, 0]) * 0.6
        parts.append(solid(*tube(arm, thickness * 0.9), frame, shiny=0.3))
    inner = half_width - abs(eyes[:, 0]).mean() - 0.15
    x = np.linspace(inner, -inner, 7)
    y = eyes[:, 1].mean() + 0.3 + 0.25 * (1 - (x / inner) ** 2)
    parts.append(solid(*tube(np.stack([x, y, np.full(7, plane)], 1), thickness), frame, shiny=0.3))
    return parts


def hat(rng, half_width, front, back, brow, top):
    """A beanie, a cap or a brimmed hat for a head of the given half width, depth and height."""
    gap = rng.uniform(0.3, 0.9)
    base = brow + rng.uniform(0.5, 4.0)
    color = cloth_color(rng)
    kind = rng.choice(["beanie", "cap", "brim"], p=[0.4, 0.35, 0.25])
    w, f, b = half_width + gap, front + gap, back - gap
    peak = top + rng.uniform(0.5, 2.0) if kind != "brim" else top + rng.uniform(1.0, 5.0)
    rings = [(base, w, f, b)]
    for t in np.linspace(0.15, 1, 9):
        shrink = (1 - t**3.2) ** 0.5 if kind != "brim" else (1 - 0.25 * t if t < 0.95 else 0.02)
        shrink = max(shrink, 0.02)
        middle = (f + b) / 2
        rings.append((base + (peak - base) * t, w * shrink, middle + (f - middle) * shrink,
                      middle + (b - middle) * shrink))  # fmt: skip
    positions, triangles, angle = loft(rings, 44)
    stripe = 1 + rng.uniform(0, 0.5) * np.sign(np.sin(positions[:, 1] * rng.uniform(0.5, 3)))
    colors = (color * (stripe[:, None] if rng.random() < 0.3 else 1) * np.ones((len(angle), 1)))
    parts = [Part(positions, triangles, colors.astype(np.float32), np.ones(len(angle), np.float32))]
    if kind != "beanie":
        reach, droop = rng.uniform(4, 7.5), rng.uniform(-0.3, 2.0)
        rings = [(base - droop * t, w + reach * t * (kind == "brim") + 0.2, f + reach * t,
                  b - reach * t * (kind == "brim")) for t in np.linspace(0, 1, 5)]  # fmt: skip
        positions, triangles, angle = loft(rings, 44)
        keep = np.ones(len(angle)) if kind == "brim" else smoothstep(0.25, 0.32, np.cos(angle) * 0.5)
        tint = color if rng.random() < 0.6 else rng.random(3) ** 2 * 0.6
        parts.append(Part(positions, triangles, np.tile(np.float32(tint), (len(angle), 1)),
                          keep.astype(np.float32)))  # fmt: skip
    tilt_x, tilt_z = rng.normal(0, 0.1), rng.normal(0, 0.06)
    turn = rotation(0 if rng.random() < 0.85 else rng.uniform(-2, 2), tilt_x, tilt_z)
    pivot = np.array([0, base, (front + back) / 2], np.float32)
    return [
        Part(((p.positions - pivot) @ turn.T + pivot).astype(np.float32), p.triangles, p.colors, p.opacity)
        for p in parts
    ]


def strands(rng, roots, outward, color):
    """Loose hair that falls from some of the roots [N, 3] over the face, `outward` [N, 3] unit."""
    count, side = int(np.exp(rng.uniform(1.5, 4.2))), rng.normal(0, 0.7)
    length, wavy, lift = rng.uniform(2, 9), rng.uniform(0, 0.5), rng.uniform(0.3, 1.0)
    center, spread = roots[rng.integers(len(roots))], rng.uniform(1.5, 8)
    near = np.flatnonzero(np.linalg.norm(roots - center, axis=1) < spread)
    parts, t = [], np.linspace(0, 1, 9)[:, None]
    for root in rng.choice(near, count):
        aim = np.array([side + rng.normal(0, 0.25), -1, 0.15 + 0.2 * rng.random()])
        path = roots[root] + outward[root] * lift * np.sin(0.5 * np.pi * np.minimum(1, 3 * t)) - [0, 0, 0.2]
        path = path + aim * length * rng.uniform(0.5, 1.1) * t + [0, 0, -1.2] * t**2
        path = path + wavy * np.sin(rng.uniform(2, 7) * t + rng.uniform(0, 6)) * rng.normal(size=3)
        radius = rng.uniform(0.02, 0.12) * np.sqrt(1.02 - t[:, 0])
        parts.append(solid(*tube(path, radius, sides=4), color * rng.uniform(0.6, 1.6), shiny=0.15))
    offsets = np.cumsum([0] + [len(p.positions) for p in parts[:-1]])
    return Part(np.concatenate([p.positions for p in parts]),
                np.concatenate([p.triangles + o for p, o in zip(parts, offsets)]).astype(np.int32),
                np.concatenate([p.colors for p in parts]), np.concatenate([p.opacity for p in parts]),
                shiny=0.15, hair=True)  # fmt: skip


def ellipsoid(center, radii, turn, rows=10, columns=14):
    """Positions and triangles of a closed ellipsoid; `turn` [3, 3] has its axes as columns."""
    up, around = np.linspace(0, np.pi, rows), np.linspace(0, 2 * np.pi, columns, endpoint=False)
    ball = np.stack([np.outer(np.sin(up), np.cos(around)), np.repeat(np.cos(up)[:, None], columns, 1),
                     np.outer(np.sin(up), np.sin(around))], 2).reshape(-1, 3)  # fmt: skip
    return ((ball * radii) @ np.asarray(turn).T + center).astype(np.float32), grid_triangles(rows, columns, True)


def facing_frame(rng, outward, most):
    """Axes as columns: across, along, and out of the face at a place whose normal is given."""
    out = outward / np.linalg.norm(outward)
    up = np.array([0, 1, 0]) - out[1] * out
    up /= np.linalg.norm(up) + 1e-6
    angle = rng.uniform(-most, most)
    along = up * np.cos(angle) + np.cross(out, up) * np.sin(angle)
    return np.stack([np.cross(along, out), along, out], 1)


def hand(rng, place, outward, color):
    """A hand laid on the face at a place with the given normal: palm, wrist, and fingers, some of them bent."""
    frame, size = facing_frame(rng, outward, 2.0), rng.uniform(0.8, 1.1)
    mirrored, lift = rng.choice([-1.0, 1.0]), rng.uniform(0.6, 1.5)
    at = lambda p: np.asarray(p, float) * [mirrored * size, size, size] @ frame.T + place + frame[:, 2] * lift  # noqa: E731
    shift = np.array([rng.uniform(-4, 4), rng.uniform(-9, -1), 0])
    parts = [solid(*ellipsoid(at(shift), np.array([4.2, 5.0, 1.3]) * size, frame), color, shiny=0.1)]
    wrist = [shift + [0, -y, 0.4 * rng.random()] for y in (3, 5, 8, 14, 22)]
    parts.append(solid(*tube(at(wrist), np.array([2.6, 2.6, 2.9, 3.4, 3.8]) * size, sides=10), color, shiny=0.1))
    fan, bend = rng.uniform(0.0, 0.18), rng.uniform(-0.2, 1.3)
    for k, (x, reach) in enumerate(((-3.1, 6.0), (-1.1, 7.4), (1.0, 7.8), (3.0, 7.0), (4.3, 5.5))):
        thumb = k == 4
        lean = 0.9 if thumb else (k - 1.5) * fan
        curl = rng.uniform(0, 0.4) if thumb else bend * rng.uniform(0.7, 1.2)
        base, points, angle = shift + ([x, -2.5, 0.2] if thumb else [x, 3.8, 0]), [], 0.0
        point = np.array(base, float)
        for step in range(9):
            points.append(point)
            angle = curl * max(0, step - 2) / 3
            point = point + reach / 8 * np.array([np.sin(lean) * np.cos(angle), np.cos(lean) * np.cos(angle), np.sin(angle)])
        radius = np.array([0.95, 0.95, 0.9, 0.9, 0.88, 0.85, 0.8, 0.65, 0.2]) * size * rng.uniform(0.85, 1.1)
        parts.append(solid(*tube(at(points), radius, sides=8), color * rng.uniform(0.92, 1.05), shiny=0.1))
    return parts


def thing(rng, place, outward):
    """Something held before the face: a cup, a telephone, a ball, a microphone."""
    frame, radii = facing_frame(rng, outward, np.pi), np.exp(rng.uniform(np.log(0.8), np.log(5.0), 3))
    center = place + frame[:, 2] * (radii[2] + rng.uniform(-0.3, 2))
    if rng.random() < 0.5:
        positions, triangles = ellipsoid(center, radii, frame)
    else:
        rows = [(y, radii[0], radii[2], -radii[2]) for y in np.linspace(-radii[1], radii[1], 8)]
        rows = [(rows[0][0], 0.02, 0.02, -0.02), *rows, (rows[-1][0], 0.02, 0.02, -0.02)]
        positions, triangles, _ = loft(rows, 28, rng.choice([2.0, 8.0]))
        positions = (positions @ frame.T + center).astype(np.float32)
    bands = 1 + rng.uniform(0, 0.6) * np.sign(np.sin(positions @ rng.normal(0, 1.2, 3)))
    part = solid(positions, triangles, cloth_color(rng), shiny=rng.uniform(0, 0.5))
    return replace(part, colors=(part.colors * bands[:, None]).clip(0.003, 1).astype(np.float32))


def clothes(rng, neck_turn):
    """Shoulders and chest under a garment with a round, high or open neck."""
    top = rng.choice([rng.uniform(-10.0, -8.5), rng.uniform(-13.5, -10.5)], p=[0.25, 0.75])
    broad = rng.uniform(0.85, 1.15)
    rings = interpolate_rings(
        [(top, 6.9, 5.6, -7.4), (min(top, -12.5) - 0.5, 9.6 * broad, 6.0, -9.2), (-15, 14.5 * broad, 6.8, -10.3),
         (-17.5, 19.5 * broad, 7.6, -10.8), (-21, 22 * broad, 8.6, -11.2), (-30, 22.5 * broad, 10.5, -11.5),
         (-48, 20.5 * broad, 11, -11)], 34)  # fmt: skip
    positions, triangles, angle = loft(rings, 56, 2.4)
    x, y, z = positions.T
    opacity = np.ones(len(angle), np.float32)
    if rng.random() < 0.45 and top < -10:
        deep, slope = rng.uniform(-22, -13.5), rng.uniform(0.7, 2.0)
        opacity = np.where((z > 0) & (y > deep + slope * np.abs(x)), 0.0, 1.0).astype(np.float32)
    color = cloth_color(rng)
    shade = np.ones(len(angle))
    style = rng.random()
    if style < 0.2:
        shade += 0.6 * np.sign(np.sin(y * rng.uniform(0.6, 3)))
    elif style < 0.35:
        shade += 0.5 * np.sign(np.sin(x * rng.uniform(0.6, 2)))
    folds = 1 + 0.25 * np.sin(x * 0.7 + y * 0.4 + rng.uniform(0, 6)) * np.sin(y * 0.5 + rng.uniform(0, 6))
    colors = color * (shade * folds)[:, None]
    if rng.random() < 0.3:
        colors = np.where((np.abs(x) < rng.uniform(2, 7))[:, None] & (z > 0)[:, None],
                          cloth_color(rng), colors)
    pivot = np.array([0, 0, -1.5], np.float32)
    positions = ((positions - pivot) @ rotation(*neck_turn).T + pivot).astype(np.float32)
    return Part(positions, triangles, colors.clip(0.003, 1).astype(np.float32), opacity)


def rotation(yaw, pitch, roll):
    """Rz(roll) Rx(pitch) Ry(yaw), radians."""
    cy, sy, cp, sp, cr, sr = np.cos(yaw), np.sin(yaw), np.cos(pitch), np.sin(pitch), np.cos(roll), np.sin(roll)
    about_y = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    about_x = np.array([[1, 0, 0], [0, cp, -sp], [0, sp, cp]])
    about_z = np.array([[cr, -sr, 0], [sr, cr, 0], [0, 0, 1]])
    return (about_z @ about_x @ about_y).astype(np.float32)
