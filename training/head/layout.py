"""The texture's layout: the skin above, the small parts in a strip below it."""

import numpy as np

# Rectangles (left, bottom, right, top) in texture coordinates, two pixels apart at 1024.
RECTANGLES = {
    "skin": (0.003, 0.163, 0.997, 0.997),
    "rightEyeball": (0.003, 0.003, 0.158, 0.158),
    "leftEyeball": (0.162, 0.003, 0.317, 0.158),
    "mouthInterior": (0.321, 0.003, 0.476, 0.158),
    "tongue": (0.480, 0.003, 0.600, 0.158),
    "upperTeeth": (0.604, 0.082, 0.997, 0.158),
    "lowerTeeth": (0.604, 0.003, 0.997, 0.078),
}


def place(uvs, name):
    """Unit square → the rectangle of a chart."""
    left, bottom, right, top = RECTANGLES[name]
    return np.array([left, bottom]) + uvs * [right - left, top - bottom]


def aspect(name):
    left, bottom, right, top = RECTANGLES[name]
    return (right - left) / (top - bottom)
