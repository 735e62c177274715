"""The mean skin as a small texture, with lips, brows, eyes, teeth and mouth painted."""

import numpy as np
from PIL import Image
from scipy.ndimage import distance_transform_edt
from scipy.spatial import cKDTree

from .eyes import EYE_APEX, EYE_CENTER, IRIS_ANGLE
from .ict import SHARED, SKIN
from .landmarks import landmark_points
from .layout import RECTANGLES
from .mouth import CAP
from .render import buffers, rasterize

SIZE = 256
LIPS = np.array([0.40, 0.155, 0.135])
_OVER = 2  # painted at twice the size, then averaged


def build_albedo(ict, head) -> np.ndarray:
    """The head's texture [256×256×3] u8 sRGB, first row at the top (v = 1)."""
    skins = list(skin_colors())
    return (_encode(paint(ict, head, sum(skins) / len(skins), SIZE)) * 255 + 0.5).astype(np.uint8)


def paint(ict, head, skin, size, lips=LIPS) -> np.ndarray:
    """Linear color [size×size×3] of a head whose skin is given at ICT's vertices."""
    tensors, names = head.tensors, head.notes["regionNames"]
    mean = tensors["mean"].astype(np.float64)
    triangles = tensors["triangles"].astype(np.int64)
    uvs = tensors["uvs"].astype(np.float64)
    n = size * _OVER
    screen = np.stack([uvs[:, 0] * n, (1 - uvs[:, 1]) * n, np.zeros(len(uvs))], 1)
    owner, depth, bary = buffers(n, n)
    rasterize(screen, tensors["uvTriangles"].astype(np.int64), n, n, owner, depth, bary)
    covered = owner >= 0
    corners = triangles[owner[covered]]
    w = bary[covered]
    point = np.einsum("nk,nkc->nc", w, mean[corners])
    row, column = np.nonzero(covered)
    uv = np.stack([(column + 0.5) / n, 1 - (row + 0.5) / n], 1)

    def share(name):  # how much of a region a texel has, from its corners
        return np.einsum("nk,nk->n", w, (names[corners] == name).astype(float))

    color = _skin(ict, skin, point)
    _paint_face(color, point, share, landmark_points(ict), lips)
    chart = _charts(uv)
    color[chart == "mouthInterior"] = (0.24, 0.045, 0.045)
    color[chart == "tongue"] = (0.42, 0.12, 0.12)
    for name in ("leftEyeball", "rightEyeball"):
        m = chart == name
        color[m] = _eye(point[m] * ((1, 1, 1) if name == "leftEyeball" else (-1, 1, 1)))
    for name in ("upperTeeth", "lowerTeeth"):
        m = chart == name
        color[m] = _teeth(uv[m], name)

    image = np.zeros((n, n, 3))
    image[covered] = color
    on_skin = np.zeros((n, n), bool)
    on_skin[covered] = chart == "skin"
    image = _symmetric(image, on_skin)
    near = distance_transform_edt(~covered, return_distances=False, return_indices=True)
    image = image[near[0], near[1]]
    return image.reshape(size, _OVER, size, _OVER, 3).mean((1, 3))


def _charts(uv):
    chart = np.full(len(uv), "skin", dtype="<U16")
    for name, (left, bottom, right, top) in RECTANGLES.items():
        chart[(uv[:, 0] >= left) & (uv[:, 0] <= right) & (uv[:, 1] >= bottom) & (uv[:, 1] <= top)] = name
    return chart


def _decode(s):
    return np.where(s <= 0.04045, s / 12.92, ((s + 0.055) / 1.055) ** 2.4)


def _encode(l):
    l = l.clip(0, 1)
    return np.where(l <= 0.0031308, 12.92 * l, 1.055 * l ** (1 / 2.4) - 0.055)


def skin_colors():
    """Linear colors [N×3] of each of MakeHuman's skins at ICT's vertices."""
    folder = SHARED / "data/makehuman"
    uv = np.load(folder / "ict-registered.npz")["uv"]
    for path in sorted((folder / "skins").glob("*.png")):
        image = _decode(np.asarray(Image.open(path).convert("RGB")) / 255.0)
        h, wd = image.shape[:2]
        i = ((1 - uv[:, 1]) * h - 0.5).round().astype(int).clip(0, h - 1)
        j = (uv[:, 0] * wd - 0.5).round().astype(int).clip(0, wd - 1)
        yield image[i, j]


def _skin(ict, skin, point):
    """Linear color at surface points, of colors at ICT's vertices."""
    distance, near = cKDTree(ict.neutral[SKIN[0]:SKIN[1]]).query(point, 4)
    weight = 1 / (distance + 0.0005) ** 2
    return (weight[..., None] * skin[near]).sum(1) / weight.sum(1, keepdims=True)


def _paint_face(color, point, share, landmarks, lip_color):
    lips = share("lips")[:, None] ** 1.5
    color[:] += lips * (lip_color - color)
    lids = share("eyelids")[:, None]
    color *= 1 - 0.08 * lids
    for side in (1, -1):
        brow = landmarks[22:27] if side == 1 else landmarks[17:22][::-1]
        xs = np.abs(brow[:, 0])
        x = np.abs(point[:, 0])
        ok = (point[:, 0] * side > 0) & (x > xs[0] - 0.004) & (x < xs[-1] + 0.004) & (point[:, 2] > 0.03)
        y = np.interp(x, xs, brow[:, 1])
        along = ((x - xs[0]) / (xs[-1] - xs[0])).clip(0, 1)
        half = 0.0040 - 0.0024 * along**1.5
        ends = np.clip(np.minimum(x - xs[0] + 0.004, xs[-1] + 0.004 - x) / 0.006, 0, 1)
        amount = np.exp(-(((point[:, 1] - y) / half) ** 4)) * ends * ok * 0.72
        color[:] = color * (1 - amount[:, None]) + amount[:, None] * np.array([0.035, 0.022, 0.016])


def _eye(point):
    """Sclera, iris, limbus and pupil by the angle from the optical axis (left eye's frame)."""
    axis = EYE_APEX - EYE_CENTER
    ray = point - EYE_CENTER
    cos = ray @ axis / np.linalg.norm(ray, axis=1) / np.linalg.norm(axis)
    angle = np.degrees(np.arccos(cos.clip(-1, 1)))
    around = np.arctan2(ray[:, 1], ray[:, 0])
    color = np.tile(np.array([0.80, 0.77, 0.74]), (len(point), 1))
    color *= 1 - np.clip((angle - 35) / 60, 0, 0.35)[:, None] * (0.3, 0.8, 0.8)
    streak = 0.85 + 0.15 * np.sin(around * 23) * np.sin(around * 7 + 1)
    iris = np.array([0.13, 0.075, 0.04]) * (1.0 + 0.8 * np.clip((18 - angle) / 8, 0, 1))[:, None] * streak[:, None]

    def step(edge, soft):
        return np.clip((edge - angle) / soft + 0.5, 0, 1)[:, None]

    color += step(IRIS_ANGLE - 0.5, 1.6) * (iris - color)
    color *= 1 - 0.55 * np.exp(-(((angle - IRIS_ANGLE + 1.2) / 1.6) ** 2))[:, None]
    color *= 1 - 0.97 * step(8.5, 1.5)
    return color


def _teeth(uv, name):
    """Enamel with a thin line between neighbours, gum towards the root."""
    left, bottom, right, top = RECTANGLES[name]
    u = (uv[:, 0] - left) / (right - left)
    v = (uv[:, 1] - bottom) / (top - bottom)
    v = 1 - v if name == "upperTeeth" else v
    # Widths of the sixteen teeth, incisors to molars, along the arch.
    half = np.array([8.5, 6.8, 7.6, 7.0, 7.0, 10.0, 10.0, 9.0] if name == "upperTeeth" else
                    [5.4, 5.9, 6.9, 7.0, 7.2, 11.0, 10.5, 10.0])
    edges = np.cumsum(half) / half.sum()
    t = np.abs(2 * u - 1) / (1 - 2 * CAP)
    gap = np.abs(t[:, None] - np.concatenate([[0], edges])[None]).min(1)
    enamel = np.tile(np.array([0.72, 0.66, 0.54]), (len(uv), 1))
    enamel *= (1 - 0.45 * np.exp(-((gap / 0.009) ** 2)))[:, None]
    gum = np.array([0.42, 0.13, 0.12])
    scallop = 0.27 + 0.05 * np.clip(1 - gap / 0.05, 0, 1)
    amount = np.clip((scallop - np.minimum(v, 1.0)) / 0.04, 0, 1) + np.clip((v - 0.74) / 0.04, 0, 1)
    return enamel + amount.clip(0, 1)[:, None] * (gum - enamel)


def _symmetric(image, skin):
    both = skin & skin[:, ::-1]
    out = image.copy()
    out[both] = (image[both] + image[:, ::-1][both]) / 2
    return out
