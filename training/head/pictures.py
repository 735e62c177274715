"""Pictures to judge the head by: views, wireframe, texture layout, identities, expressions."""

import json
from pathlib import Path

import numpy as np
import scipy.sparse as sparse
from PIL import Image, ImageDraw

from . import safetensors
from .render import draw, sheet

_COLORS = {
    "faceSkin": (0.86, 0.68, 0.58), "lips": (0.78, 0.45, 0.43), "eyelids": (0.80, 0.60, 0.52),
    "ears": (0.84, 0.62, 0.52), "scalp": (0.62, 0.55, 0.50), "neck": (0.80, 0.64, 0.56),
    "mouthInterior": (0.55, 0.22, 0.22), "leftEyeball": (0.95, 0.95, 0.93),
    "rightEyeball": (0.95, 0.95, 0.93), "leftIris": (0.30, 0.40, 0.45),
    "rightIris": (0.30, 0.40, 0.45), "teeth": (0.95, 0.93, 0.86), "tongue": (0.80, 0.40, 0.40),
}
_FRONT = {"size": 320, "center": (0, -0.005, 0), "span": 0.32}
_CLOSE = {"size": 256, "center": (0, -0.005, 0.05), "span": 0.19}


class Viewer:
    """The file's head, drawn by coefficients."""

    def __init__(self, path: Path):
        tensors, metadata = safetensors.read(path)
        self.mean = tensors["mean"].astype(np.float64)
        self.triangles = tensors["triangles"].astype(np.int64)
        self.uvs = tensors["uvs"].astype(np.float64)
        self.uv_triangles = tensors["uvTriangles"].astype(np.int64)
        self.shape = tensors["shapeBasis"].astype(np.float32)
        self.expression = tensors["expressionBasis"].astype(np.float32)
        self.names = json.loads(metadata["expressionNames"])
        regions = json.loads(metadata["regionNames"])
        self.colors = np.array([_COLORS[r] for r in regions])[tensors["regions"]]
        t = self.triangles[tensors["landmarkTriangles"].astype(int)]
        self.landmarks = np.einsum("lk,lkc->lc", tensors["landmarkBarycentrics"], self.mean[t])
        self.texture = tensors.get("albedo")
        self.modes = {k: tensors[f"{k}Basis"].astype(np.float32)
                      * np.array(json.loads(metadata[f"{k}Scales"]), np.float32)[:, None, None, None]
                      for k in ("skin", "eye") if f"{k}Basis" in tensors}
        self.range = np.array(json.loads(metadata.get("skinRange", "[]"))).reshape(-1, 2)
        self.eyes = json.loads(metadata.get("eyeOrigin", "[0, 0]"))

    def positions(self, shape=None, **weights):
        p = self.mean.copy()
        if shape is not None:
            p += np.einsum("k,kvc->vc", shape, self.shape[: len(shape)])
        for name, w in weights.items():
            p += w * self.expression[self.names.index(name)]
        return p

    def albedo(self, skin, eyes):
        """The texture of coefficients of skin and eyes."""
        size = self.texture.shape[0]
        mix = np.einsum("k,khwc->hwc", skin, self.modes["skin"][: len(skin)])
        full = [np.asarray(Image.fromarray(mix[..., c]).resize((size, size), Image.BILINEAR)) for c in range(3)]
        out = self.texture + np.stack(full, -1)
        left, top = self.eyes
        patch = np.einsum("k,khwc->hwc", eyes, self.modes["eye"])
        out[top:top + patch.shape[0], left:left + patch.shape[1]] += patch
        return out.clip(0, 255).astype(np.uint8)

    def person(self, rng):
        """Positions and texture of somebody: skins from dark to light, half of the eyes brown."""
        positions = self.positions(rng.normal(size=len(self.shape)).clip(-2, 2))
        skin = rng.normal(size=len(self.range)).clip(self.range[:, 0], self.range[:, 1])
        skin[0] = rng.uniform(*self.range[0])
        eyes = np.zeros(len(self.modes["eye"]))
        if rng.random() > 0.5:
            eyes[rng.integers(len(eyes))] = rng.uniform(0.4, 1)
        return positions, self.albedo(skin, eyes)

    def draw(self, positions, texture=None, **view):
        texture = self.texture if texture is None else texture
        if texture is not None and not view.pop("plain", False):
            return draw(positions, self.triangles, texture=texture, uvs=self.uvs,
                        uvTriangles=self.uv_triangles, **view)
        view.pop("plain", None)
        return draw(positions, self.triangles, self.colors, **view)


def layout_picture(v: Viewer, size=1024):
    image = Image.new("RGB", (size, size), (24, 24, 24))
    pen = ImageDraw.Draw(image)
    color = (v.colors[v.triangles].mean(1) * 255).astype(int)
    for t, c in zip(v.uv_triangles, color):
        points = [(u * size, (1 - w) * size) for u, w in v.uvs[t]]
        pen.polygon(points, fill=tuple(c), outline=(40, 40, 60))
    return np.array(image)


def _levels(path: Path, v: Viewer):
    """The three levels of detail: wireframes, a smile, an open mouth, a blink."""
    pictures = []
    for level in ("low", "medium", "high"):
        weights, triangles = sparse.identity(len(v.mean), format="csr"), v.triangles
        uvs, uv_triangles = v.uvs, v.uv_triangles
        if level != "medium":
            t, _ = safetensors.read(path.with_name(f"head-{level}.safetensors"))
            starts = np.concatenate([[0], np.cumsum(t["counts"].astype(int))])
            entries = (t["weights"].astype(float), t["vertices"].astype(int), starts)
            weights = sparse.csr_matrix(entries, (len(t["counts"]), len(v.mean)))
            triangles, uvs, uv_triangles = (t[k] for k in ("triangles", "uvs", "uvTriangles"))
            triangles, uv_triangles = triangles.astype(np.int64), uv_triangles.astype(np.int64)
        skin = {"texture": v.texture, "uvs": uvs.astype(np.float64), "uvTriangles": uv_triangles}
        pictures.append(draw(weights @ v.mean, triangles, yaw=-25, wire=True, **skin, **_FRONT))
        for names in ({"mouthSmileLeft": 1, "mouthSmileRight": 1}, {"jawOpen": 1}, {"eyeBlinkLeft": 1}):
            pictures.append(draw(weights @ v.positions(**names), triangles, yaw=-15, **skin, **{**_CLOSE, "size": 320}))
    return sheet(pictures, 4)


def _save(picture, *paths) -> None:
    for path in filter(None, paths):
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".jpg":
            small = picture.resize((1440, round(1440 * picture.height / picture.width)), Image.LANCZOS)
            small.save(path, quality=82, optimize=True)
        else:
            picture.save(path)


def write_pictures(path: Path, folder: Path, documents: Path | None = None) -> None:
    """Everything into the folder; what the documents show into theirs."""
    folder.mkdir(parents=True, exist_ok=True)
    v = Viewer(path)
    angles = (0, -35, -90, 180)
    views = [v.draw(v.mean, yaw=a, **_FRONT) for a in angles]
    clay = [draw(v.mean, v.triangles, yaw=a, **_FRONT) for a in angles]
    wires = [v.draw(v.mean, yaw=a, wire=True, plain=True, **_FRONT) for a in angles]
    sheet(views + clay + wires, 4).save(folder / "views.png")
    wide = {"size": 700, "center": (0, -0.005, 0.05), "span": 0.17}
    marked = draw(v.mean, v.triangles, v.colors, wire=True, **wide)
    image = Image.fromarray(marked)
    pen = ImageDraw.Draw(image)
    for i, p in enumerate(v.landmarks):
        x, y = ((p[:2] - wide["center"][:2]) * (1, -1)) * 700 / wide["span"] + 350
        pen.ellipse([x - 3, y - 3, x + 3, y + 3], fill=(20, 120, 20))
        pen.text((x + 3, y - 5), str(i), fill=(0, 0, 160))
    image.save(folder / "landmarks.png")
    Image.fromarray(layout_picture(v)).save(folder / "uv.png")
    rng = np.random.default_rng(7)
    people = [v.draw(*v.person(rng), yaw=-25, **_FRONT) for _ in range(18)]
    _save(sheet(people, 6), documents and documents / "open-head-identities.jpg", folder / "identities.png")
    modes = []
    for k in range(6):
        for s in (-2, 2):
            c = np.zeros(k + 1)
            c[k] = s
            modes.append(v.draw(v.positions(c), yaw=-30, **_FRONT))
    sheet(modes, 6, [f"mode {k} at {s:+d}" for k in range(6) for s in (-2, 2)]).save(folder / "modes.png")
    # The one that corrects an open jaw is drawn with it.
    with_jaw = {"mouthClose": {"jawOpen": 1.0}}
    faces = [v.draw(v.positions(**{n: 1.0}, **with_jaw.get(n, {})), yaw=-15, **_CLOSE) for n in v.names]
    labels = [n + (" + jawOpen" if n in with_jaw else "") for n in v.names]
    _save(sheet(faces, 9, labels), documents and documents / "open-head-expressions.jpg", folder / "expressions.png")
    if documents:
        _save(_levels(path, v), documents / "open-head-detail.jpg", folder / "detail.png")
        contact = documents / "open-head.png"
        few = ["eyeBlinkLeft", "jawOpen", "mouthSmileLeft", "mouthPucker", "browInnerUp", "noseSneerRight",
               "cheekPuff", "mouthFunnel"]
        some = [v.draw(v.positions(**{n: 1.0}), yaw=-15, **{**_CLOSE, "size": 320}) for n in few]
        picture = sheet(views[:3] + wires[1:2] + people[:4] + some, 4)
        picture.resize((960, 960), Image.LANCZOS).quantize(192, dither=Image.Dither.NONE).save(contact, optimize=True)
