"""What the shipped head says of points on the mean face: its uv, and the part they belong to."""

import json
from functools import lru_cache

import numpy as np
from scipy.spatial import cKDTree

from .assets import EYES, SKIN, load_head
from .head.safetensors import read
from .paths import CACHE, OPEN_HEAD_DATA

SEGMENTS = ("background", "face", "ears", "neck", "eyes", "mouth", "hair", "other")
FACE, EARS, NECK, EYE, MOUTH, HAIR, OTHER = range(1, 8)
STEP = 0.1  # centimeters between the cells of the uv table
REACH = 0.5  # how far from the surface the table is filled
_PARTS = {"ears": EARS, "neck": NECK, "leftEyeball": EYE, "rightEyeball": EYE, "leftIris": EYE, "rightIris": EYE,
          "mouthInterior": MOUTH, "teeth": MOUTH, "tongue": MOUTH}  # fmt: skip


@lru_cache(maxsize=1)
def load_open_head():
    tensors, metadata = read(OPEN_HEAD_DATA / "head.safetensors")
    return tensors, json.loads(metadata["regionNames"])


@lru_cache(maxsize=1)
def vertex_segments():
    """The segment of every ICT vertex [V]; the bald scalp counts as face."""
    tensors, names = load_open_head()
    outer = np.array([n not in ("mouthInterior", "teeth", "tongue") for n in names])[tensors["regions"]]
    _, nearest = cKDTree(100 * tensors["mean"][outer]).query(load_head().neutral[:SKIN])
    segments = np.full(len(load_head().neutral), OTHER, np.uint8)
    segments[:SKIN] = [_PARTS.get(names[r], FACE) for r in tensors["regions"][outer][nearest]]
    segments[SKIN:13294] = MOUTH
    segments[13294:14062] = EYE
    segments[14062 : EYES[0][0]] = MOUTH
    segments[EYES[0][0] : EYES[1][1]] = EYE
    return segments


def surface_points(spacing=0.05):
    """Points all over the open mean face's outside (cm) and their uvs."""
    tensors, names = load_open_head()
    hidden = np.array([n in ("mouthInterior", "teeth", "tongue") for n in names])[tensors["regions"]]
    corners = tensors["triangles"].astype(int)
    shown = ~hidden[corners].any(1)
    positions, uvs = 100 * tensors["mean"][corners[shown]], tensors["uvs"][tensors["uvTriangles"].astype(int)[shown]]
    longest = np.linalg.norm(positions - np.roll(positions, 1, 1), axis=2).max(1)
    points, coordinates = [], []
    for parts in np.unique(np.ceil(longest / spacing).astype(int)):
        of = np.ceil(longest / spacing).astype(int) == parts
        i, j = np.meshgrid(np.arange(parts), np.arange(parts), indexing="ij")
        a, b = (i[i + j < parts] + 1 / 3) / parts, (j[i + j < parts] + 1 / 3) / parts
        weights = np.stack([a, b, 1 - a - b], 1)
        points.append(np.einsum("wk,tkc->twc", weights, positions[of]).reshape(-1, 3))
        coordinates.append(np.einsum("wk,tkc->twc", weights, uvs[of]).reshape(-1, 2))
    return np.concatenate(points), np.concatenate(coordinates)


@lru_cache(maxsize=1)
def uv_table():
    """(low corner [3] cm, table [X, Y, Z, 2] float16): the uv of the nearest surface point, 0 far from it."""
    cached = CACHE / "uv.npy"
    face = load_head().neutral[: EYES[1][1]]
    low = face.min(0) - 1
    if cached.exists():
        return low, np.load(cached, mmap_mode="r")
    points, uvs = surface_points()
    shape = np.ceil((face.max(0) + 1 - low) / STEP).astype(int)
    near = np.zeros(shape, bool)
    at = np.floor((points - low) / STEP).astype(int)
    at = at[((at >= 0) & (at < shape)).all(1)]
    near[tuple(at.T)] = True
    reach = int(REACH / STEP)
    for axis in range(3):  # a box around each surface cell
        grown = near.copy()
        for k in range(1, reach + 1):
            ahead, behind = [slice(None)] * 3, [slice(None)] * 3
            ahead[axis], behind[axis] = slice(k, None), slice(None, -k)
            grown[tuple(ahead)] |= near[tuple(behind)]
            grown[tuple(behind)] |= near[tuple(ahead)]
        near = grown
    cells = np.argwhere(near)
    _, nearest = cKDTree(points).query(low + (cells + 0.5) * STEP, workers=2)
    table = np.zeros((*shape, 2), np.float16)
    table[near] = uvs[nearest]
    CACHE.mkdir(parents=True, exist_ok=True)
    np.save(cached, table)
    return low, table


def uv_of(points):
    """uvs [..., 2] of points [..., 3] near the mean face, centimeters."""
    low, table = uv_table()
    cell = np.clip(((points - low) / STEP).astype(np.int32), 0, np.array(table.shape[:3]) - 1)
    return table[cell[..., 0], cell[..., 1], cell[..., 2]]
