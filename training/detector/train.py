"""Trains the detector: `python3 -m training.detector.train --steps 9200`; run again to resume.

What each step sees depends on the seed, the step and the shards on disk alone, and the checkpoint
holds weights, averaged weights, optimizer and step, so a resumed run goes on exactly. New shards of
pictures are taken up as they appear.
The encoder starts as the dense network's (training/train.py) and is at first kept as it is.
The learning rate is constant until the last third of --steps, then falls to zero along a cosine.
"""

import argparse
import math
import time

import numpy as np
import torch

from ..paths import CHECKPOINTS
from .loss import draw_targets, losses
from .net import STRIDE, Detector
from .pictures import FOLDER

SIDE = 256
SEED = 11
ENCODER_SHARE = 0.3  # of the learning rate


def load_shards():
    paths = sorted(FOLDER.glob("[0-9][0-9][0-9]_images.npy"))
    return [(np.load(p, mmap_mode="r"), np.load(p.with_name(p.name[:4] + "faces.npy"), mmap_mode="r")) for p in paths]


def sample_batch(shards, count, rng):
    """Pictures [count, 3, S, S] in [0, 1] and targets: shifted, mirrored, re-toned."""
    pictures, wanted = [], []
    for _ in range(count):
        images, people = shards[rng.integers(len(shards))]
        k = rng.integers(len(images))
        y, x = rng.integers(0, images.shape[1] - SIDE + 1, 2)
        picture = torch.from_numpy(images[k, y : y + SIDE, x : x + SIDE].copy())
        faces = people[k][~np.isnan(people[k, :, 0])] - np.float32([x, y, 0, 0, 0, 0])
        if rng.random() < 0.5:
            picture = picture.flip(1)
            faces[:, 0], faces[:, 4] = SIDE - faces[:, 0], -faces[:, 4]
        outside = np.any((faces[:, :2] < 0) | (faces[:, :2] >= SIDE), axis=1)
        faces[outside, 5] = 1
        pictures.append(picture)
        wanted.append(torch.from_numpy(draw_targets(faces, SIDE // STRIDE)))
    tone = lambda spread, channels: torch.from_numpy(  # noqa: E731
        np.exp(rng.normal(0, spread, (count, channels, 1, 1))).astype(np.float32))
    contrast, light = tone(0.15, 1), tone(0.1, 3) * tone(0.12, 1)
    batch = torch.stack(pictures).permute(0, 3, 1, 2).float()
    batch.mul_(contrast * light / 255).add_((0.5 - 0.5 * contrast) * light).clamp_(0, 1)
    return batch.contiguous(memory_format=torch.channels_last), torch.stack(wanted)


def learning_rate(step, steps, peak):
    rise = min(1, (step + 1) / 200)
    start = steps * 2 // 3
    fall = 1 if step < start else 0.5 + 0.5 * math.cos(math.pi * (step - start) / (steps - start))
    return peak * rise * fall


def average(into, net, step):
    keep = min(0.998, (1 + step) / (10 + step))
    with torch.no_grad():
        for name, value in net.state_dict().items():
            if value.dtype.is_floating_point:
                into[name].mul_(keep).add_(value, alpha=1 - keep)
            else:
                into[name].copy_(value)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=9200)
    parser.add_argument("--batch", type=int, default=12)
    parser.add_argument("--rate", type=float, default=1.5e-3)
    parser.add_argument("--frozen", type=int, default=1500, help="first steps, with the encoder kept as it is")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--name", default="detector")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(SEED)
    CHECKPOINTS.mkdir(parents=True, exist_ok=True)
    path = CHECKPOINTS / f"{options.name}.pt"

    net = Detector().to(memory_format=torch.channels_last)
    encoder = list(net.encoder().parameters())
    rest = [p for p in net.parameters() if not any(p is q for q in encoder)]
    groups = [{"params": rest, "share": 1.0}, {"params": encoder, "share": ENCODER_SHARE}]
    optimizer = torch.optim.AdamW(groups, lr=options.rate, betas=(0.9, 0.98), weight_decay=0.02)
    if not path.exists():
        net.start_from(torch.load(CHECKPOINTS / "dense.pt")["average"])
    mean = {name: value.clone() for name, value in net.state_dict().items()}
    step = 0
    if path.exists():
        saved = torch.load(path)
        net.load_state_dict(saved["net"])
        optimizer.load_state_dict(saved["optimizer"])
        mean, step = saved["mean"], saved["step"]

    def save():
        state = dict(net=net.state_dict(), mean=mean, optimizer=optimizer.state_dict(), step=step)
        torch.save(state, path.with_suffix(".partial"))
        path.with_suffix(".partial").rename(path)

    started = saved_at = time.time()
    first, sums = step, np.zeros(4)
    while step < options.steps:
        if step == first or step % 200 == 0:
            shards = load_shards()
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(step, options.steps, options.rate) * group["share"]
        images, target = sample_batch(shards, options.batch, np.random.default_rng([SEED, step]))
        frozen = step < options.frozen
        net.train()
        if frozen:
            net.encoder().eval()
        with torch.autocast("cpu", torch.bfloat16):
            with torch.set_grad_enabled(not frozen):
                maps = net.encode(images)
            x = net.fuse(*maps)
            heat, box, mask = net.heat(x), net.box(x), net.mask(x)
        focal, place, roll, inside = losses(heat.float(), box.float(), mask.float(), target)
        optimizer.zero_grad(set_to_none=True)
        (focal + 2 * place + 0.5 * roll + 3 * inside).backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        optimizer.step()
        step += 1
        average(mean, net, step)
        sums += [focal.item(), place.item(), roll.item(), inside.item()]
        if step % 100 == 0:
            speed = (step - first) * options.batch / (time.time() - started)
            print(f"step {step} heat {sums[0] / 100:.3f} box {sums[1] / 100:.3f} roll {sums[2] / 100:.3f} mask {sums[3] / 100:.3f} "
                  f"{speed:.0f} images per second", flush=True)  # fmt: skip
            sums[:] = 0
        if time.time() - saved_at > 120:
            save()
            saved_at = time.time()
    save()


if __name__ == "__main__":
    main()
