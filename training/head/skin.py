"""The skin and the mouth's inside on a triangulation of our own, exactly mirrored.

Half of ICT-FaceKit's surface (x ≥ 0) is cut at the neck, remeshed to a wanted edge length that is
small at lids, lips, nostrils and ears, and reflected.
"""

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sparse
from scipy.sparse.csgraph import dijkstra

from .eyes import EYE_CENTER
from .ict import FACE, MOUTH_SOCKET, Ict
from .remesh import remesh
from .surface import boundary_loops, edges_of, vertex_normals

# The neck ends on this plane: y = height − slope·z, in metres.
NECK_HEIGHT, NECK_SLOPE = -0.126, 0.41

# Wanted edge length in metres: at the feature, its growth per metre of distance, and the most.
EYE_SIZE, LIP_SIZE, NOSTRIL_SIZE, EAR_SIZE = 0.0015, 0.0020, 0.0027, 0.0046
GROWTH = 0.14
BEND, BEND_SIZE, EAR_BEND_SIZE, BEND_GROWTH = 0.8, 0.0020, 0.0036, 0.4
FACE_SIZE, SCALP_SIZE, NECK_SIZE, SOCKET_SIZE = 0.0070, 0.0150, 0.0125, 0.011
# Vertices where the normal turns by more than this within a wanted edge are kept as they are.
PIN_TURN, PIN_SPACING = 1.0, 0.85
# How far the rim of an eye's opening is drawn towards the eye's center.
TUCK = 0.16


@dataclass(frozen=True)
class Skin:
    """triangles [F×3] over V vertices, which are weights @ ICT + offset; mirror [V]; inside [F]:
    whether a triangle belongs to the mouth's inside."""

    triangles: np.ndarray
    weights: sparse.csr_matrix
    offset: np.ndarray
    mirror: np.ndarray
    inside: np.ndarray


def build_skin(ict: Ict) -> Skin:
    half, mix = _half(ict)
    positions = mix @ ict.neutral
    positions[np.abs(positions[:, 0]) < 1e-7, 0] = 0
    inside = _is_inside(half, mix)
    curves, corners = _curves(positions, half, inside)
    size = _sizes(positions, half, mix, curves, inside)
    pins = _pins(positions, half, inside, curves, corners, size)
    on_curve = {v for c in curves for v in c}
    curves, corners = _curves(positions, half, inside, on_curve & set(pins))
    result = remesh(positions, half, curves, corners, pins, size)
    n = len(result.sourceTriangle)
    rows = np.repeat(np.arange(n), 3)
    bary = sparse.csr_matrix(
        (result.barycentrics.ravel(), (rows, half[result.sourceTriangle].ravel())), (n, len(positions))
    )
    weights = (bary @ mix).tocsr()
    socket = np.zeros(weights.shape[1])
    socket[MOUTH_SOCKET[0]:MOUTH_SOCKET[1]] = 1
    share = np.bincount(result.patch, (weights @ socket)[result.triangles].mean(1)) / np.bincount(result.patch)
    return _reflect(ict, result.triangles, weights, share[result.patch] > 0.5)


def _half(ict: Ict):
    """ICT's left half above the neck's plane: triangles over new vertices, and the mixture [N'×N]
    of ICT vertices that each of them is."""
    t = ict.triangles
    t = t[(t < MOUTH_SOCKET[1]).all(1)]
    t = t[(ict.neutral[t, 0] > -1e-7).all(1)]
    height = ict.neutral[:, 1] - (NECK_HEIGHT - NECK_SLOPE * ict.neutral[:, 2])
    # A vertex almost on the plane is taken as on it: no slivers.
    above = height > 0.0008
    made = {}
    rows = []

    def vertex(*pair):
        key = tuple(sorted(pair))
        if key not in made:
            made[key] = len(made)
            if len(key) == 1:
                rows.append([(key[0], 1.0)])
            else:
                a, b = key
                w = height[a] / (height[a] - height[b])
                rows.append([(a, 1 - w), (b, w)])
        return made[key]

    triangles = []
    for tri in t.tolist():
        side = [bool(above[v]) for v in tri]
        if all(side):
            triangles.append([vertex(v) for v in tri])
        elif any(side):
            k = side.index(sum(side) == 1)
            a, b, c = tri[k], tri[(k + 1) % 3], tri[(k + 2) % 3]
            if sum(side) == 1:
                triangles.append([vertex(a), vertex(a, b), vertex(a, c)])
            else:
                p, q = vertex(a, b), vertex(a, c)
                triangles += [[p, vertex(b), vertex(c)], [p, vertex(c), q]]
    i = np.repeat(np.arange(len(rows)), [len(r) for r in rows])
    j, w = np.array([e for r in rows for e in r]).T
    mix = sparse.csr_matrix((w, (i, j.astype(int))), (len(rows), len(ict.neutral)))
    return np.array(triangles), mix


def _is_inside(triangles, mix):
    """Whether each triangle belongs to the mouth's inside: has a vertex of the socket's range."""
    source = np.zeros(mix.shape[1])
    source[MOUTH_SOCKET[0]:MOUTH_SOCKET[1]] = 1
    return (mix @ source)[triangles].max(1) > 0


def _curves(positions, triangles, inside, more=frozenset()):
    """Feature chains between corners: mid-line, eye, mouth and neck."""
    groups = [[], []]  # rim and mid-line; mouth
    directed = set(map(tuple, edges_of(triangles).tolist()))
    groups[0] = [e for e in directed if (e[1], e[0]) not in directed]
    outer = set(map(tuple, edges_of(triangles[~inside]).tolist()))
    groups[1] = [e for e in outer if (e[1], e[0]) in directed and (e[1], e[0]) not in outer]
    near = {}
    for a, b in groups[0] + groups[1]:
        near.setdefault(a, set()).add(b)
        near.setdefault(b, set()).add(a)
    middle = positions[:, 0] == 0
    corners = {v for v in near if len(near[v]) != 2}
    for v in near:  # where the mid-line meets the neck's rim
        if middle[v] and any(not middle[x] for x in near[v]):
            corners.add(v)
    mouth = {v for e in groups[1] for v in e}
    corners.add(max(mouth, key=lambda v: positions[v, 0]))
    eye = [l for l in boundary_loops(triangles) if not middle[l].any()][0]
    corners.add(min(eye, key=lambda v: positions[v, 0]))
    corners.add(max(eye, key=lambda v: positions[v, 0]))
    corners |= more
    curves, used = [], set()
    for start in sorted(corners):
        for step in sorted(near[start]):
            if (start, step) in used:
                continue
            chain = [start, step]
            while chain[-1] not in corners:
                chain.append(next(x for x in near[chain[-1]] if x != chain[-2]))
            for a, b in zip(chain[:-1], chain[1:]):
                used |= {(a, b), (b, a)}
            curves.append(chain)
    return curves, corners


def ear_mask(p, source_range):
    """Left ear among points p: ICT's face range reaches around the ear, no further."""
    z, y = p[:, 2], p[:, 1]
    return source_range & (p[:, 0] > 0.068) & (z < 0.0195) & (y > -0.0225) & (y < 0.038)


def _sizes(positions, triangles, mix, curves, inside):
    n = len(positions)
    e = np.unique(np.sort(edges_of(triangles), 1), axis=0)
    d = np.linalg.norm(positions[e[:, 0]] - positions[e[:, 1]], axis=1)
    graph = sparse.csr_matrix((d, (e[:, 0], e[:, 1])), (n, n))

    def grown(sources, base, growth=GROWTH):
        return base + growth * dijkstra(graph, False, sources, min_only=True)

    face = np.zeros(mix.shape[1])
    face[:FACE[1]] = 1
    face = (mix @ face) > 0.5
    used_inside = np.zeros(n, bool)
    used_inside[triangles[inside]] = True
    used_outside = np.zeros(n, bool)
    used_outside[triangles[~inside]] = True
    eye = [v for c in curves for v in c if 0.015 < positions[v, 0] and 0.025 < positions[v, 1]]
    mouth = np.flatnonzero(used_inside & used_outside)
    nose = np.flatnonzero(_nostril(positions) & ~used_inside)
    ears = np.flatnonzero(ear_mask(positions, face))
    size = np.where(positions[:, 1] < -0.07, NECK_SIZE, SCALP_SIZE)
    narrow = np.flatnonzero(face & (positions[:, 2] > 0.045) & (positions[:, 1] < 0.055))
    size = np.minimum(size, grown(narrow, FACE_SIZE, 0.12))
    size = np.minimum(size, grown(ears, EAR_SIZE, 0.22))
    size = np.minimum(size, grown(nose, NOSTRIL_SIZE))
    size = np.minimum(size, _bend_sizes(positions, triangles, e, d, graph))
    deep = used_inside & ~used_outside
    lips = grown(mouth, LIP_SIZE)
    size = np.where(deep, np.minimum(SOCKET_SIZE, LIP_SIZE + 0.35 * (lips - LIP_SIZE) / GROWTH), np.minimum(size, lips))
    size = np.minimum(size, np.where(deep, size, grown(eye, EYE_SIZE)))
    return size


def _bends(positions, triangles, e, d):
    """The most the normal turns along an edge at each vertex, in radians per metre."""
    n = vertex_normals(positions, triangles)
    turn = np.linalg.norm(n[e[:, 0]] - n[e[:, 1]], axis=1) / d
    bend = np.zeros(len(positions))
    for k in (0, 1):
        np.maximum.at(bend, e[:, k], turn)
    return bend


def _pins(positions, triangles, inside, curves, corners, size):
    """Tips and ridges sharper than the wanted edges can follow, thinned to that edge length."""
    e = np.unique(np.sort(edges_of(triangles), 1), axis=0)
    d = np.linalg.norm(positions[e[:, 0]] - positions[e[:, 1]], axis=1)
    sharp = _bends(positions, triangles, e, d) * size
    on_curve = np.array(sorted({v for c in curves for v in c}))
    curve_points = positions[on_curve]
    curve_set = set(on_curve.tolist())
    outer = np.unique(triangles[~inside])
    loop = set(triangles[inside].ravel().tolist())
    pins = []
    kept = [positions[v] for v in sorted(corners)]
    for v in outer[np.argsort(-sharp[outer], kind="stable")].tolist():
        if sharp[v] < PIN_TURN:
            break
        if v in corners or v in loop:
            continue
        if v not in curve_set and np.linalg.norm(curve_points - positions[v], axis=1).min() < 0.6 * size[v]:
            continue
        if (np.linalg.norm(np.array(kept) - positions[v], axis=1) > PIN_SPACING * size[v]).all():
            pins.append(v)
            kept.append(positions[v])
    return pins


def _bend_sizes(positions, triangles, e, d, graph):
    """What a bend allows: an edge turns by about BEND radians, but is no shorter than BEND_SIZE."""
    bend = _bends(positions, triangles, e, d)
    least = np.where(np.abs(positions[:, 0]) > 0.06, EAR_BEND_SIZE, BEND_SIZE)
    limit = np.maximum(BEND / np.maximum(bend, 1e-6), least)
    # Grown outwards from each vertex's own limit: an extra source at distance limit / BEND_GROWTH.
    m = len(positions)
    links = sparse.csr_matrix((limit / BEND_GROWTH, (np.full(m, m), np.arange(m))), (m + 1, m + 1))
    whole = sparse.bmat([[graph, None], [None, sparse.csr_matrix((1, 1))]]).tocsr() + links
    return dijkstra(whole, False, m)[:m] * BEND_GROWTH


def _nostril(p):
    """The underside of the nose and the wings, as a box of the neutral head."""
    return (p[:, 0] < 0.019) & (p[:, 1] > -0.012) & (p[:, 1] < 0.006) & (p[:, 2] > 0.096) & (p[:, 2] < 0.1315)


def _reflect(ict, triangles, weights, inside):
    n = weights.shape[0]
    x = weights @ np.abs(ict.neutral[:, 0])
    middle = x < 1e-7
    other = np.where(middle, np.arange(n), 0)
    other[~middle] = n + np.arange((~middle).sum())
    mirror = np.empty(n + (~middle).sum(), np.int64)
    mirror[:n] = other
    mirror[other] = np.arange(n)
    swap = sparse.csr_matrix(
        (np.ones(len(ict.mirror)), (np.arange(len(ict.mirror)), ict.mirror)), (len(ict.mirror),) * 2
    )
    reflected = (weights @ swap)[~middle]
    all_weights = sparse.vstack([weights, reflected]).tocsr()
    both = np.concatenate([triangles, other[triangles][:, ::-1]])
    return _tuck(ict, both, all_weights, mirror, np.concatenate([inside, inside]))


def _tuck(ict, triangles, weights, mirror, inside):
    """Draws the eyes' rims inwards, into the eyeball, so that nobody sees through at the corners."""
    loops = [l for l in boundary_loops(triangles) if (weights @ ict.neutral)[l, 1].mean() > 0]
    n = len(mirror)
    rim = np.concatenate([np.array(l) for l in loops])
    twin = {v: n + i for i, v in enumerate(rim.tolist())}
    p = (weights @ ict.neutral)[rim]
    center = EYE_CENTER * np.where(p[:, :1] > 0, (1, 1, 1), (-1, 1, 1))
    offset = np.concatenate([np.zeros((n, 3)), TUCK * (center - p)])
    # The rim has the skin on its left: its own edges turned round belong to the new strip.
    left = (weights @ ict.neutral)[:, 0] > 0
    strip = []
    for a, b in ((a, b) for l in loops for a, b in zip(l, l[1:] + l[:1])):
        if left[a]:
            strip += [[b, a, twin[a]], [b, twin[a], twin[b]]]
        else:
            strip += [[b, a, twin[b]], [a, twin[a], twin[b]]]
    return Skin(
        np.concatenate([triangles, np.array(strip)]),
        sparse.vstack([weights, weights[rim]]).tocsr(),
        offset,
        np.concatenate([mirror, [twin[v] for v in mirror[rim]]]),
        np.concatenate([inside, np.zeros(len(strip), bool)]),
    )
