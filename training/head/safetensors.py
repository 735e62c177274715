"""The safetensors container: u64 header length, JSON header, tensors one after the other."""

import json
import struct
from pathlib import Path

import numpy as np

_NAMES = {"float32": "F32", "float16": "F16", "uint16": "U16", "uint8": "U8", "int8": "I8"}
_TYPES = {code: np.dtype(name) for name, code in _NAMES.items()}


def write(path: Path, tensors: dict, metadata: dict) -> None:
    """Tensors in the order given, each padded to eight bytes; metadata are strings."""
    header = {"__metadata__": metadata}
    chunks, offset = [], 0
    for name, value in tensors.items():
        raw = np.ascontiguousarray(value).tobytes()
        header[name] = {
            "dtype": _NAMES[value.dtype.name],
            "shape": list(value.shape),
            "data_offsets": [offset, offset + len(raw)],
        }
        pad = -len(raw) % 8
        chunks.append(raw + b"\0" * pad)
        offset += len(raw) + pad
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(chunks))


def read(path: Path):
    """→ tensors {name: array}, metadata {name: string}."""
    raw = path.read_bytes()
    (length,) = struct.unpack("<Q", raw[:8])
    header = json.loads(raw[8:8 + length])
    metadata = header.pop("__metadata__", {})
    body = raw[8 + length:]
    tensors = {
        name: np.frombuffer(body[slice(*e["data_offsets"])], _TYPES[e["dtype"]]).reshape(e["shape"])
        for name, e in header.items()
    }
    return tensors, metadata
