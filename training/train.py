"""Trains the dense network on the shards present: `python3 -m training.train --minutes 90`.

Stops and resumes exactly: a checkpoint holds weights, their average, the optimizer, the step and
the minutes spent; the learning rate follows the minutes, and a batch follows from its step. Batches
are made in a process beside, which on a busy machine beats more threads.
"""

import argparse
import itertools
import math
import time

import numpy as np
import torch
from torch.nn import functional as F
from torch.utils.data import DataLoader, IterableDataset

from .assets import NARROW_FACE, load_head
from .augment import augment, compose
from .backgrounds import load_backgrounds
from .network import DenseNetwork, decode
from .paths import CHECKPOINTS, PEOPLE
from .render import UNIT

HELD_OUT = 0  # the shard kept for validation
CROP, GRID = 128, 64


class People:
    """The shards on disk; `refresh` finds those finished since."""

    def __init__(self):
        self.shards = {}

    def refresh(self):
        for path in sorted(PEOPLE.glob("[0-9]*_rgba.npy")):
            number = int(path.name.split("_")[0])
            if number not in self.shards:
                read = lambda name: np.load(PEOPLE / f"{number:03d}_{name}.npy", mmap_mode="r")  # noqa: E731
                self.shards[number] = [read(n) for n in ("rgba", "labels", "masks", "coefficients")]

    def count(self):
        return sum(len(s[0]) for n, s in self.shards.items() if n != HELD_OUT)

    def take(self, picks, shifts):
        """Crops of chosen people: rgba, labels (cm), masks, coefficients. Shifts are in label cells."""
        rows = []
        for (shard, person), (right, down) in zip(picks, shifts):
            rgba, labels, masks, coefficients = self.shards[shard]
            margin = (labels.shape[-1] - GRID) // 2
            left, top = margin + right, margin + down
            edge = (rgba.shape[1] - 2 * labels.shape[-1]) // 2
            u, v = edge + 2 * left, edge + 2 * top
            rows.append((rgba[person, v : v + CROP, u : u + CROP],
                         labels[person, :, top : top + GRID, left : left + GRID],
                         masks[person, :, top : top + GRID, left : left + GRID], coefficients[person]))  # fmt: skip
        rgba, labels, masks, coefficients = (torch.from_numpy(np.stack(column)) for column in zip(*rows))
        return rgba, labels.float() * (UNIT * 100), masks.float(), coefficients.float()

    def draw(self, rng, count):
        numbers = [n for n in self.shards if n != HELD_OUT]
        chosen = rng.choice(numbers, count)
        picks = [(n, rng.integers(len(self.shards[n][0]))) for n in chosen]
        # Up to 12 % of the crop, mostly less.
        shifts = np.clip(np.round(rng.normal(0, 3.5, (count, 2))), -9, 9).astype(int)
        return self.take(picks, shifts)


class Batches(IterableDataset):
    """Augmented batches from step `first` on; each depends on nothing but its step and the shards."""

    def __init__(self, first, size):
        self.first, self.size = first, size

    def __iter__(self):
        people, scenes = People(), load_backgrounds()
        for step in itertools.count(self.first):
            if step == self.first or step % 100 == 0:
                people.refresh()
            rng = np.random.default_rng([1, step])
            rgba, labels, masks, coefficients = people.draw(rng, self.size)
            behind, before = torch.from_numpy(scenes[rng.integers(0, len(scenes), (2, self.size))])
            picture, labels, masks = augment(rng, rgba, behind, before, labels, masks)
            yield picture.contiguous(memory_format=torch.channels_last), labels, masks, coefficients, people.count()


def mode_weights():
    """Squared mean face displacement of each coefficient (cm²): what an error in it costs."""
    head = load_head()
    modes = head.basis.reshape(len(head.basis), -1, 3)[:, :NARROW_FACE]
    return torch.from_numpy((modes**2).sum(2).mean(1))


def region_weights(points):
    """1 on the narrow face, less on ears, neck and forehead top, more around eyes and mouth. [B,1,G,G]"""
    x, y, z = points[:, :1].abs(), points[:, 1:2], points[:, 2:3]
    inner = ((z > 2.4) & (y > -9.5) & (y < 9.6)).float()
    eyes = (x > 1.0) & (x < 5.3) & (y > 2.0) & (y < 5.2) & (z > 6)
    mouth = (x < 3.6) & (y > -6.2) & (y < -1.6) & (z > 7)
    return 0.35 + 0.65 * inner + 0.6 * (eyes | mouth).float()


def losses(output, labels, masks, coefficients, weights):
    planes, guessed = output
    amodal, visible, points, offsets = decode(planes.float())
    amodal_true, visible_true = masks[:, :1], masks[:, 1:]
    weight = amodal_true * (0.4 + 0.6 * visible_true) * region_weights(labels[:, :3])
    total = weight.sum() * 3 + 1
    point = ((points - labels[:, :3]).abs() * weight).sum() / total
    error = offsets - labels[:, 3:]
    offset = ((error.abs() + 4 * error**2) * weight).sum() / total
    mask = F.binary_cross_entropy_with_logits(torch.cat([amodal, visible], 1), masks)
    guess = ((guessed.float() - coefficients) ** 2 * weights).sum(1).mean()
    return point, offset, mask, guess


def validate(state, people, scenes, count=256):
    """Mean distances (cm) on visible face and the overlap of the visible mask, on held-out people."""
    model = DenseNetwork()
    model.load_state_dict(state)
    model.eval()
    rng = np.random.default_rng(0)
    point = offset = size = pixels = both = either = 0.0
    for first in range(0, count, 64):
        picks = [(HELD_OUT, k) for k in range(first, first + 64)]
        rgba, labels, masks, _ = people.take(picks, np.zeros((64, 2), int))
        picture, _ = compose(rng, rgba, torch.from_numpy(scenes[first : first + 64]))
        with torch.no_grad():
            _, visible, points, offsets = decode(model(picture)[0])
        seen = masks[:, 1] > 0
        point += (points - labels[:, :3]).norm(dim=1)[seen].sum().item()
        offset += (offsets - labels[:, 3:]).norm(dim=1)[seen].sum().item()
        size += labels[:, 3:].norm(dim=1)[seen].sum().item()
        guess = visible[:, 0] > 0
        pixels += seen.sum().item()
        both += (seen & guess).sum().item()
        either += (seen | guess).sum().item()
    return f"points {point / pixels:.3f} cm, offsets {offset / pixels:.3f} of {size / pixels:.3f} cm, overlap {both / either:.3f}"


def save(path, **state):
    CHECKPOINTS.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    torch.save(state, partial)
    partial.rename(path)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=90)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--name", default="dense")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    people, scenes, weights = People(), load_backgrounds(), mode_weights()
    people.refresh()
    model = DenseNetwork().to(memory_format=torch.channels_last)
    print(f"{sum(p.numel() for p in model.parameters())} parameters", flush=True)
    plain = [p for p in model.parameters() if p.ndim < 2]
    decayed = [p for p in model.parameters() if p.ndim >= 2]
    optimizer = torch.optim.AdamW(
        [{"params": decayed, "weight_decay": 0.02}, {"params": plain, "weight_decay": 0.0}],
        lr=options.rate, betas=(0.9, 0.98))  # fmt: skip
    average = {k: v.clone() for k, v in model.state_dict().items()}
    step, spent = 0, 0.0
    path = CHECKPOINTS / f"{options.name}.pt"
    if path.exists():
        state = torch.load(path)
        model.load_state_dict(state["model"])
        optimizer.load_state_dict(state["optimizer"])
        average, step, spent = state["average"], state["step"], state["minutes"]
        print(f"resumed at step {step}, {spent:.1f} minutes", flush=True)

    start, saved, sums, since = time.time() - 60 * spent, spent, np.zeros(4), time.time()
    batches = DataLoader(Batches(step, options.batch), batch_size=None, num_workers=1, prefetch_factor=4)
    for picture, labels, masks, coefficients, count in batches:
        spent = (time.time() - start) / 60
        progress = min(1.0, spent / options.minutes)
        rate = options.rate * min(1, (step + 1) / 300) * (0.5 + 0.5 * math.cos(math.pi * progress)) + 1e-6
        for group in optimizer.param_groups:
            group["lr"] = rate
        model.train()
        with torch.autocast("cpu", torch.bfloat16):
            output = model(picture)
        point, offset, mask, guess = losses(output, labels, masks, coefficients, weights)
        loss = point + 1.5 * offset + 1.5 * mask + 0.3 * guess
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        optimizer.step()
        step += 1
        sums += [point.item(), offset.item(), mask.item(), guess.item()]
        if step % 4 == 0:
            keep = min(0.998, (1 + step) / (10 + step)) ** 4
            with torch.no_grad():
                for key, value in model.state_dict().items():
                    if value.dtype.is_floating_point:
                        average[key].mul_(keep).add_(value, alpha=1 - keep)
                    else:
                        average[key].copy_(value)
        if step % 100 == 0:
            pace, since = 100 * options.batch / (time.time() - since), time.time()
            point, offset, mask, guess = sums / 100
            sums[:] = 0
            print(f"{spent:.1f} min step {step} rate {rate:.1e} point {point:.3f} offset {offset:.3f} mask {mask:.4f} "
                  f"guess {guess:.3f} {pace:.0f}/s of {count}", flush=True)  # fmt: skip
        done = progress >= 1
        if spent - saved >= 3 or done:
            saved = spent
            save(path, model=model.state_dict(), average=average, optimizer=optimizer.state_dict(), step=step,
                 minutes=spent)  # fmt: skip
            print(f"saved; {validate(average, people, scenes)}", flush=True)
            since = time.time()
        if done:
            break


if __name__ == "__main__":
    main()
