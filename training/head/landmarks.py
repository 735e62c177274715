"""The sixty-eight landmarks of the 300-W scheme as points of the mean surface.

`python3 -m training.head.landmarks` writes landmarks-anatomical.json, from which calibration starts.
"""

import json
from pathlib import Path

import numpy as np

from .ict import load_ict
from .surface import closest

# ICT-FaceKit's MultiPIE vertices, the jaw (0–16) moved to where annotators see it from the front.
_VERTICES = [
    1278, 1272, 12, 1834, 243, 781, 2199, 1447, 966, 3661, 4390, 3022, 2484, 4036, 2253, 3490, 3496,
    268, 493, 1914, 2044, 1401, 3615, 4240, 4114, 2734, 2509, 978, 4527, 4942, 4857, 1140, 2075,
    1147, 4269, 3360, 1507, 1542, 1537, 1528, 1518, 1511, 3742, 3751, 3756, 3721, 3725, 3732, 5708,
    5695, 2081, 0, 4275, 6200, 6213, 6346, 6461, 5518, 5957, 5841, 5702, 5711, 5533, 6216, 6207,
    6470, 5517, 5966,
]

# Annotators mark the middle of the brow, ICT its upper edge.
_BROW_SHIFT = (0.0, -0.006, 0.0015)

_HERE = Path(__file__).parent

_UPPER_LIP = [*range(49, 54), 61, 62, 63]
_LOWER_LIP = [*range(55, 60), 65, 66, 67]


def anatomical_points(ict) -> np.ndarray:
    """[68×3] m near the mean surface: the definition above, with nothing taken from photos."""
    points = ict.neutral[_VERTICES].copy()
    points[17:27] += _BROW_SHIFT
    return points


def landmark_points(ict) -> np.ndarray:
    """[68×3] m near the mean surface: landmarks.json beside this file, or the definition above."""
    calibrated = _HERE / "landmarks.json"
    if calibrated.exists():
        points = np.array(json.loads(calibrated.read_text()), np.float64)
        if points.shape != (68, 3):
            raise ValueError(f"landmarks.json: expected 68 points [x, y, z], got {points.shape}")
        return points
    return anatomical_points(ict)


def embed(points, positions, triangles, jaw_open):
    """Nearest points of the skin: triangle index [68], barycentrics [68×3].

    triangles [F×3] of the skin; jaw_open [V×3] tells the lower lip from the upper, which touch."""
    drop = np.linalg.norm(jaw_open[triangles], axis=2)
    found = np.empty(68, np.int64)
    barycentrics = np.empty((68, 3))
    distance = np.empty(68)
    for i in range(68):
        allowed = np.ones(len(triangles), bool)
        if i in _UPPER_LIP:
            allowed = drop.max(1) < 0.012
        elif i in _LOWER_LIP:
            allowed = drop.min(1) > 0.012
        index = np.flatnonzero(allowed)
        t, b, d = closest(points[i:i + 1], positions, triangles[index])
        found[i], barycentrics[i], distance[i] = index[t[0]], b[0], d[0]
    return found, barycentrics, distance


def main() -> None:
    points = anatomical_points(load_ict())
    rows = ",\n".join(f"  {json.dumps([round(float(x), 6) for x in row])}" for row in points)
    (_HERE / "landmarks-anatomical.json").write_text(f"[\n{rows}\n]\n")


if __name__ == "__main__":
    main()
