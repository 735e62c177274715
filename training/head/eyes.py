"""Eyeballs of our own on ICT-FaceKit's sclera, and how they turn."""

import numpy as np
import scipy.sparse as sparse

from .ict import LEFT_EYEBALL, Ict
from .part import Part

# Sphere through ICT's left sclera (behind the cornea), and the cornea's apex, in metres.
EYE_CENTER = np.array([0.0310491517, 0.0360434180, 0.0788954272])
EYE_APEX = np.array([0.0323749995, 0.0361089993, 0.0964756966])
# Polar angles of the eyeball's rings in degrees; the iris ends at the fourth.
EYE_RINGS = (6.0, 12.0, 17.5, 22.5, 31.0, 42.0, 55.0, 70.0, 88.0, 108.0, 130.0, 154.0)
EYE_SEGMENTS = 18
IRIS_ANGLE = 22.5

# How far the eye turns at weight 1, in degrees.
LOOK_ANGLES = {"Up": 25.0, "Down": 25.0, "In": 30.0, "Out": 30.0}


def eyeball(ict: Ict, left: bool) -> Part:
    """A closed ball around the optical axis, each vertex on ICT's sclera along its ray.
    The uv is the disk of directions around the apex."""
    axis = EYE_APEX - EYE_CENTER
    axis /= np.linalg.norm(axis)
    side = np.cross([0, 1, 0], axis)
    side /= np.linalg.norm(side)
    up = np.cross(axis, side)
    angle = np.arange(EYE_SEGMENTS) * 2 * np.pi / EYE_SEGMENTS
    ring = np.outer(np.cos(angle), side) + np.outer(np.sin(angle), up)
    directions = [axis[None]]
    directions += [np.cos(np.radians(a)) * axis + np.sin(np.radians(a)) * ring for a in EYE_RINGS]
    directions = np.concatenate([*directions, -axis[None]])
    weights = _ray_weights(ict, directions)
    region = ["Iris"] * (1 + 4 * EYE_SEGMENTS)
    region += ["Eyeball"] * (len(directions) - len(region))
    triangles, uvs, uv_triangles = _ball_topology(len(EYE_RINGS), EYE_SEGMENTS, EYE_RINGS, angle)
    if not left:
        swap = sparse.csr_matrix((np.ones(len(ict.mirror)), (np.arange(len(ict.mirror)), ict.mirror)))
        weights = (weights @ swap).tocsr()
        triangles, uv_triangles = triangles[:, ::-1], uv_triangles[:, ::-1]
        uvs = np.stack([1 - uvs[:, 0], uvs[:, 1]], 1)
    prefix = "left" if left else "right"
    return Part(triangles, weights, np.zeros((len(directions), 3)), np.arange(len(directions)),
                uvs, uv_triangles, [prefix + r for r in region])


def _ball_topology(rings, segments, polar, angle):
    """Triangles of pole, rings and back pole; the back pole is opened in uv."""
    back = 1 + rings * segments
    triangles, uv_triangles = [], []
    # The front gets more room than the hidden back.
    radius = (np.array(polar) / 180) ** 0.6 * 0.5
    uvs = [np.array([[0.5, 0.5]])]
    uvs += [0.5 + r * np.stack([np.cos(angle), np.sin(angle)], 1) for r in radius]
    middle = angle + np.pi / segments
    uvs.append(0.5 + 0.4999 * np.stack([np.cos(middle), np.sin(middle)], 1))
    for i in range(segments):
        j = (i + 1) % segments
        triangles.append([0, 1 + i, 1 + j])
        uv_triangles.append([0, 1 + i, 1 + j])
        for r in range(rings - 1):
            a, b = 1 + r * segments, 1 + (r + 1) * segments
            triangles += [[a + i, b + i, b + j], [a + i, b + j, a + j]]
            uv_triangles += [[a + i, b + i, b + j], [a + i, b + j, a + j]]
        a = 1 + (rings - 1) * segments
        triangles.append([a + i, back, a + j])
        uv_triangles.append([a + i, back + i, a + j])
    return np.array(triangles), np.concatenate(uvs), np.array(uv_triangles)


def _ray_weights(ict, directions):
    """Where rays from the eye's center leave ICT's left outer eyeball, as mixtures [n×N]."""
    t = ict.triangles
    t = t[((t >= LEFT_EYEBALL[0]) & (t < LEFT_EYEBALL[1])).all(1)]
    a, b, c = (ict.neutral[t[:, k]] - EYE_CENTER for k in range(3))
    rows, columns, values = [], [], []
    for i, d in enumerate(directions):
        # Solve s·d = u·a + v·b + w·c with u + v + w = 1, s > 0.
        u = np.einsum("nc,nc->n", np.cross(b, c), np.broadcast_to(d, a.shape))
        v = np.einsum("nc,nc->n", np.cross(c, a), np.broadcast_to(d, a.shape))
        w = np.einsum("nc,nc->n", np.cross(a, b), np.broadcast_to(d, a.shape))
        total = u + v + w
        bary = np.stack([u, v, w], 1) / np.where(np.abs(total) < 1e-18, 1e-18, total)[:, None]
        distance = (bary[:, :, None] * np.stack([a, b, c], 1)).sum(1) @ d
        worst = np.where(distance > 0, bary.min(1), -np.inf)
        k = int(worst.argmax())
        q = bary[k].clip(0)
        rows += [i] * 3
        columns += t[k].tolist()
        values += (q / q.sum()).tolist()
    return sparse.csr_matrix((values, (rows, columns)), (len(directions), len(ict.neutral)))


def look(positions, center, name):
    """Displacement of an eyeball [n×3] that turns by the full angle of e.g. 'eyeLookInLeft'."""
    kind = name.removeprefix("eyeLook").removesuffix("Left").removesuffix("Right")
    outward = 1 if name.endswith("Left") else -1
    a = np.radians(LOOK_ANGLES[kind])
    pitch = {"Up": -a, "Down": a}.get(kind, 0.0)
    yaw = {"In": -a * outward, "Out": a * outward}.get(kind, 0.0)
    rx = np.array([[1, 0, 0], [0, np.cos(pitch), -np.sin(pitch)], [0, np.sin(pitch), np.cos(pitch)]])
    ry = np.array([[np.cos(yaw), 0, np.sin(yaw)], [0, 1, 0], [-np.sin(yaw), 0, np.cos(yaw)]])
    q = positions - center
    return q @ (ry @ rx).T - q
