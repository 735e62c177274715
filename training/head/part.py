"""A small mesh that goes with the skin."""

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sparse


@dataclass(frozen=True)
class Part:
    """A mesh whose vertices are weights @ ICT + offset; uvs lie in the part's own unit square,
    uvTriangles index them; region names each vertex."""

    triangles: np.ndarray
    weights: sparse.csr_matrix
    offset: np.ndarray
    mirror: np.ndarray
    uvs: np.ndarray
    uvTriangles: np.ndarray
    region: list
