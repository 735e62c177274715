"""The head put together: geometry, modes, expressions, landmarks, regions and texture layout."""

import json
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sparse

from . import landmarks as lm
from .contour import YAWS, jaw_contour
from .eyes import eyeball
from .expressions import EXPRESSION_NAMES, build_expressions, deviation
from .ict import FACE, Ict
from .layout import aspect, place
from .mouth import teeth, tongue
from .regions import REGION_NAMES, skin_regions
from .skin import Skin, build_skin
from .surface import vertex_areas, vertex_normals
from .unwrap import disk_chart, skin_chart

VERSION = "0.2.0"
LICENCE = "MIT"
CREDIT = (
    "Learned from ICT-FaceKit (MIT, USC Institute for Creative Technologies) and MakeHuman (CC0)"
)

# Share of the identities' variance that is kept.
KEPT_VARIANCE = 0.997

# What a square metre counts for in the modes: the face's shape orders them, not the scalp's.
MODE_WEIGHTS = {"faceSkin": 1.0, "lips": 1.0, "eyelids": 1.0, "ears": 0.3, "scalp": 0.15, "neck": 0.1}


CONTOUR_REGIONS = ["faceSkin", "neck", "scalp", "ears"]


@dataclass(frozen=True)
class Head:
    """tensors and metadata as the file holds them, and what checks and albedo need besides."""

    tensors: dict
    metadata: dict
    weights: sparse.csr_matrix
    notes: dict


def build_head(ict: Ict, skin: Skin | None = None) -> Head:
    skin = skin or build_skin(ict)
    n = skin.weights.shape[0]
    meshes = {
        "rightEyeball": eyeball(ict, left=False), "leftEyeball": eyeball(ict, left=True),
        "upperTeeth": teeth(ict, upper=True), "lowerTeeth": teeth(ict, upper=False),
        "tongue": tongue(ict),
    }
    weights = sparse.vstack([skin.weights, *(m.weights for m in meshes.values())]).tocsr()
    offset = np.concatenate([skin.offset, *(m.offset for m in meshes.values())])
    starts = dict(zip(meshes, n + np.cumsum([0, *(len(m.offset) for m in meshes.values())])))
    mirror = [skin.mirror]
    for name, m in meshes.items():
        twin = {"leftEyeball": "rightEyeball", "rightEyeball": "leftEyeball"}.get(name, name)
        mirror.append(m.mirror + starts[twin])
    mirror = np.concatenate(mirror)
    flip = np.array([-1.0, 1.0, 1.0])
    mean = weights @ ict.neutral + offset
    mean = (mean + mean[mirror] * flip) / 2
    mean[mirror == np.arange(len(mean)), 0] = 0

    face = np.zeros(weights.shape[1])
    face[FACE[0]:FACE[1]] = 1
    region = skin_regions(mean[:n], skin.triangles, skin.inside, skin.weights @ face > 0.5)
    region = np.concatenate([region, *([REGION_NAMES.index(r) for r in m.region] for m in meshes.values())])
    names = np.array(REGION_NAMES)[region]

    triangles = np.concatenate([
        skin.triangles[~skin.inside], skin.triangles[skin.inside],
        *(m.triangles + starts[k] for k, m in meshes.items())])
    uvs, uv_triangles = _texture(mean, skin, mirror, region, meshes)
    modes, share = shape_modes(ict, weights, mirror, mean, triangles, names)
    expressions = build_expressions(ict, weights, mean, mirror, names, triangles)
    outer = skin.triangles[~skin.inside]
    jaw_open = expressions[EXPRESSION_NAMES.index("jawOpen")]
    points = lm.landmark_points(ict)
    landmark_triangles, landmark_barycentrics, landmark_distance = lm.embed(points, mean, outer, jaw_open)

    face_and_neck = np.flatnonzero(np.isin(names[triangles], CONTOUR_REGIONS).all(1))
    jaw = np.einsum("lk,lkc->lc", landmark_barycentrics, mean[outer[landmark_triangles]])[:17]
    contour_triangles, contour_barycentrics = jaw_contour(mean, triangles, face_and_neck, jaw)

    tensors = {
        "mean": mean.astype(np.float32),
        "triangles": triangles.astype(np.uint16),
        "uvs": uvs.astype(np.float32),
        "uvTriangles": uv_triangles.astype(np.uint16),
        "shapeBasis": modes.astype(np.float16),
        "expressionBasis": expressions.astype(np.float16),
        "landmarkTriangles": landmark_triangles.astype(np.uint16),
        "landmarkBarycentrics": landmark_barycentrics.astype(np.float32),
        "contourTriangles": contour_triangles.astype(np.uint16),
        "contourBarycentrics": contour_barycentrics.astype(np.float32),
        "mirror": mirror.astype(np.uint16),
        "regions": region.astype(np.uint8),
    }
    metadata = {
        "format": "headform-head", "version": VERSION, "licence": LICENCE, "credit": CREDIT,
        "unit": "m",
        "expressionNames": json.dumps(EXPRESSION_NAMES),
        "regionNames": json.dumps(REGION_NAMES),
        "contourYaws": json.dumps([round(float(x), 6) for x in YAWS]),
        "shapeStandardDeviations": json.dumps([1] * len(modes)),
        "expressionStandardDeviations": json.dumps([deviation(n) for n in EXPRESSION_NAMES]),
    }
    return Head(tensors, metadata, weights, {"share": share, "landmarkDistance": landmark_distance, "regionNames": names})


def shape_modes(ict, weights, mirror, mean, triangles, names):
    """Principal modes of the resampled identities at +1σ, each exactly symmetric or antisymmetric.

    ICT's modes B spread as C = Σ b bᵀ; with the reflection M, its symmetric completion is
    (C + M C Mᵀ)/2 = Σ s sᵀ + Σ a aᵀ, s = (b + M b)/2, a = (b − M b)/2, whose two parts do not mix."""
    b = np.stack([weights @ mode for mode in ict.identity])
    reflected = b[:, mirror] * (-1, 1, 1)
    mass = vertex_areas(mean, triangles) * np.array([MODE_WEIGHTS.get(x, 0.01) for x in names])
    root = np.sqrt(mass / mass.sum())[None, :, None]
    modes, variances = [], []
    for part in ((b + reflected) / 2, (b - reflected) / 2):
        flat = (part * root).reshape(len(part), -1)
        variance, u = np.linalg.eigh(flat @ flat.T)
        rotated = np.einsum("km,kvc->mvc", u, part)
        # A sign that does not depend on the solver: the largest entry is positive.
        top = rotated.reshape(len(rotated), -1)
        rotated *= np.sign(top[np.arange(len(top)), np.abs(top).argmax(1)])[:, None, None]
        modes.append(rotated)
        variances.append(variance.clip(0))
    modes, variances = np.concatenate(modes), np.concatenate(variances)
    order = np.argsort(-variances, kind="stable")
    share = np.cumsum(variances[order]) / variances.sum()
    k = int(np.searchsorted(share, KEPT_VARIANCE)) + 1
    return modes[order[:k]], share


def _importance(mean, triangles, names):
    """Wanted texture area per surface area: most in the middle of the face."""
    normals = vertex_normals(mean, triangles)
    x, y, z = mean.T
    front = 1 / (1 + np.exp(-(z - 0.045) / 0.02)) * (0.5 + 0.5 * normals[:, 2].clip(0, 1))
    weight = 0.25 + 3.0 * front
    weight[np.isin(names, ["eyelids", "lips"])] *= 1.6
    weight[names == "ears"] = 0.9
    weight[names == "scalp"] *= 0.6
    weight[names == "neck"] *= 0.45
    return weight


def _texture(mean, skin, mirror, region, meshes):
    """uvs [T×2] and uv triangles [F×3], in the order of the head's triangles."""
    names = np.array(REGION_NAMES)[region]
    n = skin.weights.shape[0]
    outer, inside = skin.triangles[~skin.inside], skin.triangles[skin.inside]
    used = np.unique(outer)
    local = np.full(n, -1)
    local[used] = np.arange(len(used))
    importance = _importance(mean[:n], skin.triangles, names[:n])
    opened, origin, uv, _ = skin_chart(mean[used], local[outer], local[mirror[used]], importance[used],
                                        aspect("skin"))
    # Skin vertices keep their number; copies along the seam follow.
    uvs = [place(uv, "skin")]
    uv_triangles = [opened]
    count = len(uv)
    used = np.unique(inside)
    local = np.full(n, -1)
    local[used] = np.arange(len(used))
    depth = np.exp(-(mean[used, 2].max() - mean[used, 2]) / 0.04) + 0.15
    uv = disk_chart(mean[used], local[inside], local[mirror[used]], depth)
    uvs.append(place(uv, "mouthInterior"))
    uv_triangles.append(local[inside] + count)
    count += len(uv)
    for name, m in meshes.items():
        uvs.append(place(m.uvs, name))
        uv_triangles.append(m.uvTriangles + count)
        count += len(m.uvs)
    return np.concatenate(uvs), np.concatenate(uv_triangles)
