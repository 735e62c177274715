"""The solid that is voxelized: the head's skin, closed at lids, lips and neck, and the eyeballs.

The skin is one shell with four openings. Each is closed by a fan about its middle: flat at the lids,
behind which the eyeballs bulge out of it, and at the neck; between the lips sunk by half of what the
mouth is open, so that an open mouth is a hollow and a closed one no more than a line.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from ..assets import EYES, NARROW_FACE, SHARED, SKIN, load_head

OPENINGS = {"left-eye": 6549, "right-eye": 6619, "mouth": 6644, "neck": 10652}  # a vertex on each rim
SINK = 0.5
# The sclera alone: inside of it ICT has an iris.
EYE_VERTICES = np.concatenate([np.arange(*eye) for eye in EYES])


@dataclass(frozen=True)
class Solid:
    """Triangles [F, 3] of vertices numbered skin, eyes, middles of the openings; a closed surface."""

    triangles: np.ndarray
    face: np.ndarray  # [F] 1 where a triangle is of the narrow face
    rims: list  # of each opening, the skin vertices around it

    def positions(self, vertices):
        """ICT's vertices [..., V, 3] to the solid's [..., S, 3]."""
        middles = []
        for name, rim in zip(OPENINGS, self.rims):
            edge = vertices[..., rim, :]
            middle = edge.mean(-2)
            if name == "mouth":
                gap = np.ptp(edge[..., 1], axis=-1)
                closed = np.ptp(load_head().neutral[rim, 1])
                middle[..., 2] -= SINK * np.maximum(0, gap - closed)
            middles.append(middle)
        return np.concatenate(
            [vertices[..., :SKIN, :], vertices[..., EYE_VERTICES, :], np.stack(middles, -2)], -2
        )


def rim_from(triangles, first):
    """The boundary loop through a vertex, in the order of the boundary's edges."""
    edges = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
    present = set(map(tuple, edges.tolist()))
    following = {a: b for a, b in present if (b, a) not in present}
    rim = [first]
    while following[rim[-1]] != first:
        rim.append(following[rim[-1]])
    return np.array(rim)


@lru_cache(maxsize=1)
def load_solid():
    skin = load_head().skin
    rims = [rim_from(skin, first) for first in OPENINGS.values()]
    whole = np.load(SHARED / "data" / "ict-facekit" / "ict-facekit.npz")["triangles"].astype(np.int32)
    parts = [skin]
    for k, (first, last) in enumerate(EYES):
        eye = whole[(whole.min(1) >= first) & (whole.max(1) < last)]
        parts.append(eye - first + SKIN + k * (EYES[0][1] - EYES[0][0]))
    middle = SKIN + len(EYE_VERTICES)
    for k, rim in enumerate(rims):
        # Against the boundary's direction, so that the two triangles at an edge run it both ways.
        parts.append(np.stack([np.roll(rim, -1), rim, np.full(len(rim), middle + k)], 1))
    triangles = np.concatenate(parts).astype(np.int32)
    return Solid(triangles, (triangles.max(1) < NARROW_FACE).astype(np.uint8), rims)
