"""A small software rasterizer: depth-buffered triangles, textured layers, labels (numba).

Screen positions are [N, 3] float32: x and y in pixels (centers at half-integers, y down) and a
nearness that grows towards the camera and is linear on the screen.
"""

import numba
import numpy as np

FAR = np.float32(-1e9)


@numba.njit(cache=True, fastmath=True)
def rasterize(screen, triangles, depth, index, weights, base):
    """Draws triangles into `depth`, `index` (triangle + base, -1 = empty) and two barycentrics."""
    height, width = depth.shape
    for t in range(triangles.shape[0]):
        a, b, c = triangles[t]
        x0, y0, z0 = screen[a]
        x1, y1, z1 = screen[b]
        x2, y2, z2 = screen[c]
        area = (y1 - y2) * (x0 - x2) + (x2 - x1) * (y0 - y2)
        if abs(area) < 1e-9:
            continue
        left = max(0, int(np.ceil(min(x0, x1, x2) - 0.5)))
        right = min(width - 1, int(np.floor(max(x0, x1, x2) - 0.5)))
        top = max(0, int(np.ceil(min(y0, y1, y2) - 0.5)))
        bottom = min(height - 1, int(np.floor(max(y0, y1, y2) - 0.5)))
        inverse = 1.0 / area
        for j in range(top, bottom + 1):
            for i in range(left, right + 1):
                dx = i + 0.5 - x2
                dy = j + 0.5 - y2
                w0 = ((y1 - y2) * dx + (x2 - x1) * dy) * inverse
                w1 = ((y2 - y0) * dx + (x0 - x2) * dy) * inverse
                w2 = 1 - w0 - w1
                if w0 >= -1e-6 and w1 >= -1e-6 and w2 >= -1e-6:
                    z = w0 * z0 + w1 * z1 + w2 * z2
                    if z > depth[j, i]:
                        depth[j, i] = z
                        index[j, i] = t + base
                        weights[j, i, 0] = w0
                        weights[j, i, 1] = w1


@numba.njit(cache=True, fastmath=True)
def vertex_normals(positions, triangles):
    """Area-weighted unit normals [N, 3]."""
    normals = np.zeros_like(positions)
    for t in range(triangles.shape[0]):
        a, b, c = triangles[t]
        ux, uy, uz = positions[b] - positions[a]
        vx, vy, vz = positions[c] - positions[a]
        nx, ny, nz = uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx
        for k in triangles[t]:
            normals[k, 0] += nx
            normals[k, 1] += ny
            normals[k, 2] += nz
    for i in range(normals.shape[0]):
        length = np.sqrt((normals[i] ** 2).sum()) + 1e-12
        normals[i] /= length
    return normals


@numba.njit(cache=True, fastmath=True)
def fill(index, weights, triangles, colors, image, alpha):
    """Interpolates vertex colors over the index buffer."""
    for j in range(index.shape[0]):
        for i in range(index.shape[1]):
            t = index[j, i]
            if t >= 0:
                w0, w1 = weights[j, i]
                a, b, c = triangles[t]
                for k in range(3):
                    image[j, i, k] = (
                        colors[a, k] * w0 + colors[b, k] * w1 + colors[c, k] * (1 - w0 - w1)
                    )
                alpha[j, i] = 1


@numba.njit(cache=True, fastmath=True)
def draw_layer(
    screen, triangles, uv_triangles, uv, texture, colors, opacity, depth, image, alpha, covered,
    threshold, soft, covers,
):
    """Draws a textured layer over what is there, writing the segment `covers` to `covered` where it
    hides what lay below (0 hides nothing).

    A texel with less alpha than `threshold` is a hole; with `soft`, one below 0.9 blends.
    """
    height, width = depth.shape
    rows, columns = texture.shape[0], texture.shape[1]
    for t in range(triangles.shape[0]):
        a, b, c = triangles[t]
        ta, tb, tc = uv_triangles[t]
        x0, y0, z0 = screen[a]
        x1, y1, z1 = screen[b]
        x2, y2, z2 = screen[c]
        area = (y1 - y2) * (x0 - x2) + (x2 - x1) * (y0 - y2)
        if abs(area) < 1e-9:
            continue
        left = max(0, int(np.ceil(min(x0, x1, x2) - 0.5)))
        right = min(width - 1, int(np.floor(max(x0, x1, x2) - 0.5)))
        top = max(0, int(np.ceil(min(y0, y1, y2) - 0.5)))
        bottom = min(height - 1, int(np.floor(max(y0, y1, y2) - 0.5)))
        inverse = 1.0 / area
        for j in range(top, bottom + 1):
            for i in range(left, right + 1):
                dx = i + 0.5 - x2
                dy = j + 0.5 - y2
                w0 = ((y1 - y2) * dx + (x2 - x1) * dy) * inverse
                w1 = ((y2 - y0) * dx + (x0 - x2) * dy) * inverse
                w2 = 1 - w0 - w1
                if w0 < -1e-6 or w1 < -1e-6 or w2 < -1e-6:
                    continue
                z = w0 * z0 + w1 * z1 + w2 * z2
                if z <= depth[j, i]:
                    continue
                u = uv[ta, 0] * w0 + uv[tb, 0] * w1 + uv[tc, 0] * w2
                v = uv[ta, 1] * w0 + uv[tb, 1] * w1 + uv[tc, 1] * w2
                u -= np.floor(u)
                v -= np.floor(v)
                y = min(rows - 1, max(0, int((1 - v) * rows)))
                x = min(columns - 1, max(0, int(u * columns)))
                opaque = texture[y, x, 3] * (opacity[a] * w0 + opacity[b] * w1 + opacity[c] * w2)
                if opaque <= threshold:
                    continue
                if not soft or opaque > 0.9:
                    opaque = 1.0
                    depth[j, i] = z
                if covers > 0 and opaque > 0.4:
                    covered[j, i] = covers
                for k in range(3):
                    shade = colors[a, k] * w0 + colors[b, k] * w1 + colors[c, k] * w2
                    image[j, i, k] = image[j, i, k] * (1 - opaque) + texture[y, x, k] * shade * opaque
                alpha[j, i] = alpha[j, i] + opaque * (1 - alpha[j, i])


@numba.njit(cache=True, fastmath=True)
def sample_labels(index, weights, triangles, labelled, attributes, segments, covered, origin, cell, size):
    """Labels on a size x size grid of cell x cell pixel squares that starts at `origin` (x = y).

    Averages the vertex attributes [V, C] (the first three: mean position, centimeters) over the
    labelled pixels of the middle of each cell that lie on one sheet of the surface. Returns values
    [C, size, size], masks [2, size, size] (any face surface, visible face surface) and the most
    frequent segment [size, size]: of what covers, or of the surface's first vertex, or 0.
    """
    channels = attributes.shape[1]
    values = np.zeros((channels, size, size), np.float32)
    masks = np.zeros((2, size, size), np.uint8)
    kinds = np.zeros((size, size), np.uint8)
    point = np.zeros(channels, np.float32)
    votes = np.zeros(8, np.int32)
    for row in range(size):
        for column in range(size):
            count = 0
            seen = 0
            votes[:] = 0
            for dj in range(cell // 2 - 1, cell // 2 + 1):
                for di in range(cell // 2 - 1, cell // 2 + 1):
                    j = origin + row * cell + dj
                    i = origin + column * cell + di
                    t = index[j, i]
                    if covered[j, i] > 0:
                        votes[covered[j, i]] += 1
                    elif t >= 0:
                        votes[segments[triangles[t, 0]]] += 1
                    else:
                        votes[0] += 1
                    if t < 0 or labelled[t] == 0:
                        continue
                    w0, w1 = weights[j, i]
                    a, b, c = triangles[t]
                    for k in range(channels):
                        point[k] = (
                            attributes[a, k] * w0 + attributes[b, k] * w1 + attributes[c, k] * (1 - w0 - w1)
                        )
                    if count > 0:
                        jump = 0.0
                        for k in range(3):
                            jump += abs(values[k, row, column] / count - point[k])
                        if jump > 1.5:
                            continue
                    for k in range(channels):
                        values[k, row, column] += point[k]
                    count += 1
                    if covered[j, i] == 0:
                        seen += 1
            for k in range(channels):
                values[k, row, column] = values[k, row, column] / count if count >= 2 else 0.0
            if count >= 2:
                masks[0, row, column] = 1
                if 2 * seen > count:
                    masks[1, row, column] = 1
            kinds[row, column] = np.argmax(votes)
    return values, masks, kinds
