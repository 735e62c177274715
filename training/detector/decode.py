"""From the network's planes to faces, as README.md's rule says it."""

import numpy as np
import torch
from PIL import Image
from torch.nn import functional as F

from .net import STRIDE, UNIT

SIZES = (320, 640)  # long sides of the passes
SECOND_FROM = 480  # long side of a photo from which the second pass is run
SECOND_LARGEST = 160  # pixels of the second pass's input
THRESHOLD = 0.4
NMS = 0.5


def decode(heat, box, threshold=THRESHOLD):
    """Faces [N, 6] (x, y, width, height, score, roll) from planes [h, w] and [6, h, w], not thinned."""
    logits = torch.from_numpy(heat)[None, None]
    peak = (logits == F.max_pool2d(logits, 3, 1, 1))[0, 0].numpy()
    score = 1 / (1 + np.exp(-heat))
    rows, columns = np.nonzero(peak & (score >= threshold))
    found = box[:, rows, columns]
    width, height = UNIT * np.exp(found[2]), UNIT * np.exp(found[3])
    x = STRIDE * (columns + 0.5 + found[0]) - width / 2
    y = STRIDE * (rows + 0.5 + found[1]) - height / 2
    return np.stack([x, y, width, height, score[rows, columns], np.arctan2(found[4], found[5])], 1)


def thin(faces, limit=NMS):
    """Greedy suppression by the intersection's share of the smaller box."""
    kept = []
    for face in faces[np.argsort(-faces[:, 4], kind="stable")]:
        for other in kept:
            low = np.maximum(face[:2], other[:2])
            high = np.minimum(face[:2] + face[2:4], other[:2] + other[2:4])
            shared = np.prod(np.maximum(high - low, 0))
            if shared > limit * min(face[2] * face[3], other[2] * other[3]):
                break
        else:
            kept.append(face)
    return np.array(kept).reshape(-1, 6)


def to_input(photo, long_side):
    """The network's input [1, 3, H, W] for a PIL photo, and the scale that made it."""
    scale = long_side / max(photo.size)
    size = [max(1, round(s * scale)) for s in photo.size]
    width, height = (-(-s // 32) * 32 for s in size)
    padded = Image.new("RGB", (width, height))
    padded.paste(photo.convert("RGB").resize(size, Image.BILINEAR), (0, 0))
    return torch.from_numpy(np.asarray(padded)).permute(2, 0, 1)[None].float() / 255, scale


def run(net, image):
    with torch.no_grad():
        heat, box = net(image)
    return heat[0, 0].float().numpy(), box[0].float().numpy()


def detect(net, photo, threshold=THRESHOLD):
    """Every face of a photo, best first: [N, 6] in the photo's pixels."""
    found = []
    for k, long_side in enumerate(SIZES):
        if k > 0 and max(photo.size) < SECOND_FROM:
            continue
        image, scale = to_input(photo, long_side)
        faces = decode(*run(net, image), threshold)
        if k > 0:
            faces = faces[faces[:, 2:4].max(1, initial=0) <= SECOND_LARGEST]
        faces[:, :4] /= scale
        found.append(faces)
    return thin(np.concatenate(found))
