"""Teeth and tongue: simple closed meshes that move with ICT-FaceKit's."""

import numpy as np
import scipy.sparse as sparse
from scipy.spatial import cKDTree

from .ict import GUMS_AND_TONGUE, LOWER_TEETH, UPPER_TEETH, Ict
from .part import Part


def _near_weights(points, ict, span, count):
    """The mean of the nearest ICT vertices of a range, for displacements only."""
    index = np.arange(*span)
    distance, near = cKDTree(ict.neutral[index]).query(points, count)
    w = 1 / (distance + 0.001)
    w /= w.sum(1, keepdims=True)
    rows = np.repeat(np.arange(len(points)), count)
    return sparse.csr_matrix((w.ravel(), (rows, index[near].ravel())), (len(points), len(ict.neutral)))


def _symmetric(weights, mirror, ict):
    swap = sparse.csr_matrix((np.ones(len(ict.mirror)), (np.arange(len(ict.mirror)), ict.mirror)))
    return ((weights + (weights @ swap)[mirror]) / 2).tocsr()


TEETH_STATIONS = 25
CAP = 0.04  # what the caps of an arch's ends take of its chart's width


def teeth(ict: Ict, upper: bool) -> Part:
    """One arch as a tube of six-cornered section: gum, neck and edge, outside and inside."""
    span = UPPER_TEETH if upper else LOWER_TEETH
    p = ict.neutral[span[0]:span[1]]
    p = np.concatenate([p, p * (-1, 1, 1)])
    # The arch is x = X(a), z = Z(a) about a center at the depth of the molars.
    edge_y = np.percentile(p[:, 1], 8 if upper else 92)
    crown = p[np.abs(p[:, 1] - edge_y) < 0.007]
    z0 = 0.050
    angle = np.arctan2(crown[:, 0], crown[:, 2] - z0)
    radius = np.hypot(crown[:, 0], crown[:, 2] - z0)
    limit = np.arctan2(0.0245, 0.058 - z0)
    stations = np.linspace(limit, -limit, 2001)
    inner, outer, edge = (np.empty(2001) for _ in range(3))
    for i, s in enumerate(stations[:1001]):
        near = np.abs(angle - s) < 0.09
        if not near.any():
            near = np.abs(angle - s) < 0.2
        outer[[i, 2000 - i]] = np.percentile(radius[near], 92)
        inner[[i, 2000 - i]] = np.percentile(radius[near], 10)
        edge[[i, 2000 - i]] = np.percentile(crown[near, 1], 3 if upper else 97)
    # Two millimeters back, so that closed lips hide the arch.
    inner, outer, edge = _smooth(inner, 120) - 0.002, _smooth(outer, 120) - 0.002, _smooth(edge, 120)
    middle = np.stack([outer * np.sin(stations), z0 + outer * np.cos(stations)], 1)
    arc = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(middle, axis=0), axis=1))])
    pick = np.interp(np.linspace(0, arc[-1], TEETH_STATIONS), arc, np.arange(2001))
    s, r0, r1, y = (np.interp(pick, np.arange(2001), x) for x in (stations, inner, outer, edge))
    away = 1 if upper else -1
    # At rest the arches stand apart, behind the line where the lips meet.
    y = y + (0.0022 if upper else -0.0012)
    thin = np.minimum(r1 - r0, 0.009)
    section = [(r1 - 0.0003, 0.0150), (r1, 0.0075), (r1 - 0.0004, 0.0), (r1 - 0.45 * thin, 0.0004),
               (r1 - thin, 0.0075), (r1 - thin, 0.0150)]
    points = np.stack([np.stack([r * np.sin(s), y + away * h, z0 + r * np.cos(s)], 1) for r, h in section], 1)
    n, k = TEETH_STATIONS, len(section)
    ends = points[[0, -1]].mean(1)
    points = np.concatenate([points.reshape(-1, 3), ends])
    mirror = np.concatenate([np.arange(n * k).reshape(n, k)[::-1].ravel(), [n * k + 1, n * k]])
    points = (points + points[mirror] * (-1, 1, 1)) / 2
    weights = _symmetric(_near_weights(points, ict, span, 10), mirror, ict)
    triangles, uv_triangles = [], []
    for i in range(n - 1):
        for j in range(k):
            a, b, c, d = i * k + j, i * k + (j + 1) % k, (i + 1) * k + (j + 1) % k, (i + 1) * k + j
            ua, ub, uc, ud = i * (k + 1) + j, i * (k + 1) + j + 1, (i + 1) * (k + 1) + j + 1, (i + 1) * (k + 1) + j
            if i < n // 2:
                triangles += [[a, b, c], [a, c, d]]
                uv_triangles += [[ua, ub, uc], [ua, uc, ud]]
            else:
                triangles += [[a, b, d], [b, c, d]]
                uv_triangles += [[ua, ub, ud], [ub, uc, ud]]
    for j in range(k):  # the ends' caps, each a fan in a margin of the chart
        a, b, c, d = j, (j + 1) % k, (n - 1) * k + j, (n - 1) * k + (j + 1) % k
        ua, ub, uc, ud = j, j + 1, (n - 1) * (k + 1) + j, (n - 1) * (k + 1) + j + 1
        triangles += [[b, a, n * k], [c, d, n * k + 1]]
        uv_triangles += [[ub, ua, n * (k + 1)], [uc, ud, n * (k + 1) + 1]]
    triangles, uv_triangles = np.array(triangles), np.array(uv_triangles)
    u = np.linspace(1 - CAP, CAP, n)
    v = np.array([0.0, 0.24, 0.44, 0.52, 0.72, 0.9, 1.0])
    uvs = np.concatenate([np.stack([np.repeat(u, k + 1), np.tile(v, n)], 1), [[1, 0.5], [0, 0.5]]])
    if upper:
        triangles, uv_triangles = triangles[:, ::-1], uv_triangles[:, ::-1]
        uvs[:, 1] = 1 - uvs[:, 1]
    triangles, uv_triangles = _outward(points, triangles, uv_triangles)
    return Part(triangles, weights, points - weights @ ict.neutral, mirror, uvs, uv_triangles,
                ["teeth"] * len(points))


def _smooth(x, width):
    kernel = np.hanning(2 * width + 1)
    padded = np.concatenate([x[width:0:-1], x, x[-2:-width - 2:-1]])
    return np.convolve(padded, kernel / kernel.sum(), "valid")


TONGUE_STATIONS, TONGUE_SEGMENTS = 9, 12


def tongue(ict: Ict) -> Part:
    """A rounded tongue along z, closed at both ends."""
    t = np.linspace(0, 0.95, TONGUE_STATIONS)
    z = 0.045 + 0.047 * t
    y = -0.0395 + 0.0035 * np.sin(np.pi * np.minimum(1, t * 1.1)) - 0.003 * t
    width = 0.0165 * np.sqrt(1 - t**5)
    height = 0.0058 * np.sqrt(1 - 0.9 * t**5)
    a = np.arange(TONGUE_SEGMENTS) * 2 * np.pi / TONGUE_SEGMENTS - np.pi / 2
    rings = [np.stack([w * np.cos(a), yy + h * np.sin(a), np.full_like(a, zz)], 1)
             for zz, yy, w, h in zip(z, y, width, height)]
    tip = np.array([[0, y[-1] - 0.0005, z[-1] + 0.0035]])
    root = np.array([[0, y[0], z[0] - 0.004]])
    points = np.concatenate([*rings, tip, root])
    n, k = TONGUE_STATIONS, TONGUE_SEGMENTS
    mirror = np.concatenate([
        (np.arange(n)[:, None] * k + (-np.arange(k)) % k).ravel(), [n * k, n * k + 1]])
    points = (points + points[mirror] * (-1, 1, 1)) / 2
    weights = _symmetric(_near_weights(points, ict, GUMS_AND_TONGUE, 12), mirror, ict)
    triangles, uv_triangles = [], []
    row = k + 1
    for j in range(k):
        for i in range(n - 1):
            a0, b0 = i * k + j, i * k + (j + 1) % k
            a1, b1 = a0 + k, b0 + k
            u0, w0 = i * row + j, i * row + j + 1
            u1, w1 = u0 + row, w0 + row
            if j < k // 2:
                triangles += [[a0, b0, b1], [a0, b1, a1]]
                uv_triangles += [[u0, w0, w1], [u0, w1, u1]]
            else:
                triangles += [[a0, b0, a1], [b0, b1, a1]]
                uv_triangles += [[u0, w0, u1], [w0, w1, u1]]
        last = (n - 1) * k
        triangles.append([last + j, last + (j + 1) % k, n * k])
        uv_triangles.append([(n - 1) * row + j, (n - 1) * row + j + 1, n * row + j])
        triangles.append([(j + 1) % k, j, n * k + 1])
        uv_triangles.append([j + 1, j, n * row + k + j])
    u = np.linspace(0, 1, row)
    v = np.linspace(0.12, 0.86, n)
    grid = np.stack([np.tile(u, n), np.repeat(v, row)], 1)
    centers = (u[:-1] + u[1:]) / 2
    uvs = np.concatenate([grid, np.stack([centers, np.ones(k)], 1), np.stack([centers, np.zeros(k)], 1)])
    # The seam runs along the underside, so that the top lies whole in the middle.
    triangles, uv_triangles = np.array(triangles), np.array(uv_triangles)
    triangles, uv_triangles = _outward(points, triangles, uv_triangles)
    return Part(triangles, weights, points - weights @ ict.neutral, mirror, uvs, uv_triangles,
                ["tongue"] * len(points))


def _outward(points, triangles, uv_triangles):
    """Turns a closed mesh over if its volume is negative."""
    a, b, c = (points[triangles[:, k]] for k in range(3))
    if np.einsum("nc,nc->", a, np.cross(b, c)) < 0:
        return triangles[:, ::-1], uv_triangles[:, ::-1]
    return triangles, uv_triangles


def tongue_out(points, root_z=0.045, tip_z=0.0932):
    """Displacement [n×3] of the tongue for tongueOut: between the lips, then down over the lower one.

    Nothing else moves: lips that made way would let fits find a tongue in every open mouth."""
    t = ((points[:, 2] - root_z) / (tip_z - root_z)).clip(0, 1)
    s = t * t * (3 - 2 * t)
    up = 0.0105 * np.sin(np.pi * s**1.3) + 0.0005 * s - 0.009 * s**6
    return np.stack([-0.22 * s * points[:, 0], up, 0.043 * s], 1)
