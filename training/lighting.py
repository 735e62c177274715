"""Light on the people: a soft sky, one to three lamps with cast shadows, a little gloss."""

from dataclasses import dataclass

import numba
import numpy as np

from .raster import FAR, rasterize


@dataclass(frozen=True)
class Light:
    """`sky` [3, 4] is irradiance per color as constant and linear in the normal; lamps are directional."""

    sky: np.ndarray
    directions: np.ndarray
    powers: np.ndarray
    shadows: np.ndarray  # how dark each lamp's cast shadow is, 0 = none
    wrap: float
    gloss: float
    sharpness: float
    exposure: float  # mean linear brightness of the lit face in the picture


def sample_light(rng):
    count = rng.integers(1, 4)
    directions = rng.normal(size=(count, 3))
    directions[:, 2] = np.abs(directions[:, 2]) * 1.2 + np.where(np.arange(count) == 0, 0.2, -0.3)
    directions[:, 1] += rng.choice([0.5, 0.5, 1.0, -0.3], count)
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    powers = np.exp(rng.normal(0, 0.13, (count, 3))) * rng.uniform(0.2, 1.6, (count, 1))
    powers[1:] *= 0.6
    level = rng.uniform(0.02, 0.12) if rng.random() < 0.3 else rng.uniform(0.12, 0.9)
    sky = np.empty((3, 4))
    sky[:, :1] = np.exp(rng.normal(0, 0.13, (3, 1)))
    sky[:, 1:] = rng.normal(0, 0.35, 3) + rng.normal(0, 0.08, (3, 3))
    cast = rng.random(count) < 0.75 - 0.25 * np.arange(count)
    return Light(
        sky=(sky * level).astype(np.float32),
        directions=directions.astype(np.float32),
        powers=powers.astype(np.float32),
        shadows=(cast * rng.uniform(0.5, 1.0, count)).astype(np.float32),
        wrap=float(rng.uniform(0, 0.5)),
        gloss=float(rng.uniform(0, 0.25) ** 1.3),
        sharpness=float(rng.uniform(6, 40)),
        exposure=float(rng.uniform(0.05, 0.36) if rng.random() < 0.8 else rng.uniform(0.04, 0.6)),
    )


def lamp_visibility(positions, casters, direction, size=144, scale=3.2, bias=0.6):
    """Share of a lamp's light that reaches each vertex [V], from an orthographic depth map.

    `casters` lists (positions, triangles) in the same frame, centimeters.
    """
    side = np.cross(direction, [0.1, 1, 0.05])
    side /= np.linalg.norm(side)
    frame = np.stack([side, np.cross(direction, side), direction]).astype(np.float32).T
    depth = np.full((size, size), FAR, np.float32)
    index, weights = np.zeros((size, size), np.int32), np.zeros((size, size, 2), np.float32)

    def project(points):
        seen = (points @ frame).astype(np.float32)
        seen[:, :2] = seen[:, :2] * scale + size / 2
        return seen

    for points, triangles in casters:
        rasterize(project(points), triangles, depth, index, weights, 0)
    seen = project(positions)
    x, y = np.clip(seen[:, 0] - 0.5, 0, size - 1.01), np.clip(seen[:, 1] - 0.5, 0, size - 1.01)
    i, j = x.astype(np.int32), y.astype(np.int32)
    fx, fy = x - i, y - j
    lit = lambda row, column: seen[:, 2] > depth[row, column] - bias  # noqa: E731
    return (lit(j, i) * (1 - fx) + lit(j, i + 1) * fx) * (1 - fy) + (
        lit(j + 1, i) * (1 - fx) + lit(j + 1, i + 1) * fx
    ) * fy


@numba.njit(cache=True, fastmath=True)
def shade(positions, normals, colors, openness, sky, directions, powers, visibility, wrap, gloss,
          sharpness, eye, two_sided):  # fmt: skip
    """Outgoing light of every vertex [N, 3]; `visibility` is [lamps, N], `gloss` [N]."""
    out = np.empty_like(colors)
    for i in range(positions.shape[0]):
        nx, ny, nz = normals[i]
        vx, vy, vz = eye[0] - positions[i, 0], eye[1] - positions[i, 1], eye[2] - positions[i, 2]
        inverse = 1 / np.sqrt(vx * vx + vy * vy + vz * vz + 1e-9)
        vx, vy, vz = vx * inverse, vy * inverse, vz * inverse
        if two_sided and nx * vx + ny * vy + nz * vz < 0:
            nx, ny, nz = -nx, -ny, -nz
        shine0 = shine1 = shine2 = 0.0
        lit0 = lit1 = lit2 = 0.0
        for k in range(directions.shape[0]):
            lx, ly, lz = directions[k]
            toward = nx * lx + ny * ly + nz * lz
            soft = (toward + wrap) / (1 + wrap) * visibility[k, i]
            if soft > 0:
                lit0 += powers[k, 0] * soft
                lit1 += powers[k, 1] * soft
                lit2 += powers[k, 2] * soft
            if gloss[i] > 0 and toward > 0:
                hx, hy, hz = vx + lx, vy + ly, vz + lz
                cosine = (nx * hx + ny * hy + nz * hz) / np.sqrt(hx * hx + hy * hy + hz * hz + 1e-9)
                if cosine > 0.5:
                    strength = gloss[i] * cosine**sharpness * visibility[k, i]
                    shine0 += powers[k, 0] * strength
                    shine1 += powers[k, 1] * strength
                    shine2 += powers[k, 2] * strength
        for c in range(3):
            ambient = sky[c, 0] + sky[c, 1] * nx + sky[c, 2] * ny + sky[c, 3] * nz
            if ambient < 0.02:
                ambient = 0.02
            ambient *= openness[i]
            if c == 0:
                out[i, c] = colors[i, c] * (ambient + lit0) + shine0
            elif c == 1:
                out[i, c] = colors[i, c] * (ambient + lit1) + shine1
            else:
                out[i, c] = colors[i, c] * (ambient + lit2) + shine2
    return out
