"""A finer head: long edges of the head get a vertex in their middle, on a smooth surface through its own.

The middle is the butterfly scheme's, a fixed mix of eight vertices, so modes and expressions carry over."""

import numpy as np
import scipy.sparse as sparse

from .mixed import Mixed

# How much an edge's length counts for.
IMPORTANCE = {"faceSkin": 1.0, "lips": 1.8, "eyelids": 1.8, "ears": 1.5, "scalp": 0.55, "neck": 0.5,
              "mouthInterior": 0.35, "teeth": 0.6, "tongue": 0.5, "leftEyeball": 0.6, "rightEyeball": 0.6,
              "leftIris": 2.0, "rightIris": 2.0}
# A middle that is farther off the edge than this share of its length is no smooth one.
_LARGEST_BULGE = 0.12


def subdivide(tensors, names, count) -> Mixed:
    """The head's tensors and region names → about `count` vertices, the head's own first."""
    mean = tensors["mean"].astype(np.float64)
    triangles = tensors["triangles"].astype(np.int64)
    mirror = tensors["mirror"].astype(np.int64)
    edges, opposite = _edges(triangles)
    split = _choose(mean, triangles, mirror, edges, names, count - len(mean))
    fresh = {e: len(mean) + i for i, e in enumerate(split)}
    weights = _weights(mean, edges, opposite, split)
    corners, places, uvs = _retile(mean, triangles, tensors["uvTriangles"].astype(np.int64),
                                   tensors["uvs"].astype(np.float64), fresh)
    twin = [fresh[tuple(sorted((int(mirror[a]), int(mirror[b]))))] for a, b in split]
    regions = tensors["regions"]
    # Between two regions it belongs to the one that is named first.
    between = [min(regions[a], regions[b]) for a, b in split]
    return Mixed(weights, corners, uvs.astype(np.float32), places, np.concatenate([mirror, twin]),
                 np.concatenate([regions, np.array(between, np.uint8)]))


def _edges(triangles):
    """Edge (a < b) → the corners across it; and corner pairs in a fixed order."""
    opposite = {}
    for t in triangles.tolist():
        for k in range(3):
            a, b, c = t[k], t[(k + 1) % 3], t[(k + 2) % 3]
            opposite.setdefault((min(a, b), max(a, b)), []).append(c)
    return sorted(opposite), opposite


def _choose(mean, triangles, mirror, edges, names, count):
    """The longest edges by importance, mirror images together."""
    importance = np.array([IMPORTANCE[n] for n in names])
    e = np.array(edges)
    length = np.linalg.norm(mean[e[:, 0]] - mean[e[:, 1]], axis=1)
    score = length * np.minimum(importance[e[:, 0]], importance[e[:, 1]])
    order = sorted(range(len(e)), key=lambda i: (-score[i], *sorted((edges[i], _twin(edges[i], mirror)))))
    chosen = set()
    for i in order:
        if len(chosen) >= count:
            break
        chosen |= {edges[i], _twin(edges[i], mirror)}
    # A triangle that is its own mirror image cannot split two of its edges evenly.
    for t in triangles.tolist():
        three = [tuple(sorted((t[k], t[(k + 1) % 3]))) for k in range(3)]
        if {int(mirror[v]) for v in t} == set(t) and sum(x in chosen for x in three) == 2:
            chosen |= set(three)
    return sorted(chosen)


def _twin(edge, mirror):
    return tuple(sorted((int(mirror[edge[0]]), int(mirror[edge[1]]))))


def _weights(mean, edges, opposite, split):
    rows, columns, values = list(range(len(mean))), list(range(len(mean))), [1.0] * len(mean)
    third = lambda edge, without: [c for c in opposite[tuple(sorted(edge))] if c != without]
    for i, (a, b) in enumerate(split):
        mix = {a: 0.5, b: 0.5}
        wings = opposite[(a, b)]
        if len(wings) == 2:
            outer = [third(pair, other) for c, pair_of in ((wings[0], b), (wings[1], b))
                     for pair, other in (((a, c), b), ((b, c), a))]
            if all(len(x) == 1 for x in outer):
                full = dict(mix)
                for c in wings:
                    full[c] = full.get(c, 0) + 0.125
                for (d,) in outer:
                    full[d] = full.get(d, 0) - 0.0625
                bulge = sum(w * mean[v] for v, w in full.items()) - (mean[a] + mean[b]) / 2
                if np.linalg.norm(bulge) < _LARGEST_BULGE * np.linalg.norm(mean[a] - mean[b]):
                    mix = full
        for v in sorted(mix):
            rows.append(len(mean) + i)
            columns.append(v)
            values.append(mix[v])
    return sparse.csr_matrix((values, (rows, columns)), (len(mean) + len(split), len(mean)))


def _retile(mean, triangles, uv_triangles, uvs, fresh):
    """Each triangle in one to four, by which of its edges are split."""
    places = {}
    uvs = list(uvs)

    def place(p, q):
        key = (min(p, q), max(p, q))
        if key not in places:
            places[key] = len(uvs)
            uvs.append((uvs[p] + uvs[q]) / 2)
        return places[key]

    corners, tiles = [], []
    for t, s in zip(triangles.tolist(), uv_triangles.tolist()):
        middle = [fresh.get(tuple(sorted((t[k], t[(k + 1) % 3])))) for k in range(3)]
        number = sum(m is not None for m in middle)
        # Turned so that the odd edge out comes first.
        turn = next((k for k in range(3) if (middle[k] is not None) == (number == 1)), 0) if number in (1, 2) else 0
        t, s, middle = ([x[(k + turn) % 3] for k in range(3)] for x in (t, s, middle))
        spot = [place(s[k], s[(k + 1) % 3]) if middle[k] is not None else None for k in range(3)]
        (a, b, c), (ab, bc, ca) = t, middle
        known = dict(zip((a, b, c, ab, bc, ca), (*s, *spot)))
        if number == 0:
            new = [(a, b, c)]
        elif number == 1:
            new = [(a, ab, c), (ab, b, c)]
        elif number == 2:
            # The shorter diagonal of what is left below the corner c.
            first = np.linalg.norm(mean[a] - (mean[b] + mean[c]) / 2)
            second = np.linalg.norm(mean[b] - (mean[a] + mean[c]) / 2)
            new = [(bc, c, ca)] + ([(a, b, bc), (a, bc, ca)] if first <= second else [(a, b, ca), (b, bc, ca)])
        else:
            new = [(a, ab, ca), (ab, b, bc), (ca, bc, c), (ab, bc, ca)]
        corners += new
        tiles += [[known[v] for v in n] for n in new]
    return np.array(corners), np.array(tiles), np.array(uvs)
