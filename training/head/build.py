"""Builds the open head from ICT-FaceKit: `/usr/bin/python3 -m training.head.build`."""

import hashlib
import json
from dataclasses import replace

from . import safetensors
from .albedo import build_albedo
from .albedo_basis import build_albedo_basis
from .check import HEAD_FILE, check
from .detail import write_details
from .ict import REPOSITORY, load_ict
from .model import CREDIT, LICENCE, VERSION, build_head
from .pictures import write_pictures


def main() -> None:
    ict = load_ict()
    head = build_head(ict)
    tensors = {**head.tensors, "albedo": build_albedo(ict, head)}
    modes, about = build_albedo_basis(ict, replace(head, tensors=tensors))
    tensors.update(modes)
    write(tensors, {**head.metadata, **{name: json.dumps(value) for name, value in about.items()}})
    write_details(HEAD_FILE)
    print(f"variance kept: {head.notes['share'][len(tensors['shapeBasis']) - 1]:.5f}")
    for name, value in check(HEAD_FILE, ict).items():
        print(f"{name}: {value}")
    write_pictures(HEAD_FILE, REPOSITORY / "training/.cache/head", REPOSITORY / "docs/images")


def write(tensors, metadata) -> None:
    """The file, and its digest beside it."""
    safetensors.write(HEAD_FILE, tensors, metadata)
    raw = HEAD_FILE.read_bytes()
    seal = {
        "version": 1, "name": "headform-head", "headVersion": VERSION, "file": HEAD_FILE.name,
        "bytes": len(raw), "sha256": hashlib.sha256(raw).hexdigest(), "licence": LICENCE, "credit": CREDIT,
    }
    HEAD_FILE.with_name("head.json").write_text(json.dumps(seal, indent=2) + "\n")


if __name__ == "__main__":
    main()
