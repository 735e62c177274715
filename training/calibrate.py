"""Finds where annotators put the 68 landmarks on the head: `python3 -m training.calibrate`.

For every landmark and its mirror image one shift on the mean head is solved for, over all photos,
with the fitted cameras and shapes held; then the nearest face vertex is taken. Prints the vertices
and the error that each photo has with the vertices found from the other photos.
"""

import numpy as np
import torch
from scipy.spatial import cKDTree

from .assets import FACE, LANDMARKS, load_head
from .evaluate import CROP, crop, load_network, load_photos, predict
from .fit import BROW_SHIFT, JAW, fit
from .paths import CHECKPOINTS

PAIRS = [(k, 16 - k) for k in range(8)] + [(17 + k, 26 - k) for k in range(5)]
PAIRS += [(31, 35), (32, 34), (36, 45), (37, 44), (38, 43), (39, 42), (40, 47), (41, 46), (48, 54), (49, 53)]
PAIRS += [(50, 52), (59, 55), (58, 56), (60, 64), (61, 63), (67, 65)]
MIRROR = np.arange(68)
for right, left in PAIRS:
    MIRROR[right], MIRROR[left] = left, right


def fits(model):
    """Of each photo: project(vertices, extra) -> pixels, true landmarks, length of the true box."""
    photos = load_photos()
    crops = [crop(picture, marks) for _, picture, marks, _ in photos]
    amodal, visible, points, offsets = predict(model, [c[0] for c in crops])
    found = []
    for k, ((name, _, marks, _), (_, left, top, side)) in enumerate(zip(photos, crops)):
        project = fit(points[k], offsets[k], visible[k], amodal[k])["project"]
        place = lambda v, e=0.0, p=project, s=side, o=(left, top): p(v, e) * s / CROP + o  # noqa: E731
        found.append((name, place, marks, np.sqrt(np.prod(np.ptp(marks, axis=0)))))
    return found


def solve_shifts(photos, vertices, start, ridge=0.3):
    """Shifts [68, 3] (cm) from `start` that bring the projected vertices to the truth, symmetric."""
    flip = np.array([-1.0, 1, 1])
    shifts = np.zeros((68, 3))
    for k in range(68):
        normal, right = ridge * np.eye(3), np.zeros(3)
        for mark, sign in {(k, 1), (int(MIRROR[k]), -1)}:
            for _, place, truth, length in photos:
                at = place(vertices[[mark]], start[mark])[0]
                steps = np.stack([place(vertices[[mark]], start[mark] + e)[0] - at for e in np.eye(3)], 1) / length * 15
                steps = steps * (flip if sign < 0 else 1)
                residual = (truth[mark] - at) / length * 15
                # Robust: a photo whose fit failed must not move the definition.
                weight = 1 / (1 + (np.linalg.norm(residual) / 0.8) ** 2)
                normal += weight * steps.T @ steps
                right += weight * steps.T @ residual
        shifts[k] = np.linalg.solve(normal, right)
        if MIRROR[k] == k:
            shifts[k, 0] = 0
    return start + shifts


def snap(vertices, shifts):
    """The face vertices nearest to the shifted landmarks."""
    mean = load_head().neutral[:FACE]
    return cKDTree(mean).query(load_head().neutral[vertices] + shifts)[1]


def error(photo, vertices):
    _, place, marks, length = photo
    return 100 * np.linalg.norm(place(vertices) - marks, axis=1).mean() / length


def main():
    torch.set_num_threads(1)
    photos = fits(load_network(CHECKPOINTS / "dense.pt"))
    start_vertices = LANDMARKS.copy()
    start_vertices[list(JAW)] = list(JAW.values())
    start = np.zeros((68, 3))
    start[17:27] = BROW_SHIFT
    errors = []
    for k, photo in enumerate(photos):
        others = photos[:k] + photos[k + 1 :]
        vertices = snap(start_vertices, solve_shifts(others, start_vertices, start))
        errors.append(error(photo, vertices))
        print(f"{photo[0]}: {errors[-1]:.2f} % with the other photos' vertices")
    print(f"mean {np.mean(errors):.2f} %, median {np.median(errors):.2f} %")
    shifts = solve_shifts(photos, start_vertices, start)
    vertices = snap(start_vertices, shifts)
    print("vertices from all photos:", vertices.tolist())
    print(f"on the same photos: {np.mean([error(p, vertices) for p in photos]):.2f} %")


if __name__ == "__main__":
    main()
