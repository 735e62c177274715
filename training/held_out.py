"""Writes held-out people for the shipped pipeline: `python3 -m training.held_out --count 100`.

Under .cache/held-out: NNN.png, and truth.json with, per person, the box of the landmarks (pixels)
and the true camera; vertices.f32 holds [person, neutral | posed, V, 3], the open head's vertices of
the true head, meters. `node scripts/accuracy-synthetic.mjs` reconstructs the pictures and compares.
"""

import argparse
import json

import numpy as np
from PIL import Image

from .assets import load_head
from .backgrounds import load_backgrounds
from .head.ict import HEAD_END, load_ict
from .head.model import build_head
from .paths import CACHE, PEOPLE
from .render import SIZE, UNIT
from .train import HELD_OUT

FOLDER = CACHE / "held-out"


def neutral_of(coefficients, positions):
    """The neutral head behind stored positions [V, 3] (cm): undoes the expression, keeps stretch and place.

    Positions are the sum of the modes, stretched and moved axis by axis; both are found again.
    """
    head = load_head()
    identity = np.r_[coefficients[: head.identities], np.zeros(len(coefficients) - head.identities)]
    neutral, whole = (head.neutral + (c @ head.basis).reshape(-1, 3) for c in (identity, coefficients))
    stretch = [np.polyfit(whole[:, k], positions[:, k], 1) for k in range(3)]
    return np.stack([np.polyval(stretch[k], neutral[:, k]) for k in range(3)], 1)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=100)
    options = parser.parse_args()
    read = lambda name: np.load(PEOPLE / f"{HELD_OUT:03d}_{name}.npy", mmap_mode="r")  # noqa: E731
    rgba, marks, camera, coefficients = (read(n) for n in ("rgba", "landmarks", "camera", "coefficients"))
    stored, scenes = read("positions"), load_backgrounds()
    head = build_head(load_ict())
    base = head.tensors["mean"] - head.weights @ (load_head().neutral[:HEAD_END] / 100)
    FOLDER.mkdir(parents=True, exist_ok=True)
    truth, vertices = [], []
    for k in range(options.count):
        person = rgba[k].astype(np.float32)
        scene = np.asarray(Image.fromarray(scenes[k]).resize((SIZE, SIZE), Image.BILINEAR), np.float32)
        picture = person[..., :3] + (1 - person[..., 3:] / 255) * scene
        Image.fromarray((picture + 0.5).clip(0, 255).astype(np.uint8)).save(FOLDER / f"{k:03d}.png")
        low, high = marks[k].min(0), marks[k].max(0)
        box = dict(zip(("x", "y", "width", "height"), np.r_[low, high - low].round(3).tolist()))
        truth.append({"picture": f"{k:03d}.png", "box": box, "camera": camera[k].tolist(),
                      "landmarks": marks[k].astype(float).round(3).tolist()})  # fmt: skip
        posed = stored[k].astype(np.float64) * (UNIT * 100)
        neutral = neutral_of(coefficients[k].astype(np.float64), posed)
        vertices.append([head.weights @ (v[:HEAD_END] / 100) + base for v in (neutral, posed)])
    (FOLDER / "truth.json").write_text(json.dumps(truth))
    (FOLDER / "vertices.f32").write_bytes(np.array(vertices, "<f4").tobytes())


if __name__ == "__main__":
    main()
