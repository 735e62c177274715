"""A small software rasterizer for looking at the head: shaded, wireframe, colored or textured."""

import numba
import numpy as np
from PIL import Image, ImageDraw

from .surface import vertex_normals


@numba.njit(cache=True)
def rasterize(points, triangles, height, width, owner, depth, barycentrics):
    """points [N×3]: x right and y down in pixels, z nearer is larger."""
    for t in range(len(triangles)):
        a, b, c = triangles[t]
        x0, y0, z0 = points[a]
        x1, y1, z1 = points[b]
        x2, y2, z2 = points[c]
        d = (x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0)
        if abs(d) < 1e-12:
            continue
        left = max(0, int(np.ceil(min(x0, x1, x2) - 0.5)))
        right = min(width - 1, int(np.floor(max(x0, x1, x2) - 0.5)))
        top = max(0, int(np.ceil(min(y0, y1, y2) - 0.5)))
        bottom = min(height - 1, int(np.floor(max(y0, y1, y2) - 0.5)))
        for j in range(top, bottom + 1):
            for i in range(left, right + 1):
                x, y = i + 0.5, j + 0.5
                u = ((x1 - x) * (y2 - y) - (x2 - x) * (y1 - y)) / d
                v = ((x2 - x) * (y0 - y) - (x0 - x) * (y2 - y)) / d
                w = 1 - u - v
                if u >= -1e-9 and v >= -1e-9 and w >= -1e-9:
                    z = u * z0 + v * z1 + w * z2
                    if z > depth[j, i]:
                        depth[j, i] = z
                        owner[j, i] = t
                        barycentrics[j, i, 0] = u
                        barycentrics[j, i, 1] = v
                        barycentrics[j, i, 2] = w


def buffers(height, width):
    return (np.full((height, width), -1, np.int64), np.full((height, width), -1e30),
            np.zeros((height, width, 3)))


def view(positions, yaw=0.0, pitch=0.0, size=512, center=(0, -0.02, 0), span=0.36):
    """Screen points of an orthographic view; yaw and pitch turn the head, in degrees."""
    y, p = np.radians(yaw), np.radians(pitch)
    turn = np.array([[np.cos(y), 0, np.sin(y)], [0, 1, 0], [-np.sin(y), 0, np.cos(y)]])
    nod = np.array([[1, 0, 0], [0, np.cos(p), -np.sin(p)], [0, np.sin(p), np.cos(p)]])
    rotation = nod @ turn
    q = (positions - center) @ rotation.T * (size / span)
    return np.stack([size / 2 + q[:, 0], size / 2 - q[:, 1], q[:, 2]], 1), rotation


def draw(positions, triangles, colors=None, yaw=0.0, pitch=0.0, size=384, center=(0, -0.02, 0),
         span=0.36, wire=False, flat=False, texture=None, uvs=None, uvTriangles=None):
    """An RGB picture, supersampled twice. colors [V×3] in 0…1, or texture [H×W×3] u8 with uvs."""
    scale = 2
    s = size * scale
    screen, rotation = view(positions, yaw, pitch, s, center, span)
    owner, depth, barycentrics = buffers(s, s)
    rasterize(screen, triangles, s, s, owner, depth, barycentrics)
    inside = owner >= 0
    t = triangles[owner[inside]]
    w = barycentrics[inside]
    if flat:
        a, b, c = (positions[t[:, k]] for k in range(3))
        n = np.cross(b - a, c - a)
    else:
        n = np.einsum("nk,nkc->nc", w, vertex_normals(positions, triangles)[t])
    n = n / np.maximum(np.linalg.norm(n, axis=1, keepdims=True), 1e-12) @ rotation.T
    light = np.array([0.35, 0.45, 0.82]) / np.linalg.norm([0.35, 0.45, 0.82])
    shade = 0.28 + 0.72 * np.clip(n @ light, 0, 1)
    if texture is not None:
        uv = np.einsum("nk,nkc->nc", w, uvs[uvTriangles[owner[inside]]])
        h, wd = texture.shape[:2]
        i = np.clip((uv[:, 0] * wd).astype(int), 0, wd - 1)
        j = np.clip(((1 - uv[:, 1]) * h).astype(int), 0, h - 1)
        base = texture[j, i] / 255.0
    else:
        base = np.full((len(t), 3), 0.82) if colors is None else np.einsum("nk,nkc->nc", w, colors[t])
    base = np.where(n[:, 2:] < -0.05, base * (0.4, 0.4, 1.0), base)  # seen from behind: bluish
    image = np.full((s, s, 3), 0.16)
    image[inside] = base * shade[:, None]
    if wire:
        a, b, c = (screen[t[:, k], :2] for k in range(3))
        double = np.abs((b - a)[:, 0] * (c - a)[:, 1] - (b - a)[:, 1] * (c - a)[:, 0])
        near = np.minimum.reduce([
            w[:, 0] * double / np.linalg.norm(c - b, axis=1).clip(1e-9),
            w[:, 1] * double / np.linalg.norm(a - c, axis=1).clip(1e-9),
            w[:, 2] * double / np.linalg.norm(b - a, axis=1).clip(1e-9)])
        image[inside] *= np.where(near < 0.8, 0.45, 1.0)[:, None]
    image = image.reshape(size, scale, size, scale, 3).mean((1, 3))
    return (image.clip(0, 1) ** (1 / 1.6) * 255).astype(np.uint8)


def sheet(pictures, columns, labels=None):
    """Pictures of one size in rows, with captions."""
    h, w = pictures[0].shape[:2]
    rows = -(-len(pictures) // columns)
    out = Image.new("RGB", (columns * w, rows * h))
    pen = ImageDraw.Draw(out)
    for i, picture in enumerate(pictures):
        x, y = i % columns * w, i // columns * h
        out.paste(Image.fromarray(picture), (x, y))
        if labels:
            pen.text((x + 4, y + 3), labels[i], fill=(255, 230, 120))
    return out
