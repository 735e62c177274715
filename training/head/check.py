"""Checks the head file: `/usr/bin/python3 -m training.head.check`. Raises on the first fault."""

import json
import sys
from pathlib import Path

import numpy as np
from scipy.spatial import cKDTree

from . import safetensors
from .expressions import EXPRESSION_NAMES, opposite
from .ict import REPOSITORY, Ict, load_ict
from .render import buffers, rasterize
from .skin import NECK_HEIGHT, NECK_SLOPE
from .surface import boundary_loops, edges_of, rings, track, triangle_angles, vertex_normals

HEAD_FILE = REPOSITORY / "packages/open-head/data/head.safetensors"
LARGEST_FILE = 6_000_000
SKIN_REGIONS = ["faceSkin", "lips", "eyelids", "ears", "scalp", "neck"]
FLIP = np.array([-1.0, 1.0, 1.0])

_ORDER = ["mean", "triangles", "uvs", "uvTriangles", "shapeBasis", "expressionBasis",
          "landmarkTriangles", "landmarkBarycentrics", "contourTriangles", "contourBarycentrics",
          "mirror", "regions", "albedo", "skinBasis", "eyeBasis"]


def check(path: Path = HEAD_FILE, ict: Ict | None = None) -> dict:
    """→ figures worth reporting. With ICT-FaceKit, also the distances to it."""
    t, metadata = safetensors.read(path)
    _require(list(t) == _ORDER, f"tensors are {list(t)}")
    _require(path.stat().st_size <= LARGEST_FILE, f"file has {path.stat().st_size} bytes")
    mean = t["mean"].astype(np.float64)
    triangles = t["triangles"].astype(np.int64)
    mirror = t["mirror"].astype(np.int64)
    regions = np.array(json.loads(metadata["regionNames"]))[t["regions"]]
    _require(all(np.isfinite(x).all() for x in t.values()), "not finite")
    _require(4000 <= len(mean) <= 6000, f"{len(mean)} vertices")
    _require(np.array_equal(np.unique(triangles), np.arange(len(mean))), "unused vertices")
    angles = _check_surface(mean, triangles, np.isin(regions, SKIN_REGIONS))
    _check_mirror(t, mean, triangles, mirror, metadata)
    _check_texture(t["uvs"].astype(np.float64), t["uvTriangles"].astype(np.int64))
    jaw = _check_landmarks(t, mean, triangles)[:17]
    _check_contour(t, mean, triangles, jaw, json.loads(metadata["contourYaws"]))
    figures = {
        "bytes": path.stat().st_size, "vertices": len(mean), "triangles": len(triangles),
        "uvs": len(t["uvs"]), "modes": len(t["shapeBasis"]),
        "smallest angle of the skin": round(float(angles.min()), 2),
        "triangles under 20°": int((angles < 20).sum()), "under 30°": int((angles < 30).sum()),
        "vertices by region": dict(zip(*(x.tolist() for x in np.unique(regions, return_counts=True)))),
    }
    if ict is not None:
        figures.update(_distances(t, mean, triangles, regions, ict))
    return figures


def _require(condition, message):
    if not condition:
        raise AssertionError(message)


def _check_surface(mean, triangles, on_skin):
    """Manifold with a boundary, consistently turned, outwards, nothing degenerate."""
    directed = edges_of(triangles)
    _require(len(np.unique(directed, axis=0)) == len(directed), "an edge is used twice the same way")
    loops = boundary_loops(triangles)
    on_rim = np.concatenate([np.array(l) for l in loops])
    _require(len(np.unique(on_rim)) == len(on_rim), "boundary loops touch")
    skin = [l for l in loops if len(l) > 12]
    _require(len(skin) == 3, f"{len(skin)} openings: two eyes and the neck expected")
    angles = triangle_angles(mean, triangles).min(1)
    _require(angles.min() > 5, f"smallest angle is {angles.min():.1f}°")
    angles = angles[on_skin[triangles].all(1)]
    _require((angles < 20).mean() < 0.01, f"{(angles < 20).sum()} triangles are under 20°")
    normals = vertex_normals(mean, triangles)
    nose = mean[:, 2].argmax()
    _require(normals[nose, 2] > 0.5, "the surface is inside out")
    return angles


def _check_mirror(t, mean, triangles, mirror, metadata):
    n = len(mean)
    _require(np.array_equal(mirror[mirror], np.arange(n)), "mirror is no involution")
    _require(np.array_equal(t["mean"][mirror] * FLIP.astype(np.float32), t["mean"] + np.float32(0)), "mean is not mirrored")
    rotate = lambda f: {tuple(np.roll(x, -x.argmin())) for x in f}
    _require(rotate(mirror[triangles][:, ::-1]) == rotate(triangles), "triangles are not mirrored")
    for k, mode in enumerate(t["shapeBasis"]):
        twin = mode[mirror] * FLIP.astype(np.float16)
        _require(np.array_equal(twin, mode) or np.array_equal(twin, -mode), f"mode {k} is neither symmetric nor antisymmetric")
    names = json.loads(metadata["expressionNames"])
    _require(names == EXPRESSION_NAMES and len(set(names)) == 52, "expression names")
    for name, shape in zip(names, t["expressionBasis"]):
        twin = t["expressionBasis"][names.index(opposite(name))]
        _require(np.array_equal(shape[mirror] * FLIP.astype(np.float16), twin), f"{name} is not mirrored")
        size = np.linalg.norm(shape.astype(np.float64), axis=1)
        _require(size.max() > 0.002, f"{name} does not move")
        x = (size * mean[:, 0]).sum() / size.sum()
        side = 1 if name.endswith("Left") else -1 if name.endswith("Right") else 0
        if side and name not in ("jawLeft", "jawRight", "mouthLeft", "mouthRight"):
            _require(x * side > 0.005, f"{name} moves the wrong side")
    for name in ("jawLeft", "mouthLeft"):
        _require(t["expressionBasis"][names.index(name)][:, 0].astype(np.float64).mean() > 0, f"{name} goes right")


def _check_texture(uvs, uv_triangles, size=2048):
    _require(uvs.min() >= 0 and uvs.max() <= 1, "uvs leave the unit square")
    a, b, c = (uvs[uv_triangles[:, k]] for k in range(3))
    area = (b - a)[:, 0] * (c - a)[:, 1] - (b - a)[:, 1] * (c - a)[:, 0]
    _require((area > 0).all(), f"{(area <= 0).sum()} texture triangles are turned over")
    # Every texel center belongs to one triangle: painted in both orders, the same owner wins.
    screen = np.stack([uvs[:, 0] * size, uvs[:, 1] * size, np.zeros(len(uvs))], 1)
    # Shrunk a little about its middle, a triangle leaves its edges to nobody.
    corners = screen[uv_triangles]
    corners = corners.mean(1, keepdims=True) + 0.98 * (corners - corners.mean(1, keepdims=True))
    flat = np.arange(3 * len(corners)).reshape(-1, 3)
    owners = []
    for order in (flat, flat[::-1]):
        owner, depth, bary = buffers(size, size)
        rasterize(corners.reshape(-1, 3), np.ascontiguousarray(order), size, size, owner, depth, bary)
        owners.append(owner)
    inside = owners[0] >= 0
    doubled = inside & (owners[0] != len(flat) - 1 - owners[1])
    _require(not doubled.any(), f"{doubled.sum()} texels are used twice")


def _check_landmarks(t, mean, triangles):
    b = t["landmarkBarycentrics"].astype(np.float64)
    _require((b >= -1e-6).all() and np.allclose(b.sum(1), 1, atol=1e-5), "barycentrics")
    p = np.einsum("lk,lkc->lc", b, mean[triangles[t["landmarkTriangles"].astype(int)]])
    _require(p[16, 0] > 0.05 > -0.05 > p[0, 0], "landmarks 0 and 16 are on the wrong sides")
    _require(p[30, 2] > p[[0, 8, 16, 36, 45], 2].max(), "the nose is not in front")
    return p


def _check_contour(t, mean, triangles, jaw, yaws):
    """At rest it is the jaw; turned, no point of it is seen farther in than the jaw's own."""
    b = t["contourBarycentrics"].astype(np.float64)
    p = np.einsum("rik,rikc->ric", b, mean[triangles[t["contourTriangles"].astype(int)]])
    rest = yaws.index(0)
    _require(np.abs(p[rest] - jaw).max() < 0.002, "the contour at rest is not the jaw")
    for yaw, points in zip(yaws, p):
        far = np.sign(yaw) * jaw[:, 0] > 0
        ahead = (points - jaw) @ [np.cos(yaw), 0, np.sin(yaw)] * np.sign(yaw)
        _require((ahead[far] > -0.001).all(), f"the contour at {yaw} lies inside")
        _require(np.abs((points - jaw)[~far]).max() < 0.002, f"the near side slides at {yaw}")


def _distances(t, mean, triangles, regions, ict):
    """How far ICT-FaceKit's skin is from ours: the mean, and identities at +1σ each."""
    skin = np.isin(regions, SKIN_REGIONS)
    outer = triangles[skin[triangles].all(1)]
    v = ict.neutral[:11248]
    kept = np.flatnonzero(v[:, 1] > NECK_HEIGHT - NECK_SLOPE * v[:, 2] + 0.001)
    first = dict(zip(outer[::-1].ravel().tolist(), np.repeat(np.arange(len(outer))[::-1], 3).tolist()))
    used = np.unique(outer)
    seeds = np.array([first[used[i]] for i in cKDTree(mean[used]).query(v[kept])[1]])
    found, bary = track(v[kept], seeds, mean, outer, *rings(outer, len(mean)))
    distance = np.linalg.norm(np.einsum("nk,nkc->nc", bary, mean[outer[found]]) - v[kept], axis=1)
    face = v[kept, 2] > 0.04
    # The same coefficients are not the same modes; so compare the space: project ICT's modes.
    corners = outer[found]
    at = lambda field: np.einsum("nk,nkc->nc", bary, field[corners])
    basis = np.stack([at(m.astype(np.float64)) for m in t["shapeBasis"]])
    target = ict.identity[:, kept]
    near = (distance < 0.002) & face
    a = basis[:, near].reshape(len(basis), -1).T
    y = target[:, near].reshape(len(target), -1).T
    rest = y - a @ np.linalg.lstsq(a, y, rcond=None)[0]
    spread = lambda e: float(np.sqrt((e.reshape(near.sum(), 3, -1) ** 2).sum(1).mean(0).sum()))
    mm = lambda d: [round(float(x) * 1e3, 3) for x in (d.mean(), np.percentile(d, 99), d.max())]
    return {
        "mean surface, all skin: mm mean, 99 %, max": mm(distance),
        "mean surface, face: mm mean, 99 %, max": mm(distance[face]),
        "identities, face: mm left of mm": [round(spread(rest) * 1e3, 3), round(spread(y) * 1e3, 3)],
    }


if __name__ == "__main__":
    shared = load_ict() if "--ict" in sys.argv else None
    for name, value in check(ict=shared).items():
        print(f"{name}: {value}")
