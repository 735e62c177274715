"""From a closed surface on the screen to the share of each voxel that is inside (numba).

Along every column of voxels the surface's crossings, each +1 into the solid or −1 out of it and
split between two voxels by where it lies, sum up to the winding number's mean over each voxel.
"""

import numba
import numpy as np

STEPS = 64  # corners are whole numbers of this part of a pixel, so that edge functions are exact


@numba.njit(cache=True)
def fill_columns(corners, triangles, face, step, firsts, unit, crossings, mask):
    """Adds crossings of K sets of columns, through firsts[k] + step · (i, j).

    corners [V, 3] int32: right, down, towards the viewer; like all lengths in 1/STEPS pixels.
    firsts [K, 2]: x and y. crossings [K, H, W, D + 1] float32: in voxels of depth `unit`; mask
    [K, H, W]: 1 where a triangle of the face looks at the viewer.
    """
    height, width, depth = crossings.shape[1], crossings.shape[2], crossings.shape[3] - 1
    inverse = 1.0 / step
    for t in range(triangles.shape[0]):
        a, b, c = triangles[t]
        x0, y0 = numba.int64(corners[a, 0]), numba.int64(corners[a, 1])
        x1, y1 = numba.int64(corners[b, 0]), numba.int64(corners[b, 1])
        x2, y2 = numba.int64(corners[c, 0]), numba.int64(corners[c, 1])
        left, right = min(x0, x1, x2), max(x0, x1, x2)
        top, bottom = min(y0, y1, y2), max(y0, y1, y2)
        area = (x1 - x0) * (y2 - y0) - (y1 - y0) * (x2 - x0)
        if area == 0:
            continue
        # With y down, a triangle that runs counter-clockwise seen by the viewer has area < 0.
        sign = numba.float32(1.0) if area > 0 else numba.float32(-1.0)
        z0, z1, z2 = float(corners[a, 2]), float(corners[b, 2]), float(corners[c, 2])
        if area < 0:
            x1, x2, y1, y2, z1, z2, area = x2, x1, y2, y1, z2, z1, -area
        # A column through an edge belongs to one of its two triangles.
        own0 = 0 if (y2 - y1 < 0 or (y2 == y1 and x2 - x1 > 0)) else 1
        own1 = 0 if (y0 - y2 < 0 or (y0 == y2 and x0 - x2 > 0)) else 1
        own2 = 0 if (y1 - y0 < 0 or (y1 == y0 and x1 - x0 > 0)) else 1
        scale = 1.0 / (float(area) * unit)
        for n in range(firsts.shape[0]):
            first_x, first_y = firsts[n]
            # Truncated up and down, at worst a column too many; the edge functions decide.
            i0, j0 = max(0, int((left - first_x) * inverse + 0.999)), max(0, int((top - first_y) * inverse + 0.999))
            i1, j1 = min(width - 1, int((right - first_x) * inverse)), min(height - 1, int((bottom - first_y) * inverse))
            for j in range(j0, j1 + 1):
                y = j * step + first_y
                for i in range(i0, i1 + 1):
                    x = i * step + first_x
                    w0 = (x2 - x1) * (y - y1) - (y2 - y1) * (x - x1)
                    w1 = (x0 - x2) * (y - y2) - (y0 - y2) * (x - x2)
                    w2 = (x1 - x0) * (y - y0) - (y1 - y0) * (x - x0)
                    if w0 < own0 or w1 < own1 or w2 < own2:
                        continue
                    z = (w0 * z0 + w1 * z1 + w2 * z2) * scale
                    if face[t] == 1 and sign < 0:
                        mask[n, j, i] = 1
                    if z <= 0:
                        crossings[n, j, i, 0] += sign
                    elif z < depth:
                        k = int(z)
                        share = numba.float32(z - k)
                        crossings[n, j, i, k] += sign * (1 - share)
                        crossings[n, j, i, k + 1] += sign * share


@numba.njit(cache=True, fastmath=True)
def accumulate(crossings):
    """Crossings [N, D + 1] to the share inside [N, D], in place of the first D."""
    for n in range(crossings.shape[0]):
        winding = numba.float32(0)
        for k in range(crossings.shape[1]):
            winding += crossings[n, k]
            crossings[n, k] = min(numba.float32(1), max(numba.float32(0), winding))


def to_corners(points, scale=(1, 1, 1)):
    """Points [V, 3] in pixels, times a scale, to exact corners."""
    return np.round(points * (np.asarray(scale) * STEPS)).astype(np.int32)
