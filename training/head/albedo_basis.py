"""How skins and eyes differ: a linear model about the mean texture, in sRGB bytes.

Skin modes are the principal components of MakeHuman's skins, +1σ each, over the whole layout at half the
texture's size; eye modes lead from the mean's brown iris (0) to another color (1), over the eyeballs alone."""

import numpy as np

from .albedo import LIPS, SIZE, _encode, build_albedo, paint, skin_colors
from .eyes import IRIS_ANGLE
from .layout import RECTANGLES

SKIN_SIZE = SIZE // 2
# The first tells light from dark; the eighth keeps less than a five-hundredth of the variance.
MODES = 8
# Linear colors of irises.
EYES = {"blue": (0.13, 0.22, 0.33), "green": (0.13, 0.17, 0.075), "dark": (0.035, 0.018, 0.010)}
_BROWN = np.array([0.13, 0.075, 0.04])


def build_albedo_basis(ict, head) -> tuple[dict, dict]:
    """→ tensors and metadata to go with the head's albedo."""
    skins = list(skin_colors())
    mean = sum(skins) / len(skins)
    looks = []
    for skin in skins:
        # Lips are as light or dark as the skin about them, but for their own red.
        tone = np.median(skin / np.maximum(mean, 1e-3), axis=0)
        looks.append(_encode(paint(ict, head, skin, SKIN_SIZE, LIPS * tone ** 0.8)) * 255)
    looks = np.stack(looks)
    flat = (looks - looks.mean(0)).reshape(len(looks), -1)
    u, s, vt = np.linalg.svd(flat, full_matrices=False)
    share = np.cumsum(s**2) / (s**2).sum()
    k = MODES
    modes = (s[:k, None] / np.sqrt(len(looks)) * vt[:k]).reshape(k, SKIN_SIZE, SKIN_SIZE, 3)
    # A sign that does not depend on the solver: lighter is positive.
    sign = np.where(modes.sum((1, 2, 3)) < 0, -1, 1)
    modes *= sign[:, None, None, None]
    spread = u[:, :k] * np.sqrt(len(looks)) * sign
    skin, skin_scales = _quantize(modes)

    left, top, right, bottom = _eyeballs()
    eyes = np.stack([_eye_mode(ict, head, np.array(c))[top:bottom, left:right] for c in EYES.values()])
    eyes, eye_scales = _quantize(eyes)
    print(f"{k} skin modes keep {share[k - 1]:.4f} of the variance: {share[:k].round(4).tolist()}")
    return {"skinBasis": skin, "eyeBasis": eyes}, {
        "skinScales": skin_scales,
        "skinRange": np.stack([spread.min(0), spread.max(0)], 1).round(3).ravel().tolist(),
        "eyeScales": eye_scales, "eyeNames": list(EYES), "eyeOrigin": [left, top],
    }


def _quantize(modes):
    scales = np.abs(modes).max((1, 2, 3)) / 127
    return np.round(modes / scales[:, None, None, None]).astype(np.int8), [round(float(x), 6) for x in scales]


def _eyeballs():
    """The two eyeballs' charts, texels of the mean: left, top, right, bottom."""
    left, bottom, _, top = RECTANGLES["rightEyeball"]
    right = RECTANGLES["leftEyeball"][2]
    return int(left * SIZE), int((1 - top) * SIZE), int(np.ceil(right * SIZE)), int(np.ceil((1 - bottom) * SIZE))


def _irises():
    """1 at texels of the two irises, by their distance from the middle of an eyeball's chart."""
    y, x = (np.mgrid[:SIZE, :SIZE] + 0.5) / SIZE
    out = np.zeros((SIZE, SIZE))
    for name in ("leftEyeball", "rightEyeball"):
        left, bottom, right, top = RECTANGLES[name]
        radius = np.hypot((x - (left + right) / 2) / (right - left), (1 - y - (bottom + top) / 2) / (top - bottom))
        out[radius < 0.5 * ((IRIS_ANGLE + 1.5) / 180) ** 0.6] = 1
    return out


def _eye_mode(ict, head, color):
    """What an iris of this color adds to the mean texture: its brown texels keep their pattern."""
    albedo = head.tensors["albedo"] if "albedo" in head.tensors else build_albedo(ict, head)
    brown = albedo.astype(np.float64)
    linear = np.where(brown / 255 <= 0.04045, brown / 255 / 12.92, ((brown / 255 + 0.055) / 1.055) ** 2.4)
    # Brown is red at a third of the sclera's: how far a texel is from white towards brown.
    chroma = (linear[..., 0] - linear[..., 2]) / np.maximum(linear[..., 0], 1e-3)
    amount = (np.clip((chroma - 0.2) / 0.35, 0, 1) * _irises())[..., None]
    return amount * (_encode(linear * (color / _BROWN)) * 255 - brown)
