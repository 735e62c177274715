"""Fits the ICT head to predicted planes: a scaled orthographic camera, identity, expression.

A yardstick for the network, kept simple; the project's own fit is written elsewhere.
"""

from functools import lru_cache

import numpy as np
from scipy.spatial import cKDTree

from .assets import FACE, LANDMARKS, NARROW_FACE, load_head
from .person import UNUSED

IDENTITIES = 60
CROP, GRID = 128, 64

# Annotators put the jaw on the silhouette and the brow in the middle of its hair; ICT does not.
JAW = {0: 1278, 1: 1272, 2: 12, 3: 1834, 4: 243, 5: 781, 6: 2199, 7: 1447,
       9: 3661, 10: 4390, 11: 3022, 12: 2484, 13: 4036, 14: 2253, 15: 3490, 16: 3496}  # fmt: skip
BROW_SHIFT = np.array([0.0, -0.6, 0.15])


@lru_cache(maxsize=1)
def load_model():
    """(mean [V, 3], basis [V, 3, K], prior precision [K], search tree over the face), centimeters."""
    head = load_head()
    used = [i for i, name in enumerate(head.expressions) if name not in UNUSED and "eyeLook" not in name]
    rows = np.r_[np.arange(IDENTITIES), head.identities + np.array(used)]
    basis = head.basis[rows].reshape(len(rows), -1, 3).transpose(1, 2, 0).astype(float)
    precision = np.r_[np.ones(IDENTITIES), np.full(len(used), 4.0)]
    mean = head.neutral.astype(float)
    return mean, np.ascontiguousarray(basis), precision, cKDTree(mean[:FACE])


def scaled_orthographic(points, pixels, weights):
    """Scale, two rows of a rotation, and shift that bring points [N, 3] to pixels [N, 2] (y up)."""
    share = weights[:, None] / weights.sum()
    middle, target = (share * points).sum(0), (share * pixels).sum(0)
    away = points - middle
    free = np.linalg.solve((away * share).T @ away + 1e-9 * np.eye(3), (away * share).T @ (pixels - target)).T
    u, s, v = np.linalg.svd(free, full_matrices=False)
    scale, rows = s.mean(), u @ v
    return scale, rows, target - scale * rows @ middle


def fit(points, offsets, visible, amodal, rounds=5, most=2500, sigma=0.35, trust=0.3):
    """Planes [G, G, ...] (cm, probabilities) to landmarks [68, 2] in crop pixels, or None.

    Returns a dict of the ICT landmarks, those redefined on jaw and brow, and the coefficients.
    """
    mean, basis, precision, tree = load_model()
    mask = (visible > 0.5) & (amodal > 0.5)
    if mask.sum() < 150:
        mask = amodal > 0.5
    if mask.sum() < 60:
        return None
    rows, columns = np.nonzero(mask)
    surface, moved = points[mask].astype(float), offsets[mask].astype(float)
    distance, vertex = tree.query(surface)
    near = np.flatnonzero(distance < 0.8) if (distance < 0.8).sum() > 60 else np.arange(len(vertex))
    if len(near) > most:
        near = np.random.default_rng(0).choice(near, most, replace=False)
    rows, columns, surface, moved, vertex = rows[near], columns[near], surface[near], moved[near], vertex[near]
    pixels = np.stack([2.0 * columns + 1, -(2.0 * rows + 1)], 1)
    aside = surface - mean[vertex]
    aside *= np.minimum(1, 0.5 / (np.linalg.norm(aside, axis=1, keepdims=True) + 1e-9))
    prior = np.where(vertex < NARROW_FACE, 1.0, 0.35) * np.where(surface[:, 1] < -9, 0.3, 1.0)
    local, base = basis[vertex], mean[vertex] + aside
    coefficients, weights, shape = np.zeros(basis.shape[2]), prior, base + moved
    for _ in range(rounds):
        scale, rotation, shift = scaled_orthographic(shape, pixels, weights)
        error = np.linalg.norm(shape @ rotation.T * scale + shift - pixels, axis=1) / scale
        weights = prior / (1 + (error / (1.5 * max(0.15, 1.48 * np.median(error)))) ** 2)
        # Neighboring pixels are not independent: count them as four hundred.
        trusted = (weights * (400 / weights.sum() / sigma**2))[:, None, None]
        seen = np.einsum("ij,njk->nik", rotation, local)
        residual = (pixels - shift) / scale - base @ rotation.T
        flat = lambda a: a.reshape(-1, a.shape[-1])  # noqa: E731
        normal = flat(seen * trusted).T @ flat(seen) + trust * flat(local * trusted).T @ flat(local)
        right = flat(seen * trusted).T @ residual.ravel() + trust * flat(local * trusted).T @ moved.ravel()
        coefficients = np.linalg.solve(normal + np.diag(precision), right)
        coefficients[IDENTITIES:] = coefficients[IDENTITIES:].clip(-0.3, 1.2)
        shape = base + local @ coefficients

    def project(vertices, extra=0.0):
        at = mean[vertices] + basis[vertices] @ coefficients + extra
        return (at @ rotation.T * scale + shift) * [1, -1]

    redefined = LANDMARKS.copy()
    redefined[list(JAW)] = list(JAW.values())
    extra = np.zeros((68, 3))
    extra[17:27] = BROW_SHIFT
    return {"ict": project(LANDMARKS), "redefined": project(redefined, extra), "coefficients": coefficients,
            "project": project}  # fmt: skip
