"""The fifty-two ARKit expressions from ICT-FaceKit's shapes."""

import numpy as np

from .blink import close_lids
from .eyes import EYE_CENTER, look
from .mouth import tongue_out

_EYE = "eyeBlink eyeLookDown eyeLookIn eyeLookOut eyeLookUp eyeSquint eyeWide".split()

EXPRESSION_NAMES = [
    *(f"{n}{side}" for side in ("Left", "Right") for n in _EYE),
    "jawForward", "jawLeft", "jawRight", "jawOpen",
    "mouthClose", "mouthFunnel", "mouthPucker", "mouthLeft", "mouthRight",
    "mouthSmileLeft", "mouthSmileRight", "mouthFrownLeft", "mouthFrownRight",
    "mouthDimpleLeft", "mouthDimpleRight", "mouthStretchLeft", "mouthStretchRight",
    "mouthRollLower", "mouthRollUpper", "mouthShrugLower", "mouthShrugUpper",
    "mouthPressLeft", "mouthPressRight", "mouthLowerDownLeft", "mouthLowerDownRight",
    "mouthUpperUpLeft", "mouthUpperUpRight",
    "browDownLeft", "browDownRight", "browInnerUp", "browOuterUpLeft", "browOuterUpRight",
    "cheekPuff", "cheekSquintLeft", "cheekSquintRight",
    "noseSneerLeft", "noseSneerRight", "tongueOut",
]

# How far each weight strays in everyday faces; what is not named gets 0.4.
DEVIATIONS = {"eyeBlink": 0.5, "jawOpen": 0.45, "mouthSmile": 0.5, "mouthClose": 0.2, "jawLeft": 0.35,
              "jawRight": 0.35, "jawForward": 0.35, "mouthLeft": 0.35, "mouthRight": 0.35,
              "tongueOut": 0.35}


def opposite(name: str) -> str:
    """The expression seen in a mirror."""
    for a, b in (("Left", "Right"), ("Right", "Left")):
        if name.endswith(a):
            return name[: -len(a)] + b
    return name


def deviation(name: str) -> float:
    return DEVIATIONS.get(name, DEVIATIONS.get(name.removesuffix("Left").removesuffix("Right"), 0.4))


def build_expressions(ict, weights, mean, mirror, region, triangles):
    """weights [V×N] over ICT, mean [V×3] m, mirror [V], region: V names → [52×V×3] m."""
    raw = {name: _raw(ict, weights, mean, region, name) for name in EXPRESSION_NAMES}
    flip = np.array([-1.0, 1.0, 1.0])
    even = {n: (raw[n] + raw[opposite(n)][mirror] * flip) / 2 for n in EXPRESSION_NAMES}
    even["eyeBlinkLeft"] = close_lids(mean, even["eyeBlinkLeft"], triangles, region)
    even["eyeBlinkRight"] = even["eyeBlinkLeft"][mirror] * flip
    return np.stack([even[n] for n in EXPRESSION_NAMES])


def _raw(ict, weights, mean, region, name):
    if name == "tongueOut":
        out = np.zeros_like(mean)
        tongue = region == "tongue"
        out[tongue] = tongue_out(mean[tongue])
        return out
    if name in ("browInnerUp", "cheekPuff"):
        shape = ict.expression[f"{name}_L"] + ict.expression[f"{name}_R"]
    elif name.startswith(("jaw", "mouthLeft", "mouthRight")):
        shape = ict.expression[name]
    else:
        shape = ict.expression[name.replace("Left", "_L").replace("Right", "_R")]
    out = weights @ shape
    if name.startswith("eyeLook"):
        side = "left" if name.endswith("Left") else "right"
        ball = (region == f"{side}Eyeball") | (region == f"{side}Iris")
        center = EYE_CENTER * ((1, 1, 1) if side == "left" else (-1, 1, 1))
        out[ball] += look(mean[ball], center, name)
    return out
