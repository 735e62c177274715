"""Adaptive remeshing of half a head: split, collapse, flip, relax, as in Botsch and Kobbelt 2004.

Every vertex stays on the source surface: inside it as a triangle with barycentrics, on a feature
curve (mid-line, eye, mouth, neck) as an arc length. So a vertex of the result is an exact
combination of source vertices, and whatever the source knows (modes, expressions) carries over.
"""

from dataclasses import dataclass, field

import numpy as np
import scipy.sparse as sparse
from scipy.sparse.csgraph import connected_components

from .surface import distance_to, rings, track, vertex_normals


@dataclass
class Curve:
    """A chain of source vertices; closed ones repeat their first vertex at the end."""

    vertices: np.ndarray
    length: np.ndarray = field(init=False)
    triangle: np.ndarray = field(init=False)


@dataclass(frozen=True)
class Remeshed:
    """triangles [F×3], patch [F] the number of the area between feature curves that each lies in,
    over vertices given by sourceTriangle [V] and barycentrics [V×3];
    curve [V] is the feature a vertex lies on (−1 none, −2 a corner of several)."""

    triangles: np.ndarray
    patch: np.ndarray
    sourceTriangle: np.ndarray
    barycentrics: np.ndarray
    curve: np.ndarray


def remesh(positions, triangles, curves, corners, pins, size, rounds=8) -> Remeshed:
    """positions [N×3], triangles [M×3], curves: vertex chains between corners, pins:
    source vertices that stay as they are (tips and ridges), size [N]: the wanted edge length at
    each source vertex, in the unit of the positions."""
    mesh = _Mesh(positions, triangles, curves, corners, pins, size)
    for i in range(rounds):
        mesh.split()
        mesh.collapse()
        mesh.flip()
        mesh.relax(3 if i < rounds - 1 else 12)
    mesh.flip()
    mesh.relax(5)
    for _ in range(4):
        mesh.repair()
        mesh.flip()
        mesh.relax(2)
    return mesh.result()


class _Mesh:
    """Working state: a triangle soup with vertex-to-triangle sets."""

    def __init__(self, positions, triangles, curves, corners, pins, size):
        self.source = np.ascontiguousarray(positions, np.float64)
        self.faces = np.ascontiguousarray(triangles, np.int64)
        self.ring = rings(self.faces, len(positions))
        self.size = size
        self.normals = vertex_normals(self.source, self.faces)
        owner = {}
        for i, t in enumerate(self.faces.tolist()):
            for k in range(3):
                owner.setdefault(frozenset((t[k], t[(k + 1) % 3])), i)
        self.curves = []
        self.feature = {}
        n = len(positions)
        self.curve = [-1] * n
        self.arc = [0.0] * n
        for c, chain in enumerate(curves):
            curve = Curve(np.array(chain))
            steps = np.linalg.norm(np.diff(self.source[chain], axis=0), axis=1)
            curve.length = np.concatenate([[0], np.cumsum(steps)])
            pairs = list(zip(chain[:-1], chain[1:]))
            curve.triangle = np.array([owner[frozenset(e)] for e in pairs])
            self.curves.append(curve)
            for e in pairs:
                self.feature[frozenset(e)] = c
            for v, s in zip(chain, curve.length):
                self.curve[v] = -2 if v in corners else c
                self.arc[v] = float(s)
        for v in pins:
            self.curve[v] = -2
        self.end = {(c, chain[0]): 0.0 for c, chain in enumerate(curves)}
        self.end.update({(c, k.vertices[-1]): float(k.length[-1]) for c, k in enumerate(self.curves)})
        self.tri = [t for t in self.faces.tolist()]
        self.around = [set() for _ in range(n)]
        self.place = [None] * n
        for i, t in enumerate(self.tri):
            for k, v in enumerate(t):
                self.around[v].add(i)
                if self.place[v] is None:
                    b = [0.0, 0.0, 0.0]
                    b[k] = 1.0
                    self.place[v] = (i, tuple(b))
        self.p = [tuple(x) for x in self.source.tolist()]
        self.want = list(map(float, size))

    # Places ---------------------------------------------------------------------------------

    def _evaluate(self, v):
        t, b = self.place[v]
        f = self.faces[t]
        b = np.array(b)
        self.p[v] = tuple((b @ self.source[f]).tolist())
        self.want[v] = float(b @ self.size[f])

    def _source_normal(self, v):
        t, b = self.place[v]
        n = np.array(b) @ self.normals[self.faces[t]]
        return n / (np.linalg.norm(n) + 1e-30)

    def _on_curve(self, c, s):
        curve = self.curves[c]
        k = int(np.clip(np.searchsorted(curve.length, s, "right") - 1, 0, len(curve.triangle) - 1))
        w = (s - curve.length[k]) / (curve.length[k + 1] - curve.length[k])
        t = int(curve.triangle[k])
        b = [0.0, 0.0, 0.0]
        f = self.faces[t].tolist()
        b[f.index(curve.vertices[k])] += 1 - w
        b[f.index(curve.vertices[k + 1])] += w
        return t, tuple(b)

    def _arc_of(self, v, c):
        return self.end[(c, v)] if self.curve[v] == -2 else self.arc[v]

    def _project(self, points, seeds):
        return track(np.array(points), np.array(seeds), self.source, self.faces, *self.ring)

    # Operations -----------------------------------------------------------------------------

    def _edges(self):
        seen = set()
        for t in self.tri:
            if t is not None:
                for k in range(3):
                    a, b = t[k], t[(k + 1) % 3]
                    seen.add((a, b) if a < b else (b, a))
        return sorted(seen)

    def _length(self, a, b):
        p, q = self.p[a], self.p[b]
        return ((p[0] - q[0]) ** 2 + (p[1] - q[1]) ** 2 + (p[2] - q[2]) ** 2) ** 0.5

    def _want(self, a, b):
        return min(self.want[a], self.want[b]) * 0.5 + (self.want[a] + self.want[b]) * 0.25

    def split(self):
        todo = sorted(((self._length(*e) / self._want(*e), e) for e in self._edges()), reverse=True)
        for ratio, (a, b) in todo:
            if ratio <= 4 / 3:
                break
            v = len(self.p)
            c = self.feature.pop(frozenset((a, b)), None)
            self.around.append(set())
            self.p.append(None)
            self.want.append(0.0)
            if c is None:
                mid = [(x + y) / 2 for x, y in zip(self.p[a], self.p[b])]
                t, w = self._project([mid], [self.place[a][0]])
                self.place.append((int(t[0]), tuple(w[0].tolist())))
                self.curve.append(-1)
                self.arc.append(0.0)
            else:
                s = (self._arc_of(a, c) + self._arc_of(b, c)) / 2
                self.place.append(self._on_curve(c, s))
                self.curve.append(c)
                self.arc.append(s)
                self.feature[frozenset((a, v))] = c
                self.feature[frozenset((v, b))] = c
            self._evaluate(v)
            for i in list(self.around[a] & self.around[b]):
                t = self.tri[i]
                one = [v if x == b else x for x in t]
                two = [v if x == a else x for x in t]
                self.tri[i] = one
                self.around[b].discard(i)
                self.around[v].add(i)
                j = len(self.tri)
                self.tri.append(two)
                for x in two:
                    self.around[x].add(j)

    def _neighbors(self, v):
        return {x for i in self.around[v] for x in self.tri[i]} - {v}

    def _normal(self, t):
        (ax, ay, az), (bx, by, bz), (cx, cy, cz) = (self.p[x] for x in t)
        ux, uy, uz, vx, vy, vz = bx - ax, by - ay, bz - az, cx - ax, cy - ay, cz - az
        n = (uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx)
        l = (n[0] ** 2 + n[1] ** 2 + n[2] ** 2) ** 0.5 + 1e-30
        e = max(ux * ux + uy * uy + uz * uz, vx * vx + vy * vy + vz * vz,
                (ux - vx) ** 2 + (uy - vy) ** 2 + (uz - vz) ** 2)
        return (n[0] / l, n[1] / l, n[2] / l), l / e

    def _collapse(self, gone, kept, longest=4 / 3):
        """Merges a vertex into a neighbour, if the surface stays a surface and keeps its side."""
        shared = self.around[gone] & self.around[kept]
        opposite = {x for i in shared for x in self.tri[i]} - {gone, kept}
        near = self._neighbors(gone)
        if (near & self._neighbors(kept)) != opposite:
            return False
        c = self.feature.get(frozenset((gone, kept)))
        if self.curve[gone] == -2 or (self.curve[gone] >= 0 and c is None):
            return False
        for x in near - {kept}:
            if self._length(x, kept) > longest * self._want(x, kept):
                return False
        news = []
        for i in self.around[gone] - shared:
            old, _ = self._normal(self.tri[i])
            new, quality = self._normal([kept if x == gone else x for x in self.tri[i]])
            if sum(p * q for p, q in zip(old, new)) < 0.5 or quality < 0.1:
                return False
            news.append([kept if x == gone else x for x in self.tri[i]])
        # Slivers go at any price; else what a merge shaves off stays small.
        if longest < 1.5 and c is None and self._depth(gone, news) > 0.22 * self.want[gone]:
            return False
        # A side that two feature edges share must not fold onto itself.
        moved = [(x, self.feature[e]) for x in near if (e := frozenset((gone, x))) in self.feature]
        if any(x != kept and frozenset((x, kept)) in self.feature for x, _ in moved):
            return False
        for x, curve in moved:
            del self.feature[frozenset((gone, x))]
            if x != kept:
                self.feature[frozenset((kept, x))] = curve
        for i in shared:
            for x in self.tri[i]:
                self.around[x].discard(i)
            self.tri[i] = None
        for i in list(self.around[gone]):
            self.tri[i] = [kept if x == gone else x for x in self.tri[i]]
            self.around[kept].add(i)
        self.around[gone] = set()
        self.p[gone] = None
        return True

    def _depth(self, v, triangles):
        """How far a vertex lies from triangles that would replace it."""
        return distance_to(np.array(self.p[v]), np.array([[self.p[x] for x in t] for t in triangles]))

    def collapse(self):
        todo = sorted((self._length(*e) / self._want(*e), e) for e in self._edges())
        for ratio, (a, b) in todo:
            if ratio >= 4 / 5:
                break
            if self.p[a] is None or self.p[b] is None or not (self.around[a] & self.around[b]):
                continue
            if self._length(a, b) / self._want(a, b) >= 4 / 5:
                continue
            first, second = (a, b) if self.curve[a] == -1 else (b, a)
            self._collapse(first, second) or self._collapse(second, first)

    def repair(self, least=0.45):
        """Merges the shortest side of each sliver left, whatever its wanted length."""
        for i in range(len(self.tri)):
            t = self.tri[i]
            if t is None or self._normal(t)[1] > least:
                continue
            sides = sorted((self._length(t[k], t[(k + 1) % 3]), t[k], t[(k + 1) % 3]) for k in range(3))
            for _, a, b in sides[:2]:
                if self._collapse(a, b, 1.7) or self._collapse(b, a, 1.7):
                    break

    def _angle_sum(self, a, b, c, d):
        total = 0.0
        for o in (c, d):
            p, q, r = self.p[o], self.p[a], self.p[b]
            u = [x - y for x, y in zip(q, p)]
            v = [x - y for x, y in zip(r, p)]
            dot = sum(x * y for x, y in zip(u, v))
            n = (sum(x * x for x in u) * sum(x * x for x in v)) ** 0.5 + 1e-30
            total += np.arccos(max(-1.0, min(1.0, dot / n)))
        return total

    def flip(self):
        for _ in range(4):
            count = 0
            for a, b in self._edges():
                if frozenset((a, b)) in self.feature:
                    continue
                both = self.around[a] & self.around[b]
                if len(both) != 2:
                    continue
                i, j = sorted(both)
                t = self.tri[i]
                k = t.index(a)
                if t[(k + 1) % 3] != b:
                    i, j = j, i
                c = next(x for x in self.tri[i] if x not in (a, b))
                d = next(x for x in self.tri[j] if x not in (a, b))
                if self.around[c] & self.around[d] or self._angle_sum(a, b, c, d) < np.pi + 1e-6:
                    continue
                (n1, _), (n2, _) = self._normal(self.tri[i]), self._normal(self.tri[j])
                one, two = [c, a, d], [d, b, c]
                (m1, q1), (m2, q2) = self._normal(one), self._normal(two)
                side = tuple(x + y for x, y in zip(n1, n2))
                if min(sum(x * y for x, y in zip(m, side)) for m in (m1, m2)) < 0.3:
                    continue
                if min(q1, q2) < 0.05:
                    continue
                self.tri[i], self.tri[j] = one, two
                self.around[b].discard(i)
                self.around[a].discard(j)
                self.around[d].add(i)
                self.around[c].add(j)
                count += 1
            if count == 0:
                break

    def relax(self, times):
        """Moves each vertex to the mean of its triangles' centers, weighted by area over the
        wanted size, then back to the surface."""
        for _ in range(times):
            live = [v for v in range(len(self.p)) if self.p[v] is not None and self.around[v]]
            index = {v: i for i, v in enumerate(live)}
            p = np.array([self.p[v] for v in live])
            want = np.array([self.want[v] for v in live])
            t = np.array([[index[x] for x in t] for t in self.tri if t is not None])
            a, b, c = (p[t[:, k]] for k in range(3))
            weight = np.linalg.norm(np.cross(b - a, c - a), axis=1) / want[t].mean(1) ** 3
            center = (a + b + c) / 3
            total = np.zeros(len(live))
            goal = np.zeros_like(p)
            for k in range(3):
                np.add.at(total, t[:, k], weight)
                np.add.at(goal, t[:, k], weight[:, None] * center)
            goal /= total[:, None]
            free = [i for i, v in enumerate(live) if self.curve[v] == -1]
            step = 0.7 * (goal[free] - p[free])
            # Only along the surface: a ridge must not be cut by its vertices sliding inwards.
            n = np.array([self._source_normal(live[i]) for i in free])
            step -= (step * n).sum(1, keepdims=True) * n
            tri, w = self._project(p[free] + step, [self.place[live[i]][0] for i in free])
            for i, f, b in zip(free, tri.tolist(), w.tolist()):
                self.place[live[i]] = (f, tuple(b))
                self._evaluate(live[i])
            chains = {}
            for e, c in self.feature.items():
                for v in e:
                    chains.setdefault(v, []).append((c, next(x for x in e if x != v)))
            moves = {}
            for v, near in chains.items():
                if self.curve[v] < 0:
                    continue
                c = self.curve[v]
                s, (s1, s2) = self.arc[v], [self._arc_of(x, c) for _, x in near]
                w1, w2 = (1 / self._want(v, x) for _, x in near)
                moves[v] = 0.5 * s + 0.5 * (s1 * w1 + s2 * w2) / (w1 + w2)
            for v, s in moves.items():
                self.arc[v] = s
                self.place[v] = self._on_curve(self.curve[v], s)
                self._evaluate(v)

    def _patches(self, triangles):
        first = {}
        pairs = []
        for i, t in enumerate(triangles):
            for k in range(3):
                e = frozenset((t[k], t[(k + 1) % 3]))
                if e in self.feature:
                    continue
                if e in first:
                    pairs.append((first[e], i))
                else:
                    first[e] = i
        i, j = np.array(pairs).T
        n = len(triangles)
        return connected_components(sparse.csr_matrix((np.ones(len(i)), (i, j)), (n, n)), False)[1]

    def result(self) -> Remeshed:
        live = [v for v in range(len(self.p)) if self.p[v] is not None and self.around[v]]
        index = {v: i for i, v in enumerate(live)}
        kept = [t for t in self.tri if t is not None]
        return Remeshed(
            triangles=np.array([[index[x] for x in t] for t in kept]),
            patch=self._patches(kept),
            sourceTriangle=np.array([self.place[v][0] for v in live]),
            barycentrics=np.array([self.place[v][1] for v in live]),
            curve=np.array([self.curve[v] for v in live]),
        )
