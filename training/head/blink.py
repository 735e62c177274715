"""A blink that closes: ICT-FaceKit's leaves the cornea bare on a coarser lid."""

import numpy as np
from scipy.ndimage import gaussian_filter1d
from scipy.spatial import cKDTree

from .parts import EYE_CENTER

OVERLAP = 0.0006  # how far the upper lid's rim passes the lower's
CLEARANCE = 0.0005  # how far a closed lid stays off the eyeball
ROUNDS = 4


def close_lids(mean, blink, triangles, names):
    """mean [V×3] m, blink [V×3] m of the left eye, triangles [F×3], region names [V] → blink."""
    blink = blink.copy()
    lid = (names == "eyelids") & (mean[:, 0] > 0)
    near = np.linalg.norm(mean - EYE_CENTER, axis=1) < 0.035
    skin = near & np.isin(names, ["eyelids", "faceSkin"])
    ball = np.isin(names, ["leftEyeball", "leftIris"])
    lids = triangles[lid[triangles].all(1)]
    upper = mean[lids, 1].mean(1) > 0.0352
    for _ in range(ROUNDS):
        blink = _off_the_ball(mean, blink, skin & lid, mean[ball])
        blink = _meet(mean, blink, skin, lids[upper], lids[~upper])
    return blink


def _meet(mean, blink, skin, upper, lower):
    """Lets the upper lid travel on, all of it in proportion, until the rims pass each other."""
    u, v = np.meshgrid(np.linspace(0, 1, 9), np.linspace(0, 1, 9))
    inside = u + v <= 1.0001
    weights = np.stack([1 - u - v, u, v], -1)[inside]
    bins = np.arange(0.020, 0.0451, 0.001)
    centers = (bins[:-1] + bins[1:]) / 2

    def rim(triangles, sign):
        """Lowest (sign 1) or highest (−1) point of a lid in each bin of x."""
        p = np.einsum("sk,tkc->tsc", weights, (mean + blink)[triangles]).reshape(-1, 3)
        y = np.full(len(bins) + 1, np.inf)
        np.minimum.at(y, np.digitize(p[:, 0], bins), sign * p[:, 1])
        return sign * y[1:-1]

    gap = rim(upper, 1) - rim(lower, -1)
    ok = np.isfinite(gap)
    gap = np.interp(centers, centers[ok], gap[ok])
    travel = [-np.percentile(blink[skin & (np.abs(mean[:, 0] - x) < 0.0015), 1], 3) for x in centers]
    more = np.clip((gap + OVERLAP) / np.maximum(travel, 0.001), 0, 0.4)
    fade = np.clip(np.minimum(centers - 0.0205, 0.0445 - centers) / 0.003, 0, 1)
    more = gaussian_filter1d(more * fade, 0.8)
    factor = 1 + np.interp(mean[:, 0], centers, more, left=0, right=0)
    return np.where((skin & (blink[:, 1] < 0))[:, None], blink * factor[:, None], blink)


def _off_the_ball(mean, blink, lid, eye):
    """Lifts the lids off the eyeball, cornea included. What lies well behind its surface is the
    hidden inner side of an open lid, and stays."""
    direction = mean + blink - EYE_CENTER
    radius = np.linalg.norm(direction, axis=1)
    ray = eye - EYE_CENTER
    eye_radius = np.linalg.norm(ray, axis=1)
    distance, index = cKDTree(ray / eye_radius[:, None]).query(direction / radius[:, None], 4)
    w = 1 / (distance + 0.02)
    surface = (w * eye_radius[index]).sum(1) / w.sum(1)
    near = lid & (direction[:, 2] > 0) & (radius > surface - 0.0025)
    short = np.where(near, np.clip(surface + CLEARANCE - radius, 0, None), 0)
    return blink + short[:, None] * direction / radius[:, None]
