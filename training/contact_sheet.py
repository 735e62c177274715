"""A picture of many rendered people and their labels: `python3 -m training.contact_sheet out.png`."""

import argparse

import numpy as np
from PIL import Image

from .assets import FACE, load_head
from .paths import PEOPLE


def sheet(number, first, rows, columns, dots):
    read = lambda name: np.load(PEOPLE / f"{number:03d}_{name}.npy", mmap_mode="r")  # noqa: E731
    rgba, labels, masks, marks, segments = (read(n) for n in ("rgba", "labels", "masks", "landmarks", "segments"))
    colors = np.array([[0, 0, 0], [230, 180, 150], [255, 120, 0], [120, 200, 120], [255, 255, 255], [200, 0, 60],
                       [90, 50, 20], [60, 90, 255]])  # fmt: skip
    size, grid = rgba.shape[1], labels.shape[-1]
    edge = (size - 2 * grid) // 2
    face = load_head().neutral[:FACE] / 100
    low, high = face.min(0), face.max(0)
    lines = []
    for r in range(rows):
        line = []
        for c in range(columns):
            k = first + r * columns + c
            person = rgba[k].astype(np.float32)
            picture = person[..., :3] + (255 - person[..., 3:]) * np.float32([0.45, 0.5, 0.55])
            for u, v in marks[k].astype(int).clip(0, size - 1):
                if dots:
                    picture[v, u] = (0, 255, 0)
            points = labels[k, :3].transpose(1, 2, 0) * 1e-5
            seen = np.where(masks[k, 1] > 0, 1.0, 0.4)[..., None]
            tint = ((points - low) / (high - low) * 255 * seen).clip(0, 255) * (masks[k, 0] > 0)[..., None]
            grids = [np.pad(g.repeat(2, 0).repeat(2, 1), ((edge, edge), (edge, edge), (0, 0)))
                     for g in (tint, colors[segments[k]])]  # fmt: skip
            line.append(np.concatenate([picture, *grids], 1))
        lines.append(np.concatenate(line, 1))
    return Image.fromarray(np.concatenate(lines).clip(0, 255).astype(np.uint8))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out")
    parser.add_argument("--shard", type=int, default=0)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--rows", type=int, default=4)
    parser.add_argument("--columns", type=int, default=4)
    parser.add_argument("--dots", action="store_true", help="draw the landmarks")
    options = parser.parse_args()
    sheet(options.shard, options.first, options.rows, options.columns, options.dots).save(options.out)
