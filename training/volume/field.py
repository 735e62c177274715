"""The mean head's signed distance on a grid, which the networks start from."""

import numpy as np
from scipy.ndimage import distance_transform_edt
from scipy.spatial import cKDTree

from ..assets import load_head
from ..paths import CACHE
from .net import FIELD_ORIGIN, FIELD_SIZE, FIELD_STEP
from .solid import load_solid
from .voxels import STEPS, accumulate, fill_columns, to_corners

MOST = 4.0  # cm


def mean_field():
    """[Z, Y, X] cm, negative inside, to ±MOST: distance to the nearest of dense samples of the surface."""
    cached = CACHE / "volume" / "field.npy"
    if cached.exists():
        return np.load(cached)
    solid = load_solid()
    points = solid.positions(load_head().neutral.astype(float))
    corners = points[solid.triangles]
    share = np.array([(a, b, 6 - a - b) for a in range(7) for b in range(7 - a)]) / 6
    samples = np.einsum("sc,tcx->tsx", share, corners).reshape(-1, 3)
    grid = np.stack(np.meshgrid(*(o + FIELD_STEP * np.arange(n) for o, n in zip(FIELD_ORIGIN, FIELD_SIZE)),
                                indexing="ij"), -1)  # fmt: skip
    distance = cKDTree(samples).query(grid.reshape(-1, 3), distance_upper_bound=MOST)[0].reshape(FIELD_SIZE)
    # Signs from the voxels around the grid's points; x, y, z are right, up, towards the viewer.
    scaled = (points - FIELD_ORIGIN) / FIELD_STEP + 0.5
    scaled[:, 1] = FIELD_SIZE[1] - scaled[:, 1]
    crossings = np.zeros((1, FIELD_SIZE[1], FIELD_SIZE[0], FIELD_SIZE[2] + 1), np.float32)
    mask = np.zeros((1, FIELD_SIZE[1], FIELD_SIZE[0]), np.uint8)
    fill_columns(to_corners(scaled), solid.triangles, solid.face, STEPS, np.array([[STEPS // 2] * 2]), STEPS, crossings, mask)
    accumulate(crossings.reshape(-1, FIELD_SIZE[2] + 1))
    inside = crossings[0, ::-1, :, : FIELD_SIZE[2]].transpose(1, 0, 2) > 0.5
    # The eyeballs' and the membranes' inner surfaces are no surface of the solid.
    far = distance_transform_edt(inside) * FIELD_STEP > 1.2
    distance = np.minimum(np.where(far, MOST, distance), MOST)
    field = np.where(inside, -distance, distance).transpose(2, 1, 0).astype(np.float32)
    np.save(cached, field)
    return field
