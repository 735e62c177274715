"""A coarser head: edges of the head are collapsed onto one of their ends, both sides alike.

Vertices that stay are the head's own, and so are their texture coordinates, modes and expressions.
Quadrics are Garland and Heckbert's, summed over poses, so that mouth and lids keep what they open with."""

import heapq

import numpy as np
import scipy.sparse as sparse

from .mixed import Mixed
from .surface import boundary_loops

# What an error of a millimeter counts for.
IMPORTANCE = {"faceSkin": 1.0, "lips": 12.0, "eyelids": 8.0, "ears": 0.3, "scalp": 0.02, "neck": 0.03,
              "mouthInterior": 0.05, "teeth": 0.5, "tongue": 0.01, "leftEyeball": 0.1, "rightEyeball": 0.1,
              "leftIris": 6.0, "rightIris": 6.0}
_FEATURE = 4.0  # rims and seams, against their triangles
_EVEN = 2e-4  # long edges cost a little, so that flat parts stay even
_LEAST_COSINE = 0.25  # how far a triangle may turn in any pose
_LEAST_ANGLE = 0.14  # smallest sine of an angle


class _Mesh:
    def __init__(self, poses, triangles, uvs, uv_triangles, mirror, names):
        self.poses = poses  # [P×V×3]
        self.triangles = triangles.copy()
        self.uv_triangles = uv_triangles.copy()
        self.uvs = uvs
        self.mirror = mirror
        self.around = [set() for _ in range(poses.shape[1])]
        for t, corners in enumerate(triangles):
            for v in corners:
                self.around[v].add(t)
        self.kind = _kinds(self)
        self.quadrics = _quadrics(self, np.array([IMPORTANCE[n] for n in names]))
        self.version = np.zeros(len(mirror), int)

    def neighbors(self, u):
        return {int(v) for t in self.around[u] for v in self.triangles[t]} - {int(u)}

    def shared(self, u, v):
        return self.around[u] & self.around[v]


def decimate(tensors, names, expression_names, count) -> Mixed:
    """The head's tensors and region names → about `count` vertices."""
    mean = tensors["mean"].astype(np.float64)
    shapes = tensors["expressionBasis"].astype(np.float64)
    pose = lambda *which: mean + sum(shapes[expression_names.index(n)] for n in which)
    poses = np.stack([mean, pose("jawOpen"), pose("eyeBlinkLeft", "eyeBlinkRight"),
                      pose("mouthSmileLeft", "mouthSmileRight"), pose("mouthFunnel")])
    mesh = _Mesh(poses, tensors["triangles"].astype(np.int64), tensors["uvs"].astype(np.float64),
                 tensors["uvTriangles"].astype(np.int64), tensors["mirror"].astype(np.int64), names)
    left = _collapse(mesh, count)
    return _compact(mesh, left, tensors, len(mean))


def _edge_uses(mesh):
    """Undirected edge → the triangles on it, each with the uv indices of its lower and higher end."""
    uses = {}
    for t, (corners, places) in enumerate(zip(mesh.triangles.tolist(), mesh.uv_triangles.tolist())):
        for k in range(3):
            (a, pa), (b, pb) = sorted([(corners[k], places[k]), (corners[(k + 1) % 3], places[(k + 1) % 3])])
            uses.setdefault((a, b), []).append((t, pa, pb))
    return uses


def _kinds(mesh):
    """For each vertex the neighbors along rims (1), texture seams (2) and the plane of symmetry (4)."""
    kind = [{} for _ in mesh.around]
    for (a, b), uses in _edge_uses(mesh).items():
        bits = 0
        if len(uses) == 1:
            bits |= 1
        elif uses[0][1:] != uses[1][1:]:
            bits |= 2
        if mesh.mirror[a] == a and mesh.mirror[b] == b:
            bits |= 4
        if bits:
            kind[a][b] = bits
            kind[b][a] = bits
    return kind


def _plane(poses, triangle):
    a, b, c = (poses[:, v] for v in triangle)
    n = np.cross(b - a, c - a)
    area = np.linalg.norm(n, axis=1, keepdims=True)
    return n / np.maximum(area, 1e-18), a, area[:, 0] / 2


def _quadric(normal, point, weight):
    plane = np.concatenate([normal, -(normal * point).sum(1, keepdims=True)], 1)
    return weight[:, None, None] * plane[:, :, None] * plane[:, None, :]


def _quadrics(mesh, importance):
    q = np.zeros((len(mesh.around), len(mesh.poses), 4, 4))
    for t, triangle in enumerate(mesh.triangles):
        normal, point, area = _plane(mesh.poses, triangle)
        weight = area * importance[triangle].mean()
        q[triangle] += _quadric(normal, point, weight)
    for (a, b), uses in _edge_uses(mesh).items():
        if not mesh.kind[a].get(b, 0):
            continue
        for t, _, _ in uses:
            normal, _, area = _plane(mesh.poses, mesh.triangles[t])
            along = mesh.poses[:, b] - mesh.poses[:, a]
            across = np.cross(along, normal)
            across /= np.maximum(np.linalg.norm(across, axis=1, keepdims=True), 1e-18)
            weight = _FEATURE * (along ** 2).sum(1) * importance[[a, b]].mean()
            q[[a, b]] += _quadric(across, mesh.poses[:, a], weight)
    return q


def _cost(mesh, u, v):
    p = np.concatenate([mesh.poses[:, v], np.ones((len(mesh.poses), 1))], 1)
    q = mesh.quadrics[u] + mesh.quadrics[v]
    error = float(np.einsum("pi,pij,pj->", p, q, p))
    length = float(((mesh.poses[0, u] - mesh.poses[0, v]) ** 2).sum())
    return error + _EVEN * length * float(np.trace(q[0, :3, :3]))


def _allowed(mesh, u, v):
    """Whether u may go to v without tearing a rim, folding the surface or the texture over."""
    mine = mesh.kind[u]
    if mine:
        # Along its own line, and only from the middle of one.
        bits = mine.get(v, 0)
        if len(mine) != 2 or any(other != bits for other in mine.values()):
            return False
    elif mesh.mirror[u] == u:
        return False
    shared = mesh.shared(u, v)
    if len(mesh.neighbors(u) & mesh.neighbors(v)) != len(shared):
        return False
    if mine.get(v, 0) & 1 and len(mesh.around[v]) <= 1:
        return False
    places = _places(mesh, u, v, shared)
    for t in mesh.around[u] - shared:
        before = mesh.triangles[t]
        after = np.where(before == u, v, before)
        n0, _, _ = _plane(mesh.poses, before)
        n1, _, area = _plane(mesh.poses, after)
        if (n0 * n1).sum(1).min() < _LEAST_COSINE or area.min() < 1e-8:
            return False
        corners = mesh.poses[0, after]
        sides = [((corners[k] - corners[k - 1]) ** 2).sum() for k in range(3)]
        longest, middle = sorted(sides)[:0:-1]
        if 2 * area[0] / np.sqrt(longest * middle) < _LEAST_ANGLE:
            return False
        place = [places.get(int(p), int(p)) for p in mesh.uv_triangles[t]]
        if any(int(p) not in places for c, p in zip(before, mesh.uv_triangles[t]) if c == u):
            return False
        a, b, c = mesh.uvs[place]
        if (b - a)[0] * (c - a)[1] - (b - a)[1] * (c - a)[0] < 1e-7:
            return False
    return True


def _places(mesh, u, v, shared):
    """uv index of u → that of v on the same side of a seam."""
    places = {}
    for t in shared:
        corners = mesh.triangles[t].tolist()
        row = mesh.uv_triangles[t]
        places[int(row[corners.index(u)])] = int(row[corners.index(v)])
    return places


def _apply(mesh, u, v):
    shared = mesh.shared(u, v)
    places = _places(mesh, u, v, shared)
    for t in shared:
        for w in mesh.triangles[t]:
            mesh.around[w].discard(t)
    for t in list(mesh.around[u]):
        row = mesh.triangles[t] == u
        mesh.triangles[t][row] = v
        mesh.uv_triangles[t][row] = [places[int(p)] for p in mesh.uv_triangles[t][row]]
        mesh.around[v].add(t)
    mesh.around[u].clear()
    mesh.quadrics[v] += mesh.quadrics[u]
    for w, bits in mesh.kind[u].items():
        del mesh.kind[w][u]
        if w != v:
            mesh.kind[w][v] = bits
            mesh.kind[v][w] = bits
    mesh.kind[u] = {}
    mesh.version[u] += 1


def _collapse(mesh, count):
    """Cheapest first, each with its mirror image; returns which vertices are left [V]."""
    mirror = mesh.mirror
    left = np.ones(len(mirror), bool)
    heap = []

    def push(u):
        for v in mesh.neighbors(u):
            heapq.heappush(heap, (_cost(mesh, u, v), int(u), int(v), int(mesh.version[u]), int(mesh.version[v])))

    for u in range(len(mirror)):
        push(u)
    total = len(mirror)
    while heap and total > count:
        _, u, v, mine, its = heapq.heappop(heap)
        if not left[u] or not left[v] or (mine, its) != (mesh.version[u], mesh.version[v]):
            continue
        mu, mv = int(mirror[u]), int(mirror[v])
        if not _allowed(mesh, u, v):
            continue
        pairs = [(u, v)]
        if mu != u:
            if mv == u or mesh.around[u] & mesh.around[mu] or not _allowed(mesh, mu, mv):
                continue
            pairs.append((mu, mv))
        elif mv != v:
            continue
        for a, b in pairs:
            _apply(mesh, a, b)
            left[a] = False
            total -= 1
        changed = {w for _, b in pairs for w in mesh.neighbors(b) | {b}}
        for w in changed:
            mesh.version[w] += 1
        for w in changed:
            push(w)
            for x in mesh.neighbors(w) - changed:
                heapq.heappush(heap, (_cost(mesh, x, w), int(x), int(w), int(mesh.version[x]), int(mesh.version[w])))
    return left


def _compact(mesh, left, tensors, n):
    kept = np.flatnonzero(left)
    alive = sorted({t for v in kept for t in mesh.around[v]})
    new = np.full(n, -1)
    new[kept] = np.arange(len(kept))
    triangles = new[mesh.triangles[alive]]
    uv_triangles = mesh.uv_triangles[alive]
    used, places = np.unique(uv_triangles, return_inverse=True)
    assert (triangles >= 0).all() and len(boundary_loops(triangles)) == len(boundary_loops(tensors["triangles"].astype(np.int64)))
    weights = sparse.csr_matrix((np.ones(len(kept)), (np.arange(len(kept)), kept)), (len(kept), n))
    return Mixed(weights, triangles, tensors["uvs"][used], places.reshape(-1, 3), new[mesh.mirror[kept]],
                 tensors["regions"][kept])
