"""A blink that closes: ICT-FaceKit's leaves the cornea bare on a coarser lid."""

import numpy as np
import scipy.sparse as sparse
from scipy.ndimage import gaussian_filter1d
from scipy.spatial import cKDTree

from .eyes import EYE_CENTER
from .surface import edges_of, vertex_normals

OVERLAP = 0.0006  # how far the upper lid's rim passes the lower's
CLEARANCE = 0.0005  # how far a closed lid stays off the eyeball
ROUNDS = 4


def close_lids(mean, blink, triangles, names):
    """mean [V×3] m, blink [V×3] m of the left eye, triangles [F×3], region names [V] → blink."""
    ball = np.isin(names, ["leftEyeball", "leftIris"])
    ray = mean - EYE_CENTER
    near = (np.linalg.norm(ray, axis=1) < 0.035) & np.isin(names, ["eyelids", "faceSkin"])
    # Only the outside: the lids' hidden inner sides stay behind their rims as they are.
    facing = (vertex_normals(mean, triangles) * ray).sum(1) / np.linalg.norm(ray, axis=1)
    share = np.where(near, np.clip((facing + 0.1) / 0.4, 0, 1), 0)
    smooth = _smoother(triangles, len(mean))
    share = smooth(share, 3)
    lids = triangles[((names == "eyelids") & (share > 0.2))[triangles].all(1)]
    upper = mean[lids, 1].mean(1) > 0.0352
    for _ in range(ROUNDS):
        blink = _off_the_ball(mean, blink, share * (names == "eyelids"), mean[ball], smooth)
        blink = _meet(mean, blink, share, lids[upper], lids[~upper], smooth)
    return blink


def _smoother(triangles, n):
    """smooth(field [V], times): the mean of each vertex and its neighbours, so that rims stay even."""
    e = edges_of(triangles)
    graph = sparse.csr_matrix((np.ones(2 * len(e)), (e.ravel(), e[:, ::-1].ravel())), (n, n))
    graph.data[:] = 1
    graph = (graph + sparse.identity(n)).tocsr()
    mean = sparse.diags(1 / np.asarray(graph.sum(1)).ravel()) @ graph

    def smooth(field, times):
        for _ in range(times):
            field = mean @ field
        return field

    return smooth


def _meet(mean, blink, share, upper, lower, smooth):
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
    travel = [-np.percentile(blink[(share > 0.5) & (np.abs(mean[:, 0] - x) < 0.0015), 1], 3) for x in centers]
    more = np.clip((gap + OVERLAP) / np.maximum(travel, 0.001), 0, 0.3)
    fade = np.clip(np.minimum(centers - 0.0215, 0.0440 - centers) / 0.004, 0, 1)
    more = gaussian_filter1d(more * fade, 1.2)
    extra = np.interp(mean[:, 0], centers, more, left=0, right=0) * share * (blink[:, 1] < 0)
    return blink * (1 + smooth(extra, 2)[:, None])


def _off_the_ball(mean, blink, share, eye, smooth):
    """Lifts the lids off the eyeball, cornea included."""
    direction = mean + blink - EYE_CENTER
    radius = np.linalg.norm(direction, axis=1)
    ray = eye - EYE_CENTER
    eye_radius = np.linalg.norm(ray, axis=1)
    distance, index = cKDTree(ray / eye_radius[:, None]).query(direction / radius[:, None], 4)
    w = 1 / (distance + 0.02)
    surface = (w * eye_radius[index]).sum(1) / w.sum(1)
    short = np.clip(surface + CLEARANCE - radius, 0, 0.002) * share * (direction[:, 2] > 0)
    return blink + smooth(short, 4)[:, None] * direction / radius[:, None]
