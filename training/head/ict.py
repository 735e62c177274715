"""ICT-FaceKit as it lies beside the project: neutral, modes, expressions, and its mirror map."""

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.spatial import cKDTree

REPOSITORY = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("HEADFORM_SHARED", REPOSITORY.parent / "shared"))

# Vertex ranges of ICT-FaceKit light.
FACE = (0, 9409)
SKIN = (0, 11248)
MOUTH_SOCKET = (11248, 13294)
EYE_SOCKETS = (13294, 14062)
GUMS_AND_TONGUE = (14062, 17039)
UPPER_TEETH = (17039, 19247)
LOWER_TEETH = (19247, 21451)
LEFT_EYEBALL = (21451, 22221)
RIGHT_EYEBALL = (23021, 23791)
HEAD_END = 24591  # what follows are lashes, tear lines and other films over the eye


@dataclass(frozen=True)
class Ict:
    """neutral [N×3] m, identity [100×N×3] m at +1σ, expression [E×N×3] m at weight 1,
    triangles [F×3], mirror [N]: the vertex at the reflected place."""

    neutral: np.ndarray
    identity: np.ndarray
    expression: dict
    triangles: np.ndarray
    mirror: np.ndarray


def load_ict() -> Ict:
    path = SHARED / "data/ict-facekit/ict-facekit.npz"
    data = np.load(path)
    neutral = data["neutral"].astype(np.float64) * 0.01
    n = HEAD_END
    expression = {
        str(name): shape[:n].astype(np.float64) * 0.01
        for name, shape in zip(data["expressionNames"], data["expression"])
    }
    triangles = data["triangles"].astype(np.int64)
    triangles = triangles[(triangles < n).all(1)]
    neutral = neutral[:n]
    return Ict(
        neutral=neutral,
        identity=data["identity"][:, :n].astype(np.float64) * 0.01,
        expression=expression,
        triangles=triangles,
        mirror=mirror_map(neutral),
    )


def mirror_map(positions: np.ndarray) -> np.ndarray:
    """The vertex nearest to each vertex's reflection, within one part of the head at a time, so
    that surfaces in touch (lip and gum) are not mixed."""
    parts = [SKIN[0], SKIN[1], MOUTH_SOCKET[1], EYE_SOCKETS[1], GUMS_AND_TONGUE[1]]
    parts += [UPPER_TEETH[1], LOWER_TEETH[1], 22221, 23021, 23791, HEAD_END]
    mirror = np.empty(len(positions), np.int64)
    # Eyeballs change sides: left outer ↔ right outer, left inner ↔ right inner.
    swaps = {21451: (23021, 23791), 22221: (23791, 24591), 23021: (21451, 22221), 23791: (22221, 23021)}
    for a, b in zip(parts[:-1], parts[1:]):
        c, d = swaps.get(a, (a, b))
        tree = cKDTree(positions[c:d])
        mirror[a:b] = c + tree.query(positions[a:b] * (-1, 1, 1))[1]
    return mirror
