"""The head at other levels of detail: `/usr/bin/python3 -m training.head.detail`.

Writes head-low and head-high beside the head, from the head's file alone."""

import hashlib
import json
from pathlib import Path

import numpy as np

from . import landmarks as lm
from . import safetensors
from .check import HEAD_FILE
from .decimate import decimate
from .mixed import Mixed
from .subdivide import subdivide

LEVELS = {"low": 1000, "high": 15000}


def build_details(head: Path = HEAD_FILE) -> dict:
    """→ {level: (tensors, metadata)}"""
    tensors, metadata = safetensors.read(head)
    names = np.array(json.loads(metadata["regionNames"]))[tensors["regions"]]
    expressions = json.loads(metadata["expressionNames"])
    meshes = {
        "low": decimate(tensors, names, expressions, LEVELS["low"]),
        "high": subdivide(tensors, names, LEVELS["high"]),
    }
    return {level: _file(level, mesh, tensors, metadata, expressions) for level, mesh in meshes.items()}


def _file(level, mesh: Mixed, tensors, metadata, expressions):
    at, b = _landmarks(mesh, tensors, metadata, expressions)
    w = mesh.weights.tocsr()
    w.sort_indices()
    out = {
        "counts": np.diff(w.indptr).astype(np.uint8),
        "vertices": w.indices.astype(np.uint16),
        "weights": w.data.astype(np.float32),
        "triangles": mesh.triangles.astype(np.uint16),
        "uvs": mesh.uvs.astype(np.float32),
        "uvTriangles": mesh.uvTriangles.astype(np.uint16),
        "landmarkTriangles": at.astype(np.uint16),
        "landmarkBarycentrics": b.astype(np.float32),
        "mirror": mesh.mirror.astype(np.uint16),
        "regions": mesh.regions.astype(np.uint8),
    }
    keys = ("version", "licence", "credit")
    return out, {"format": "headform-detail", "level": level, "headVertices": str(len(tensors["mean"])),
                 **{k: metadata[k] for k in keys}}


def _landmarks(mesh, tensors, metadata, expressions):
    """The head's landmarks on this surface: the closest points of its skin, lip by lip."""
    mean = tensors["mean"].astype(np.float64)
    corners = tensors["triangles"].astype(np.int64)[tensors["landmarkTriangles"].astype(int)]
    points = np.einsum("lk,lkc->lc", tensors["landmarkBarycentrics"], mean[corners])
    regions = json.loads(metadata["regionNames"])
    skin = np.isin(np.array(regions)[mesh.regions], ["faceSkin", "lips", "eyelids", "ears", "scalp", "neck"])
    outer = np.flatnonzero(skin[mesh.triangles].all(1))
    jaw_open = mesh.weights @ tensors["expressionBasis"][expressions.index("jawOpen")].astype(np.float64)
    found, b, distance = lm.embed(points, mesh.weights @ mean, mesh.triangles[outer], jaw_open)
    print(f"{len(mesh.regions)} vertices, {len(mesh.triangles)} triangles, landmarks off by "
          f"{1e3 * distance.mean():.2f} mm, {1e3 * distance.max():.2f} at most")
    return outer[found], b


def write_details(head: Path = HEAD_FILE) -> None:
    for level, (tensors, metadata) in build_details(head).items():
        path = head.with_name(f"head-{level}.safetensors")
        safetensors.write(path, tensors, metadata)
        raw = path.read_bytes()
        seal = {"version": 1, "name": f"headform-head-{level}", "headVersion": metadata["version"],
                "file": path.name, "bytes": len(raw), "sha256": hashlib.sha256(raw).hexdigest(),
                "licence": metadata["licence"], "credit": metadata["credit"]}
        path.with_suffix(".json").write_text(json.dumps(seal, indent=2) + "\n")


if __name__ == "__main__":
    write_details()
