"""How well one picture can tell the offset: `python3 -m training.bound`.

What is left when an optimal linear estimator knows the true distribution of heads and, at places of
the visible face that are independent of one another, where in the picture each surface point lies, up
to noise; the camera, perspective at unknown distance, is estimated too. Prints mean distances in
centimeters over the visible narrow face.
"""

import numpy as np

from . import person
from .assets import NARROW_FACE, load_head
from .raster import vertex_normals
from .render import PIVOT, sample_camera

MODES = 140
NOISE = (0.3, 1.0, 2.0, 3.0)  # pixels of the 128 × 128 crop
PLACES = (100, 400)
FACING = 0.15  # cosine from which a vertex counts as seen
# Standard deviations of the camera's unknowns: turn (rad), shift (cm) in x, y and depth, log of the focal length.
CAMERA_PRIOR = np.r_[np.full(3, 0.5), 5, 5, 80, 0.8]
MEAN_OVER_RMS = 0.92  # of the length of a Gaussian vector of three like components


def shape_modes(count=1500):
    """[F, 3, MODES] cm: principal displacements of the narrow face, scaled by their deviations."""
    heads = person.sample_shapes(np.random.default_rng(9), count)[0][:, :NARROW_FACE]
    away = (heads - heads.mean(0)).reshape(count, -1).astype(np.float64)
    strength, vectors = np.linalg.eigh(away @ away.T)
    basis = away.T @ vectors[:, -MODES:] / np.sqrt(count)
    return basis.reshape(NARROW_FACE, 3, MODES)


def jacobian(camera, positions):
    """d pixel / d point [F, 2, 3], d pixel / d camera [F, 2, 7], and which vertices face the camera."""
    view = (positions[:NARROW_FACE] - PIVOT).astype(float) @ camera.rotation.T
    depth = camera.distance - view[:, 2]
    pixel = camera.focal * view[:, :2] / depth[:, None]
    by_view = np.zeros((NARROW_FACE, 2, 3))
    by_view[:, 0, 0] = by_view[:, 1, 1] = camera.focal / depth
    by_view[:, :, 2] = pixel / depth[:, None]
    turns = np.stack([np.cross(axis, view) for axis in np.eye(3)], 2)
    by_camera = np.concatenate([by_view @ turns, by_view, pixel[:, :, None]], 2)
    toward = np.c_[-view[:, :2], depth]
    normals = vertex_normals(camera.to_view(positions), load_head().skin)[:NARROW_FACE]
    seen = (normals * toward).sum(1) > FACING * np.linalg.norm(toward, axis=1)
    return by_view @ camera.rotation, by_camera, np.flatnonzero(seen)


def main():
    modes, rng = shape_modes(), np.random.default_rng(3)
    left, nothing = {}, []
    spread = lambda factor: np.sqrt((factor**2).sum((1, 2))).mean() * MEAN_OVER_RMS  # noqa: E731
    for positions in person.sample_shapes(rng, 24)[0]:
        by_point, by_camera, seen = jacobian(sample_camera(rng, positions), positions)
        seen = seen[:: max(1, len(seen) // 1200)]
        here = modes[seen]
        rows = np.concatenate([by_point[seen] @ here, by_camera[seen]], 2).reshape(2 * len(seen), -1)
        prior = np.diag(1 / np.r_[np.ones(MODES), CAMERA_PRIOR] ** 2)
        nothing.append(spread(here))
        for noise in NOISE:
            for places in PLACES:
                covariance = np.linalg.inv(rows.T @ rows * (places / len(seen) / noise**2) + prior)
                factor = np.linalg.cholesky(covariance[:MODES, :MODES])
                left.setdefault((noise, places), []).append(spread(here @ factor))
    print(f"answering the mean: {np.mean(nothing):.3f} cm")
    for (noise, places), values in left.items():
        print(f"{noise} pixels of noise at {places} places: {np.mean(values):.3f} cm")


if __name__ == "__main__":
    main()
