"""Texture layout: convex-combination maps with the stretch evened out.

A disk is laid into a convex frame with every inner vertex a positive mixture of its neighbours
(Tutte 1963, Floater 2003: no overlap, ever); the mixtures are then reweighted so that important
triangles get more room (Yoshizawa, Belyaev, Seidel 2004).
"""

import numpy as np
import scipy.sparse as sparse
from scipy.sparse.linalg import splu

from .surface import boundary_loops, edges_of


def unwrap(positions, triangles, frame, importance, rounds=12, strength=0.7):
    """positions [V×3], triangles [F×3] of a disk with holes, frame {boundary vertex: (u, v)},
    importance [V] the wanted texture area per surface area → uvs [V×2]."""
    loops = [l for l in boundary_loops(triangles) if l[0] not in frame]
    extra = np.array([positions[l].mean(0) for l in loops]).reshape(-1, 3)
    fans = [[len(positions) + i, b, a] for i, l in enumerate(loops) for a, b in zip(l, l[1:] + l[:1])]
    t = np.concatenate([triangles, np.array(fans, np.int64).reshape(-1, 3)])
    p = np.concatenate([positions, extra])
    w = np.concatenate([importance, np.full(len(extra), importance.min() * 0.3)])
    weights = _mean_value(p, t)
    fixed = np.array(sorted(frame))
    at = np.array([frame[v] for v in fixed])
    best, best_cost = None, np.inf
    for _ in range(rounds):
        uv = _solve(weights, fixed, at, len(p))
        sigma, cost = _stretch(p, t, uv, w)
        if cost < best_cost:
            best, best_cost = uv, cost
        weights = weights @ sparse.diags(1 / sigma**strength)
    return best[:len(positions)], best_cost


def _mean_value(p, t):
    """Mean-value weights [n×n]: w_ij = (tan(α/2) + tan(β/2)) / |p_j − p_i|."""
    rows, columns, values = [], [], []
    for k in range(3):
        i, j, l = t[:, k], t[:, (k + 1) % 3], t[:, (k + 2) % 3]
        u, v = p[j] - p[i], p[l] - p[i]
        lu, lv = np.linalg.norm(u, axis=1), np.linalg.norm(v, axis=1)
        cos = ((u * v).sum(1) / (lu * lv)).clip(-0.9999, 0.9999)
        half = np.sqrt((1 - cos) / (1 + cos))
        rows += [i, i]
        columns += [j, l]
        values += [half / lu, half / lv]
    return sparse.csr_matrix((np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))), (len(p),) * 2)


def _solve(weights, fixed, at, n):
    free = np.setdiff1d(np.arange(n), fixed)
    w = sparse.diags(1 / np.asarray(weights.sum(1)).ravel()) @ weights
    a = (sparse.identity(n) - w).tocsr()[free]
    uv = np.zeros((n, 2))
    uv[fixed] = at
    uv[free] = splu(a[:, free].tocsc()).solve(-(a[:, fixed] @ at))
    return uv


def _stretch(p, t, uv, importance):
    """Stretch at vertices: the root mean square of uv-to-surface singular values, where surface
    lengths count by the root of their importance (Sander et al. 2001)."""
    a, b, c = (p[t[:, k]] for k in range(3))
    (s1, t1), (s2, t2), (s3, t3) = (uv[t[:, k]].T for k in range(3))
    area = ((s2 - s1) * (t3 - t1) - (s3 - s1) * (t2 - t1)) / 2
    area = np.maximum(area, 1e-14)[:, None]
    ds = (a * (t2 - t3)[:, None] + b * (t3 - t1)[:, None] + c * (t1 - t2)[:, None]) / (2 * area)
    dt = (a * (s3 - s2)[:, None] + b * (s1 - s3)[:, None] + c * (s2 - s1)[:, None]) / (2 * area)
    square = ((ds**2).sum(1) + (dt**2).sum(1)) / 2 * importance[t].mean(1)
    surface = np.linalg.norm(np.cross(b - a, c - a), axis=1) / 2
    top = np.bincount(t.ravel(), np.repeat(surface * square, 3), len(p))
    bottom = np.bincount(t.ravel(), np.repeat(surface, 3), len(p))
    return np.sqrt(top / bottom), float((surface * square).sum() / surface.sum())


def cut(triangles, path, side):
    """Opens a mesh along a vertex path that starts on its boundary: path[1:-1] and path[0] get a
    second copy used by the triangles of `side` [F]. → triangles, origin [V'] of each vertex."""
    n = triangles.max() + 1
    copies = {v: n + i for i, v in enumerate(path[:-1])}
    out = triangles.copy()
    for i in np.flatnonzero(side):
        out[i] = [copies.get(v, v) for v in triangles[i]]
    return out, np.concatenate([np.arange(n), path[:-1]])


def superellipse(fraction, power=9.0):
    """Points of a rounded square by fraction of its round, counter-clockwise from bottom middle."""
    a = np.linspace(-np.pi / 2, 1.5 * np.pi, 20001)
    x = np.sign(np.cos(a)) * np.abs(np.cos(a)) ** (2 / power)
    y = np.sign(np.sin(a)) * np.abs(np.sin(a)) ** (2 / power)
    s = np.concatenate([[0], np.cumsum(np.hypot(np.diff(x), np.diff(y)))])
    f = np.asarray(fraction) % 1
    return np.stack([np.interp(f * s[-1], s, x), np.interp(f * s[-1], s, y)], 1) * 0.5 + 0.5


# Where the seam ends on the crown, and the neck's share of the chart's rim.
CROWN_Z = -0.004
NECK_SHARE = 0.25


def skin_chart(positions, triangles, mirror, importance, aspect):
    """The skin cut from the back of the neck to the crown: uv triangles [F×3], origin [T] and
    uvs [T×2] in the unit square, subject's left to the right; aspect is the width over the height
    that the square will be given."""
    on = np.isclose(positions[:, 0], 0)
    middle = [tuple(e) for e in edges_of(triangles) if on[e].all()]
    near = {}
    for a, b in middle:
        near.setdefault(a, set()).add(b)
        near.setdefault(b, set()).add(a)
    start = min((v for v in near if len(near[v]) == 1), key=lambda v: positions[v, 2])
    path = [start]
    while True:
        following = [x for x in near[path[-1]] if x not in path]
        path.append(following[0])
        if positions[path[-1], 2] > CROWN_Z and positions[path[-1], 1] > 0.1:
            break
    right = positions[triangles, 0].mean(1) < 0
    opened, origin = cut(triangles, path, right)
    p = positions[origin]
    loop = next(l for l in boundary_loops(opened) if start in l)
    # From the front of the neck, over the left side, to the crown and down the right side.
    k = max((i for i, v in enumerate(loop) if on[origin[v]] and origin[v] not in path), key=lambda i: -p[loop[i], 1])
    loop = loop[k:] + loop[:k]
    step = np.linalg.norm(p[loop] - p[loop[1:] + loop[:1]], axis=1)
    on_seam = np.array([origin[a] in path and origin[b] in path for a, b in zip(loop, loop[1:] + loop[:1])])
    # The neck takes a bit less than the bottom side, the seam the rest.
    share = np.where(on_seam, step / step[on_seam].sum() * (1 - NECK_SHARE), step / step[~on_seam].sum() * NECK_SHARE)
    fraction = np.concatenate([[0], np.cumsum(share)[:-1]])
    frame = dict(zip(loop, superellipse(fraction)))
    frame = {v: (x * aspect, y) for v, (x, y) in frame.items()}
    uv, cost = unwrap(p, opened, frame, importance[origin])
    uv /= (aspect, 1)
    # Exactly symmetric: the reflected corner of a seam vertex is its other copy.
    twin = np.concatenate([mirror[:len(positions)], np.arange(len(positions), len(p))])
    copies = {v: len(positions) + i for i, v in enumerate(path[:-1])}
    for v, c in copies.items():
        twin[v], twin[c] = c, v
    uv = (uv + np.stack([1 - uv[twin, 0], uv[twin, 1]], 1)) / 2
    return opened, origin, uv, cost


def disk_chart(positions, triangles, mirror, importance):
    """A disk with its boundary on a circle; the mirror map keeps it symmetric."""
    loop = max(boundary_loops(triangles), key=len)
    p = positions[loop]
    k = min((i for i, v in enumerate(loop) if abs(positions[v, 0]) < 1e-9), key=lambda i: p[i, 1])
    loop = loop[k:] + loop[:k]
    step = np.linalg.norm(positions[loop] - positions[loop[1:] + loop[:1]], axis=1)
    f = np.concatenate([[0], np.cumsum(step)[:-1]]) / step.sum()
    angle = -np.pi / 2 + 2 * np.pi * f
    frame = {v: (0.5 + 0.5 * np.cos(a), 0.5 + 0.5 * np.sin(a)) for v, a in zip(loop, angle)}
    uv, _ = unwrap(positions, triangles, frame, importance)
    return (uv + np.stack([1 - uv[mirror, 0], uv[mirror, 1]], 1)) / 2
