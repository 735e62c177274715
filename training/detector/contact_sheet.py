"""A picture of training crowds and their boxes: `python3 -m training.detector.contact_sheet out.png`."""

import argparse

import numpy as np
from PIL import Image, ImageDraw

from .crowd import People, training_picture
from .scenery import load_scenery


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out")
    parser.add_argument("--first", type=int, default=0)
    options = parser.parse_args()
    people, scenery = People(), load_scenery()
    rows = []
    for r in range(4):
        row = []
        for c in range(7):
            rng = np.random.default_rng([1, options.first + r * 7 + c])
            crowd = training_picture(rng, people, scenery)
            picture = Image.fromarray(crowd.image)
            draw = ImageDraw.Draw(picture)
            for (x, y, w, h), roll, ignored in zip(crowd.boxes, crowd.rolls, crowd.ignored):
                color = (255, 0, 0) if ignored else (0, 255, 0)
                draw.rectangle([x - w / 2, y - h / 2, x + w / 2, y + h / 2], outline=color)
                draw.line([x, y, x - np.sin(roll) * h / 2, y - np.cos(roll) * h / 2], fill=color)
            row.append(np.asarray(picture))
        rows.append(np.concatenate(row, 1))
    Image.fromarray(np.concatenate(rows)).save(options.out)


if __name__ == "__main__":
    main()
