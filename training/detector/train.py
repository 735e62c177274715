"""Trains the detector: `python3 -m training.detector.train --steps 6000`; run again to resume.

The picture of each step depends on the seed, the step and the shards on disk alone, and the
checkpoint holds weights, averaged weights, optimizer and step, so a resumed run goes on exactly.
The learning rate is constant until the last third of --steps, then falls to zero along a cosine.
"""

import argparse
import math
import time

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset

from ..paths import CHECKPOINTS
from .crowd import People, training_picture
from .loss import draw_targets, losses
from .net import STRIDE, Detector
from .scenery import load_scenery

SIDE = 256
SEED = 11


class Crowds(Dataset):
    def __init__(self, first, last):
        self.first, self.last = first, last
        self.people, self.made = None, 0

    def __len__(self):
        return self.last - self.first

    def __getitem__(self, k):
        if self.people is None:
            self.people, self.scenery = People(), load_scenery()
        self.made += 1
        if self.made % 3000 == 0:
            self.people.refresh()
        crowd = training_picture(np.random.default_rng([SEED, self.first + k]), self.people, self.scenery, SIDE)
        return torch.from_numpy(crowd.image.copy()), torch.from_numpy(
            draw_targets(crowd.boxes, crowd.rolls, crowd.ignored, SIDE // STRIDE))


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
    parser.add_argument("--steps", type=int, default=6000)
    parser.add_argument("--batch", type=int, default=24)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--name", default="detector")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(SEED)
    CHECKPOINTS.mkdir(parents=True, exist_ok=True)
    path = CHECKPOINTS / f"{options.name}.pt"

    net = Detector().to(memory_format=torch.channels_last).train()
    optimizer = torch.optim.AdamW(net.parameters(), lr=options.rate, betas=(0.9, 0.98), weight_decay=0.02)
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

    crowds = Crowds(step * options.batch, options.steps * options.batch)
    loader = DataLoader(crowds, options.batch, num_workers=1, prefetch_factor=6)
    started = saved_at = time.time()
    first, sums = step, np.zeros(3)
    for images, target in loader:
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(step, options.steps, options.rate)
        images = (images.permute(0, 3, 1, 2).float() / 255).contiguous(memory_format=torch.channels_last)
        with torch.autocast("cpu", torch.bfloat16):
            heat, box = net(images)
        focal, place, roll = losses(heat.float(), box.float(), target)
        optimizer.zero_grad(set_to_none=True)
        (focal + 2 * place + 0.5 * roll).backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        optimizer.step()
        step += 1
        average(mean, net, step)
        sums += [focal.item(), place.item(), roll.item()]
        if step % 50 == 0:
            speed = (step - first) * options.batch / (time.time() - started)
            print(f"step {step} heat {sums[0] / 50:.3f} box {sums[1] / 50:.3f} roll {sums[2] / 50:.3f} "
                  f"{speed:.0f} images per second", flush=True)  # fmt: skip
            sums[:] = 0
        if time.time() - saved_at > 120:
            save()
            saved_at = time.time()
    save()


if __name__ == "__main__":
    main()
