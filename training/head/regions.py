"""Which part of the head each skin vertex belongs to."""

import numpy as np
import scipy.sparse as sparse
from scipy.sparse.csgraph import dijkstra

from .skin import ear_mask
from .surface import boundary_loops, edges_of

REGION_NAMES = [
    "faceSkin", "lips", "eyelids", "ears", "scalp", "neck", "mouthInterior", "leftEyeball",
    "rightEyeball", "leftIris", "rightIris", "teeth", "tongue",
]


def skin_regions(positions, triangles, inside, face):
    """positions [V×3] m, triangles [F×3], inside [F]; face [V]: within ICT's face
    range → index into REGION_NAMES [V]."""
    x, y, z = positions.T
    e = np.unique(np.sort(edges_of(triangles), 1), axis=0)
    d = np.linalg.norm(positions[e[:, 0]] - positions[e[:, 1]], axis=1)
    graph = sparse.csr_matrix((d, (e[:, 0], e[:, 1])), (len(positions),) * 2)
    outer = np.zeros(len(positions), bool)
    outer[triangles[~inside]] = True
    within = np.zeros(len(positions), bool)
    within[triangles[inside]] = True
    mouth = np.flatnonzero(outer & within)
    to_mouth = dijkstra(graph, False, mouth, min_only=True)
    eyes = [v for l in boundary_loops(triangles) if abs(positions[l].mean(0)[0]) > 0.01 for v in l]
    to_eye = dijkstra(graph, False, eyes, min_only=True)

    region = np.full(len(positions), REGION_NAMES.index("faceSkin"))
    ears = ear_mask(positions * (1, 1, 1), face) | ear_mask(positions * (-1, 1, 1), face)
    # The jaw's line from the chin to below the ear, then level around the nape.
    jaw = np.minimum(-0.036, -0.104 + 0.74 * (0.098 - z))
    region[y < jaw] = REGION_NAMES.index("neck")
    hairline = 0.096 - 0.72 * np.clip(0.09 - z, 0, None)
    region[(y >= jaw) & ((y > hairline) | (z < 0.002))] = REGION_NAMES.index("scalp")
    region[ears] = REGION_NAMES.index("ears")
    # Measured from the hidden rim, which lies deeper behind the upper lid.
    region[to_eye < np.where(y > 0.036, 0.0145, 0.0090)] = REGION_NAMES.index("eyelids")
    middle = positions[mouth, 1].mean()
    taper = np.sqrt(np.clip(1 - (x / 0.0262) ** 2, 0, 1))
    region[to_mouth < np.where(y > middle, 0.0074, 0.0098) * taper] = REGION_NAMES.index("lips")
    region[mouth] = REGION_NAMES.index("lips")
    region[within & ~outer] = REGION_NAMES.index("mouthInterior")
    return region
