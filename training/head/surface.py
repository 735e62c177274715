"""Points that live on a triangle mesh: tracked closest points and their carried values."""

import numba
import numpy as np


def rings(triangles: np.ndarray, n: int):
    """For each triangle, the triangles that share a vertex with it, as (start [F+1], list)."""
    around = [[] for _ in range(n)]
    for i, t in enumerate(triangles):
        for v in t:
            around[v].append(i)
    start, items = [0], []
    for t in triangles:
        near = sorted(set(around[t[0]]) | set(around[t[1]]) | set(around[t[2]]))
        items.extend(near)
        start.append(len(items))
    return np.array(start), np.array(items)


@numba.njit(cache=True)
def closest_on_triangle(p, a, b, c):
    """Barycentrics of the point of triangle abc closest to p (Ericson's regions)."""
    ab = b - a
    ac = c - a
    ap = p - a
    d1 = (ab * ap).sum()
    d2 = (ac * ap).sum()
    if d1 <= 0 and d2 <= 0:
        return 1.0, 0.0, 0.0
    bp = p - b
    d3 = (ab * bp).sum()
    d4 = (ac * bp).sum()
    if d3 >= 0 and d4 <= d3:
        return 0.0, 1.0, 0.0
    vc = d1 * d4 - d3 * d2
    if vc <= 0 and d1 >= 0 and d3 <= 0:
        v = d1 / (d1 - d3)
        return 1 - v, v, 0.0
    cp = p - c
    d5 = (ab * cp).sum()
    d6 = (ac * cp).sum()
    if d6 >= 0 and d5 <= d6:
        return 0.0, 0.0, 1.0
    vb = d5 * d2 - d1 * d6
    if vb <= 0 and d2 >= 0 and d6 <= 0:
        w = d2 / (d2 - d6)
        return 1 - w, 0.0, w
    va = d3 * d6 - d5 * d4
    if va <= 0 and d4 - d3 >= 0 and d5 - d6 >= 0:
        w = (d4 - d3) / ((d4 - d3) + (d5 - d6))
        return 0.0, 1 - w, w
    s = 1.0 / (va + vb + vc)
    return 1 - (vb + vc) * s, vb * s, vc * s


@numba.njit(cache=True)
def track(points, seeds, positions, triangles, start, items):
    """Closest points found by walking from a seed triangle, so that a point never jumps to a
    sheet that is near in space and far along the surface (lip to lip, lid to brow).

    points [N×3], seeds [N] → triangle [N], barycentrics [N×3]."""
    n = len(points)
    found = seeds.copy()
    barycentrics = np.zeros((n, 3))
    for i in range(n):
        best = np.inf
        t = seeds[i]
        for _ in range(20):
            start_triangle = t
            for k in range(start[start_triangle], start[start_triangle + 1]):
                j = items[k]
                a = positions[triangles[j, 0]]
                b = positions[triangles[j, 1]]
                c = positions[triangles[j, 2]]
                u, v, w = closest_on_triangle(points[i], a, b, c)
                d = ((u * a + v * b + w * c - points[i]) ** 2).sum()
                if d < best - 1e-18:
                    best = d
                    t = j
                    barycentrics[i, 0] = u
                    barycentrics[i, 1] = v
                    barycentrics[i, 2] = w
            if t == start_triangle:
                break
        found[i] = t
    return found, barycentrics


@numba.njit(cache=True)
def closest(points, positions, triangles):
    """Closest points by looking at every triangle: triangle [N], barycentrics [N×3], distance."""
    n = len(points)
    found = np.zeros(n, np.int64)
    barycentrics = np.zeros((n, 3))
    distance = np.zeros(n)
    for i in range(n):
        best = np.inf
        for j in range(len(triangles)):
            a = positions[triangles[j, 0]]
            b = positions[triangles[j, 1]]
            c = positions[triangles[j, 2]]
            u, v, w = closest_on_triangle(points[i], a, b, c)
            d = ((u * a + v * b + w * c - points[i]) ** 2).sum()
            if d < best:
                best = d
                found[i] = j
                barycentrics[i] = (u, v, w)
        distance[i] = np.sqrt(best)
    return found, barycentrics, distance


@numba.njit(cache=True)
def distance_to(p, corners):
    """Distance of point p [3] to the nearest of some triangles [n×3×3]."""
    best = np.inf
    for t in corners:
        u, v, w = closest_on_triangle(p, t[0], t[1], t[2])
        best = min(best, ((u * t[0] + v * t[1] + w * t[2] - p) ** 2).sum())
    return np.sqrt(best)


def edges_of(triangles: np.ndarray) -> np.ndarray:
    """Directed edges [3F×2], in triangle order."""
    return np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])


def boundary_loops(triangles: np.ndarray) -> list:
    """Boundary loops as vertex lists, the surface on their left."""
    directed = set(map(tuple, edges_of(triangles).tolist()))
    after = {a: b for a, b in directed if (b, a) not in directed}
    loops = []
    while after:
        loop = [min(after)]
        while (following := after.pop(loop[-1], None)) is not None and following != loop[0]:
            loop.append(following)
        loops.append(loop)
    return loops


def vertex_areas(positions: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    a, b, c = (positions[triangles[:, k]] for k in range(3))
    area = 0.5 * np.linalg.norm(np.cross(b - a, c - a), axis=1)
    return np.bincount(triangles.ravel(), np.repeat(area / 3, 3), len(positions))


def vertex_normals(positions: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    a, b, c = (positions[triangles[:, k]] for k in range(3))
    n = np.cross(b - a, c - a)
    normals = np.zeros_like(positions)
    for k in range(3):
        np.add.at(normals, triangles[:, k], n)
    return normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)


def triangle_angles(positions: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    """Corner angles [F×3] in degrees."""
    out = []
    for k in range(3):
        p, q, r = (positions[triangles[:, (k + j) % 3]] for j in range(3))
        u, v = q - p, r - p
        cos = (u * v).sum(1) / (np.linalg.norm(u, axis=1) * np.linalg.norm(v, axis=1) + 1e-30)
        out.append(np.degrees(np.arccos(cos.clip(-1, 1))))
    return np.stack(out, 1)
