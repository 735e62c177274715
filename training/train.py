"""Trains the dense network on the shards present: `python3 -m training.train --minutes 90`.

Stops and resumes exactly: a checkpoint holds weights, their average, the optimizer, the step and
the minutes spent; the learning rate follows the minutes, and a batch follows from its step. Batches
are made in a process beside, which on a busy machine beats more threads.
"""

import argparse
import itertools
import math
import time
from typing import NamedTuple

import numpy as np
import torch
from torch.nn import functional as F
from torch.utils.data import DataLoader, IterableDataset

from .assets import NARROW_FACE, load_head
from .augment import augment, compose
from .backgrounds import load_backgrounds
from .network import DenseNetwork, decode, warm_start
from .open_head import SEGMENTS, uv_of
from .paths import CHECKPOINTS, PEOPLE
from .render import UNIT

FILES = ("rgba", "labels", "normals", "masks", "segments", "coefficients")
HELD_OUT = 0  # the shard kept for validation
CROP, GRID = 128, 64
UV_SCALE = 40  # centimeters of skin to one unit of the uv chart, about


class Truth(NamedTuple):
    labels: torch.Tensor  # [B, 9, G, G]: mean position, offset (cm), unit normal
    masks: torch.Tensor  # [B, 2, G, G]: amodal, visible
    segments: torch.Tensor  # [B, G, G]
    uv: torch.Tensor  # [B, 2, G, G], 0 where there is none
    coefficients: torch.Tensor


def add_uv(labels, masks, segments):
    uv = torch.from_numpy(uv_of(labels[:, :3].permute(0, 2, 3, 1).numpy()).astype(np.float32)).permute(0, 3, 1, 2)
    return labels, masks, segments, uv * masks[:, :1]


class People:
    """The shards on disk; `refresh` finds those finished since."""

    def __init__(self):
        self.shards = {}

    def refresh(self, most=None):
        for path in sorted(PEOPLE.glob("[0-9]*_rgba.npy"))[:most]:
            number = int(path.name.split("_")[0])
            if number not in self.shards:
                read = lambda name: np.load(PEOPLE / f"{number:03d}_{name}.npy", mmap_mode="r")  # noqa: E731
                self.shards[number] = [read(n) for n in FILES]

    def count(self):
        return sum(len(s[0]) for n, s in self.shards.items() if n != HELD_OUT)

    def take(self, picks, shifts):
        """Crops of chosen people: rgba, labels [9] (cm, unit normals), masks, segments, coefficients.

        Shifts are in label cells.
        """
        rows = []
        for (shard, person), (right, down) in zip(picks, shifts):
            rgba, labels, *grids, coefficients = self.shards[shard]
            margin = (labels.shape[-1] - GRID) // 2
            left, top = margin + right, margin + down
            edge = (rgba.shape[1] - 2 * labels.shape[-1]) // 2
            u, v = edge + 2 * left, edge + 2 * top
            cut = (..., slice(top, top + GRID), slice(left, left + GRID))
            rows.append((rgba[person, v : v + CROP, u : u + CROP], labels[person][cut],
                         *(grid[person][cut] for grid in grids), coefficients[person]))  # fmt: skip
        rgba, labels, normals, masks, segments, coefficients = (torch.from_numpy(np.stack(c)) for c in zip(*rows))
        labels = torch.cat([labels.float() * (UNIT * 100), normals.float() / 127], 1)
        return rgba, labels, masks.float(), segments.long(), coefficients.float()

    def draw(self, rng, count):
        numbers = [n for n in self.shards if n != HELD_OUT]
        chosen = rng.choice(numbers, count)
        picks = [(n, rng.integers(len(self.shards[n][0]))) for n in chosen]
        # Up to 12 % of the crop, mostly less.
        shifts = np.clip(np.round(rng.normal(0, 3.5, (count, 2))), -9, 9).astype(int)
        return self.take(picks, shifts)


class Batches(IterableDataset):
    """Augmented batches from step `first` on; each depends on nothing but its step and the shards."""

    def __init__(self, first, size, without=(), most=None):
        self.first, self.size, self.without, self.most = first, size, without, most

    def __iter__(self):
        people, scenes = People(), load_backgrounds()
        for step in itertools.count(self.first):
            if step == self.first or step % 100 == 0:
                people.refresh(self.most)
            rng = np.random.default_rng([1, step])
            rgba, labels, masks, segments, coefficients = people.draw(rng, self.size)
            behind, before = torch.from_numpy(scenes[rng.integers(0, len(scenes), (2, self.size))])
            picture, *truth = augment(rng, rgba, behind, before, labels, masks, segments, self.without)
            yield picture.contiguous(memory_format=torch.channels_last), Truth(*add_uv(*truth), coefficients), people.count()


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


# Thin parts count for more; the rest of the segments as they come.
SEGMENT_WEIGHTS = torch.tensor([1.0, 1, 2, 1, 4, 4, 1, 1.5])
PARTS = {"point": 1.0, "offset": 2.0, "mask": 1.5, "uv": 0.5, "normal": 0.5, "segment": 0.4, "confidence": 0.1,
         "guess": 0.3}  # fmt: skip


def losses(output, truth, weights, power=4.0):
    """What is minimized, by name as in PARTS."""
    planes, guessed = output
    maps = decode(planes.float())
    labels, masks = truth.labels, truth.masks
    weight = masks[:, :1] * (0.4 + 0.6 * masks[:, 1:]) * region_weights(labels[:, :3])
    mean = lambda values: (values * weight).sum() / (weight.sum() * values.shape[1] + 1)  # noqa: E731
    miss = maps.points - labels[:, :3]
    error = maps.offsets - labels[:, 3:6]
    inside = (truth.uv > 0).all(1, keepdim=True)
    away = miss.detach().norm(dim=1, keepdim=True) / 100 + 1e-4
    log_error = maps.log_error.clamp(min=-12)  # off the face nothing holds it: its exponential overflows
    return {
        "point": mean(miss.abs()),
        "offset": mean(error.abs() + power * error**2),
        "mask": F.binary_cross_entropy_with_logits(torch.cat([maps.amodal, maps.visible], 1), masks),
        # Brought to the scale of centimeters; a seam of the chart pulls no more than 4 mm.
        "uv": mean(inside * (UV_SCALE * (maps.uv - truth.uv).abs()).clamp(max=0.4 * UV_SCALE)),
        "normal": mean(0.5 * (maps.normals - labels[:, 6:]).abs())
        + mean(1 - F.cosine_similarity(maps.normals, labels[:, 6:], dim=1)[:, None]),
        "segment": F.cross_entropy(maps.segments, truth.segments, SEGMENT_WEIGHTS),
        "confidence": mean(away * torch.exp(-log_error) + log_error),
        "guess": ((guessed.float() - truth.coefficients) ** 2 * weights).sum(1).mean(),
    }


def validate(model, people, scenes, count=256, augmented=False):
    """On held-out people, over visible face: distances and their expectation (cm), uv error, normals' cosine, overlaps."""
    model.eval()
    rng = np.random.default_rng(0)
    sums, shared, either = {}, torch.zeros(9), torch.zeros(9)
    for first in range(0, count, 64):
        picks = [(HELD_OUT, k) for k in range(first, first + 64)]
        rgba, *truth, coefficients = people.take(picks, np.zeros((64, 2), int))
        behind, before = torch.from_numpy(scenes[first : first + 64]), torch.from_numpy(scenes[-64 - first :][:64])
        if augmented:
            picture, *truth = augment(rng, rgba, behind, before, *truth)
        else:
            picture, _ = compose(rng, rgba, behind)
        truth = Truth(*add_uv(*truth), coefficients)
        with torch.no_grad():
            maps = decode(model(picture)[0])
        seen = truth.masks[:, 1] > 0
        miss = (maps.points - truth.labels[:, :3]).norm(dim=1)
        narrow = seen & (truth.labels[:, 2] > 4) & (truth.labels[:, 1] > -9)
        for name, value, where in (
            ("points", miss, seen),
            ("points narrow", miss, narrow),
            ("offsets", (maps.offsets - truth.labels[:, 3:6]).norm(dim=1), seen),
            ("no offsets", truth.labels[:, 3:6].norm(dim=1), seen),
            ("offsets narrow", (maps.offsets - truth.labels[:, 3:6]).norm(dim=1), narrow),
            ("no offsets narrow", truth.labels[:, 3:6].norm(dim=1), narrow),
            ("uv", (maps.uv - truth.uv).norm(dim=1), seen & (truth.uv > 0).all(1)),
            ("normals", F.cosine_similarity(maps.normals, truth.labels[:, 6:], dim=1), seen),
            ("expected", 100 * torch.exp(maps.log_error[:, 0]), seen),
        ):  # fmt: skip
            total, pixels = sums.get(name, (0.0, 0))
            sums[name] = total + value[where].sum().item(), pixels + where.sum().item()
        guess, kind = maps.visible[:, 0] > 0, maps.segments.argmax(1)
        for k in range(9):
            a, b = (seen, guess) if k == 8 else (truth.segments == k, kind == k)
            shared[k] += (a & b).sum()
            either[k] += (a | b).sum()
    figures = {name: total / max(1, pixels) for name, (total, pixels) in sums.items()}
    return figures | dict(zip((*SEGMENTS, "visible"), (shared / either.clamp(min=1)).tolist()))


def show(figures):
    return ", ".join(f"{name} {value:.3f}" for name, value in figures.items())


@torch.no_grad()
def follow(average, model, keep):
    """Moves the average of the weights towards the model's."""
    for key, value in model.state_dict().items():
        if value.dtype.is_floating_point:
            average[key].mul_(keep).add_(value, alpha=1 - keep)
        else:
            average[key].copy_(value)


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
    parser.add_argument("--start", help="checkpoint whose weights to begin with where layers agree")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    people, scenes, weights = People(), load_backgrounds(), mode_weights()
    people.refresh()
    model = DenseNetwork().to(memory_format=torch.channels_last)
    print(f"{sum(p.numel() for p in model.parameters())} parameters", flush=True)
    if options.start:
        warm_start(model, torch.load(options.start)["average"])
    plain = [p for p in model.parameters() if p.ndim < 2]
    decayed = [p for p in model.parameters() if p.ndim >= 2]
    optimizer = torch.optim.AdamW(
        [{"params": decayed, "weight_decay": 0.02}, {"params": plain, "weight_decay": 0.0}],
        lr=options.rate, betas=(0.9, 0.98))  # fmt: skip
    average = {k: v.clone() for k, v in model.state_dict().items()}
    judged = DenseNetwork()
    step, spent = 0, 0.0
    path = CHECKPOINTS / f"{options.name}.pt"
    if path.exists():
        state = torch.load(path)
        model.load_state_dict(state["model"])
        optimizer.load_state_dict(state["optimizer"])
        average, step, spent = state["average"], state["step"], state["minutes"]
        print(f"resumed at step {step}, {spent:.1f} minutes", flush=True)

    start, saved, sums, since = time.time() - 60 * spent, spent, dict.fromkeys(PARTS, 0.0), time.time()
    batches = DataLoader(Batches(step, options.batch), batch_size=None, num_workers=1, prefetch_factor=4)
    for picture, truth, count in batches:
        spent = (time.time() - start) / 60
        progress = min(1.0, spent / options.minutes)
        rate = options.rate * min(1, (step + 1) / 300) * (0.5 + 0.5 * math.cos(math.pi * progress)) + 1e-6
        for group in optimizer.param_groups:
            group["lr"] = rate
        model.train()
        with torch.autocast("cpu", torch.bfloat16):
            output = model(picture)
        parts = losses(output, truth, weights)
        loss = sum(PARTS[name] * part for name, part in parts.items())
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        if not torch.isfinite(norm + loss):
            raise FloatingPointError(f"step {step}: loss {loss.item()}, gradient {norm.item()}; start again to resume")
        optimizer.step()
        step += 1
        for name, part in parts.items():
            sums[name] += part.item() / 100
        if step % 4 == 0:
            follow(average, model, min(0.998, (1 + step) / (10 + step)) ** 4)
        if step % 100 == 0:
            pace, since = 100 * options.batch / (time.time() - since), time.time()
            print(f"{spent:.1f} min step {step} rate {rate:.1e} {show(sums)} {pace:.0f}/s of {count}", flush=True)
            sums = dict.fromkeys(PARTS, 0.0)
        done = progress >= 1
        if spent - saved >= 3 or done:
            saved = spent
            save(path, model=model.state_dict(), average=average, optimizer=optimizer.state_dict(), step=step,
                 minutes=spent)  # fmt: skip
            judged.load_state_dict(average)
            print(f"saved; {show(validate(judged, people, scenes))}", flush=True)
            since = time.time()
        if done:
            break


if __name__ == "__main__":
    main()
