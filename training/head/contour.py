"""Where the jaw's outline lies as the head turns: the first 17 landmarks as a picture shows them.

On the side turned away each jaw landmark slides at its height over the cheek, to the point that is seen
outermost. On the other side it stays."""

import numpy as np

YAWS = np.radians(np.arange(-90, 91, 5))
_SUBSAMPLES = 5  # points per edge of a triangle
_THICKNESS = 0.0012  # of the plane, m
_REACH = 0.085
_MIDDLE = 0.001  # of the head, m
_CHEEK = 0.45  # how near to the middle it may come, as a share of the landmark's distance


def jaw_contour(mean, triangles, outer, jaw):
    """mean [V×3] m, triangles [F×3], outer: those of face and neck; jaw [17×3] → triangles [R×17],
    barycentrics [R×17×3]."""
    u, v = np.meshgrid(np.arange(_SUBSAMPLES + 1), np.arange(_SUBSAMPLES + 1))
    u, v = (x[u + v <= _SUBSAMPLES] / _SUBSAMPLES for x in (u, v))
    b = np.stack([1 - u - v, u, v], -1)
    near = outer[np.linalg.norm(mean[triangles[outer]].mean(1) - jaw.mean(0), axis=1) < 0.16]
    points = np.einsum("sk,tkc->tsc", b, mean[triangles[near]]).reshape(-1, 3)
    owner, weights = np.repeat(near, len(b)), np.tile(b, (len(near), 1))
    out_triangles = np.zeros((len(YAWS), 17), np.int64)
    out_weights = np.zeros((len(YAWS), 17, 3))
    for i in range(17):
        offset = points - jaw[i]
        side = np.sign(jaw[i, 0]) if abs(jaw[i, 0]) > _MIDDLE else 0  # the chin has no side
        on_curve = (np.abs(offset[:, 1]) < _THICKNESS) & (np.linalg.norm(offset, axis=1) < _REACH)
        # Forwards over the cheek; nose and lips are no part of the jaw's outline.
        on_curve &= (offset[:, 2] > -0.0005) & (points[:, 0] * side >= _CHEEK * abs(jaw[i, 0]))
        still = np.linalg.norm(offset, axis=1).argmin()
        curve = np.append(np.flatnonzero(on_curve), still)
        for r, yaw in enumerate(YAWS):
            # Turned to its left, the subject's left cheek goes back and its outline comes forward.
            x = points[curve] @ [np.cos(yaw), 0, np.sin(yaw)]
            best = curve[(side * x).argmax()] if side * yaw > 0 else still
            out_triangles[r, i] = owner[best]
            out_weights[r, i] = weights[best]
    return out_triangles, out_weights
