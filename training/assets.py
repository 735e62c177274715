"""The free material the people are made of: the ICT head, MakeHuman skins and hair."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from PIL import Image

from .paths import CACHE, SHARED
from .raster import FAR, rasterize, vertex_normals

SKIN = 11248  # vertices before this one are skin: face, ears, neck, skull
FACE = 9409  # vertices before this one are labelled face
NARROW_FACE = 6706
EYES = ((21451, 23021), (23021, 24591))
LASHES = 25351

# The 68 landmarks in ICT's numbering.
LANDMARKS = np.array(
    [1225, 1888, 1052, 367, 1719, 1722, 2199, 1447, 966, 3661, 4390, 3927, 3924, 2608, 3272, 4088,
     3443, 268, 493, 1914, 2044, 1401, 3615, 4240, 4114, 2734, 2509, 978, 4527, 4942, 4857, 1140,
     2075, 1147, 4269, 3360, 1507, 1542, 1537, 1528, 1518, 1511, 3742, 3751, 3756, 3721, 3725,
     3732, 5708, 5695, 2081, 0, 4275, 6200, 6213, 6346, 6461, 5518, 5957, 5841, 5702, 5711, 5533,
     6216, 6207, 6470, 5517, 5966])  # fmt: skip


@dataclass(frozen=True)
class Head:
    """The ICT head in centimeters, with its modes as one matrix [157, 3V]."""

    neutral: np.ndarray
    basis: np.ndarray
    identities: int
    expressions: list
    surface: np.ndarray  # triangles that are always drawn: skin, eye sockets, eyeballs
    mouth: np.ndarray  # triangles drawn when the lips may part: mouth socket, gums, teeth
    lashes: np.ndarray
    skin: np.ndarray
    labelled: np.ndarray  # 1 for the triangles of surface + mouth that carry labels
    openness: np.ndarray  # ambient visibility of each vertex on the mean head, 0 to 1
    mirror: np.ndarray  # skin vertex on the other side

    def expression(self, name):
        return self.expressions.index(name)


@dataclass(frozen=True)
class Hair:
    name: str
    positions: np.ndarray
    uv: np.ndarray
    triangles: np.ndarray
    uv_triangles: np.ndarray
    anchors: np.ndarray
    anchor_weights: np.ndarray
    texture: np.ndarray
    mean_color: np.ndarray


def linear(image):
    return (np.asarray(image, np.float32) / 255) ** 2.2


def ambient_openness(neutral, triangles, directions=96):
    """Cosine-weighted share of directions in which each vertex sees the sky."""
    cached = CACHE / "openness.npy"
    if cached.exists():
        return np.load(cached)
    normals = vertex_normals(neutral, triangles)
    open_sum = np.zeros(len(neutral))
    weight_sum = np.full(len(neutral), 1e-6)
    size, scale = 400, 8.0
    for i in range(directions):
        z = 1 - 2 * (i + 0.5) / directions
        angle = i * np.pi * (3 - np.sqrt(5))
        to_sky = np.array([np.sqrt(1 - z * z) * np.cos(angle), z, np.sqrt(1 - z * z) * np.sin(angle)])
        u = np.cross(to_sky, [0.01, 0.02, 1])
        u /= np.linalg.norm(u)
        view = neutral @ np.stack([u, np.cross(to_sky, u), to_sky]).T.astype(np.float32)
        screen = np.stack(
            [view[:, 0] * scale + size / 2, view[:, 1] * scale + size / 2, view[:, 2]], 1
        ).astype(np.float32)
        depth = np.full((size, size), FAR, np.float32)
        rasterize(screen, triangles, depth, np.full((size, size), -1, np.int32),
                  np.zeros((size, size, 2), np.float32), 0)
        x, y = screen[:, :2].astype(int).clip(0, size - 1).T
        facing = np.clip(normals @ to_sky, 0, 1)
        open_sum += facing * (view[:, 2] > depth[y, x] - 0.45)
        weight_sum += facing
    openness = np.clip(open_sum / weight_sum, 0, 1).astype(np.float32)
    CACHE.mkdir(parents=True, exist_ok=True)
    np.save(cached, openness)
    return openness


@lru_cache(maxsize=1)
def load_head():
    data = np.load(SHARED / "data" / "ict-facekit" / "ict-facekit.npz")
    neutral = data["neutral"].astype(np.float32)
    triangles = data["triangles"].astype(np.int32)
    low, high = triangles.min(1), triangles.max(1)
    skin = high < SKIN
    mouth = (low >= SKIN) & (high < 13294) | (low >= 14062) & (high < 21451)
    surface = skin | (low >= 13294) & (high < 14062) | (low >= 21451) & (high < 24591)
    drawn = triangles[surface]
    labelled = (drawn.max(1) < FACE) | (drawn.min(1) >= 21451)
    count = len(data["identity"])
    return Head(
        neutral=neutral,
        basis=np.concatenate(
            [data["identity"].reshape(count, -1), data["expression"].reshape(-1, neutral.size)]
        ).astype(np.float32),
        identities=count,
        expressions=[str(name) for name in data["expressionNames"]],
        surface=np.ascontiguousarray(drawn),
        mouth=np.ascontiguousarray(triangles[mouth]),
        lashes=np.ascontiguousarray(triangles[low >= LASHES]),
        skin=np.ascontiguousarray(triangles[skin]),
        labelled=np.r_[labelled, np.zeros(mouth.sum(), bool)].astype(np.uint8),
        openness=ambient_openness(neutral, np.ascontiguousarray(triangles[high < 24591])),
        mirror=np.load(SHARED / "data" / "makehuman" / "ict-registered.npz")["mirror"],
    )


@lru_cache(maxsize=1)
def load_skins():
    """Linear colors of every skin at every skin vertex, [skins, SKIN, 3]."""
    folder = SHARED / "data" / "makehuman"
    uv = np.load(folder / "ict-registered.npz")["uv"]
    skins = []
    for path in sorted((folder / "skins").glob("*.png")):
        texels = linear(Image.open(path).convert("RGB"))
        rows, columns = texels.shape[:2]
        x = np.clip(uv[:, 0] * columns - 0.5, 0, columns - 1.001)
        y = np.clip((1 - uv[:, 1]) * rows - 0.5, 0, rows - 1.001)
        i, j = x.astype(int), y.astype(int)
        fx, fy = (x - i)[:, None], (y - j)[:, None]
        skins.append(
            (texels[j, i] * (1 - fx) + texels[j, i + 1] * fx) * (1 - fy)
            + (texels[j + 1, i] * (1 - fx) + texels[j + 1, i + 1] * fx) * fy
        )
    return np.stack(skins).astype(np.float32)


@lru_cache(maxsize=1)
def load_hairs():
    hairs = []
    for path in sorted((SHARED / "data" / "makehuman" / "wearables").glob("hair-*.npz")):
        data = np.load(path)
        texels = np.asarray(Image.open(path.with_suffix(".png")).convert("RGBA"), np.float32) / 255
        texels[..., :3] **= 2.2
        weight = texels[..., 3:]
        hairs.append(
            Hair(
                name=path.stem.removeprefix("hair-"),
                positions=data["positions"].astype(np.float32),
                uv=data["uv"].astype(np.float32),
                triangles=data["triangles"].astype(np.int32),
                uv_triangles=data["triangleUv"].astype(np.int32),
                anchors=data["anchorVertices"].astype(np.int32),
                anchor_weights=data["anchorWeights"].astype(np.float32),
                texture=np.ascontiguousarray(texels),
                mean_color=(texels[..., :3] * weight).sum((0, 1)) / (weight.sum() + 1e-3),
            )
        )
    return hairs
