"""A mesh whose vertices are mixed from those of the head."""

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sparse


@dataclass(frozen=True)
class Mixed:
    """Vertex i is `Σ weights[i, v]·X[v]`, so that every coefficient of the head means the same here.

    weights [N×V], triangles [F×3], uvs [T×2], uvTriangles [F×3], mirror [N], regions [N]."""

    weights: sparse.csr_matrix
    triangles: np.ndarray
    uvs: np.ndarray
    uvTriangles: np.ndarray
    mirror: np.ndarray
    regions: np.ndarray
