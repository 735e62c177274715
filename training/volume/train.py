"""Trains a volume network: `python3 -m training.volume.train volume --minutes 40`.

`volume` starts from the dense network's weights, `volume-guided` and `volume-multitask` from
`volume`. It stops and resumes exactly, as the dense training does: a batch follows from its step,
the learning rate from the minutes spent.
"""

import argparse
import itertools
import math
import time

import numpy as np
import torch
from torch.nn import functional as F
from torch.utils.data import DataLoader, IterableDataset

from ..backgrounds import load_backgrounds
from ..paths import CHECKPOINTS
from .loss import volume_loss
from .net import BLOCK, CELLS, HEATMAP, VARIANTS, VolumeNetwork
from .people import PEOPLE
from .pictures import MIRROR, guide_of, heatmaps_of, plain_picture, sample_picture, sample_view, view_of, voxels_of
from .voxels import STEPS

HELD_OUT = 0  # the shard kept for validation
SCENES = 0.9  # share of the backgrounds that is trained on
PLACES = 3  # of the 9 columns of a cell, how many a batch asks for: neighbors teach the same
REPEATS = 3  # how often a batch is trained on, on average: making one costs as much as learning from it
POOL = 150  # batches that are kept to be repeated
LANDMARK_NOISE = 1.5  # pixels: what a guide at test time is off by


class People:
    """The shards on disk: pictures, solids, landmarks."""

    def __init__(self):
        self.shards = {}
        for path in sorted(PEOPLE.glob("[0-9]*_solid.npy")):
            read = lambda name: np.load(PEOPLE / f"{path.name[:3]}_{name}.npy", mmap_mode="r")  # noqa: B023, E731
            self.shards[int(path.name[:3])] = [read(name) for name in ("rgba", "solid", "points")]

    def person(self, shard, k):
        """rgba, solid [S, 3] and landmarks [68, 3] in pixels of the stored picture."""
        rgba, solids, points = self.shards[shard]
        return rgba[k], solids[k] / np.float32(STEPS), points[k]


def seen_landmarks(points, view):
    """Landmarks [68, 3] in the volume's pixels, renumbered where the view mirrors."""
    return view.apply(points[MIRROR] if view.mirrored else points)


class Batches(IterableDataset):
    """Augmented batches from step `first` on; each depends on nothing but its step and the shards.

    One step in REPEATS has a batch of its own, the others that of one of the last POOL such steps.
    """

    def __init__(self, first, size, name):
        self.first, self.size, self.name = first, size, name

    def __iter__(self):
        people, scenes = People(), load_backgrounds()
        scenes = scenes[: int(SCENES * len(scenes))]
        made = {}
        for step in itertools.count(self.first):
            number = step // REPEATS
            if step % REPEATS:
                number = max(0, number - int(np.random.default_rng([8, step]).integers(POOL)))
            if number not in made:
                made[number] = self.make(number, people, scenes)
                if len(made) > POOL:
                    del made[min(made)]
            yield made[number]

    def make(self, number, people, scenes):
        rng = np.random.default_rng([7, number])
        places = rng.permutation(BLOCK**2)[:PLACES]
        shards = [n for n in people.shards if n != HELD_OUT]
        rows = []
        for shard in rng.choice(shards, self.size):
            rgba, solid, points = people.person(shard, rng.integers(len(people.shards[shard][0])))
            view = sample_view(rng, points[:, :2])
            picture = (sample_picture(rng, rgba, view, scenes) * 255 + 0.5).astype(np.uint8)
            rows.append([picture, *voxels_of(view.apply(solid), view.mirrored, places)])
            marks = seen_landmarks(points, view)
            if self.name == "volume-guided":
                noise = rng.normal(0, LANDMARK_NOISE * rng.random(), (68, 2)) + rng.normal(0, 0.7, 2)
                rows[-1].append(guide_of(marks[:, :2] + noise).astype(np.float16))
            elif self.name == "volume-multitask":
                rows[-1].append(heatmaps_of(marks).astype(np.float16))
        return torch.from_numpy(places), *(torch.from_numpy(np.stack(column)) for column in zip(*rows))


def heatmap_loss(logits, target):
    """Cross-entropy, the Gaussians' few cells as heavy as all the rest."""
    target = F.pixel_unshuffle(target.float(), HEATMAP // CELLS)
    weight = 0.02 + target
    return (F.binary_cross_entropy_with_logits(logits.float(), target, reduction="none") * weight).sum() / weight.sum()


def validate(state, name, people, scenes, count=64):
    """Loss, and overlap of the voxels that are said, on held-out people without augmentation."""
    model = VolumeNetwork(**VARIANTS[name])
    model.load_state_dict(state)
    model.eval()
    loss = both = either = 0.0
    for first in range(0, count, 32):
        rows = []
        for k in range(first, first + 32):
            rgba, solid, points = people.person(HELD_OUT, k)
            view = view_of(points[:, :2])
            rows.append([plain_picture(rgba, view, scenes[-1 - k]), *voxels_of(view.apply(solid), False)])
            rows[-1].append(guide_of(view.apply(points)))
        picture, target, weight, guide = (torch.from_numpy(np.stack(column)) for column in zip(*rows))
        with torch.no_grad():
            logits = model(picture.float(), guide)[0]
        loss += volume_loss(logits, target, weight).item() * 32 / count
        inside, truth = logits.permute(0, 2, 3, 1) > 0, target >= 128
        both += (inside & truth).sum().item()
        either += (inside | truth).sum().item()
    return f"loss {loss:.4f}, overlap {both / either:.4f}"


def save(path, **state):
    CHECKPOINTS.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    torch.save(state, partial)
    partial.rename(path)


def start_weights(name, model):
    """A new network's weights: from `volume`, or for that one from the dense network."""
    source = CHECKPOINTS / ("dense.pt" if name == "volume" else "volume.pt")
    if source.exists():
        print(f"starts from {model.start_from(torch.load(source)['average'])} tensors of {source.name}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", choices=VARIANTS)
    parser.add_argument("--minutes", type=float, default=40)
    parser.add_argument("--batch", type=int, default=12)
    parser.add_argument("--optimizer", choices=("rmsprop", "adamw"), default="adamw")
    parser.add_argument("--rate", type=float, default=1.5e-3)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--steps", type=int, help="stop after so many steps instead, for comparisons")
    parser.add_argument("--checkpoint", help="name of the checkpoint, default the network's")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    people, scenes = People(), load_backgrounds()
    model = VolumeNetwork(**VARIANTS[options.name])
    path = CHECKPOINTS / f"{options.checkpoint or options.name}.pt"
    if not path.exists():
        start_weights(options.name, model)
    model = model.to(memory_format=torch.channels_last)
    print(f"{sum(p.numel() for p in model.parameters())} parameters, {len(people.shards)} shards", flush=True)
    if options.optimizer == "rmsprop":
        optimizer = torch.optim.RMSprop(model.parameters(), lr=options.rate, alpha=0.99, eps=1e-8)
    else:
        optimizer = torch.optim.AdamW(model.parameters(), lr=options.rate, betas=(0.9, 0.98), weight_decay=0.01)
    average = {k: v.clone() for k, v in model.state_dict().items()}
    step, spent, saves = 0, 0.0, 0
    if path.exists():
        state = torch.load(path)
        model.load_state_dict(state["model"])
        optimizer.load_state_dict(state["optimizer"])
        average, step, spent = state["average"], state["step"], state["minutes"]
        print(f"resumed at step {step}, {spent:.1f} minutes", flush=True)

    start, saved, sums, since = time.time() - 60 * spent, spent, np.zeros(2), time.time()
    batches = DataLoader(Batches(step, options.batch, options.name), batch_size=None, num_workers=1, prefetch_factor=4)
    for places, picture, target, weight, *more in batches:
        spent = (time.time() - start) / 60
        progress = min(1.0, step / options.steps if options.steps else spent / options.minutes)
        if options.optimizer == "rmsprop":
            # The paper: one tenth after 40 epochs, here the last quarter.
            rate = options.rate * (1 if progress < 0.75 else 0.1)
        else:
            rate = options.rate * min(1, (step + 1) / 100) * (0.5 + 0.5 * math.cos(math.pi * progress)) + 1e-6
        for group in optimizer.param_groups:
            group["lr"] = rate
        picture = picture.contiguous(memory_format=torch.channels_last).float() / 255
        model.train_upper()
        with torch.autocast("cpu", torch.bfloat16):
            cells, marks = model(picture, more[0].float() if options.name == "volume-guided" else None, places)
        loss = volume_loss(cells, target, weight)
        second = heatmap_loss(marks, more[0]) if marks is not None else torch.zeros(())
        optimizer.zero_grad(set_to_none=True)
        (loss + 0.3 * second).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        step += 1
        sums += [loss.item(), second.item()]
        if step % 4 == 0:
            keep = min(0.998, (1 + step) / (10 + step)) ** 4
            with torch.no_grad():
                for key, value in model.state_dict().items():
                    if value.dtype.is_floating_point:
                        average[key].mul_(keep).add_(value, alpha=1 - keep)
                    else:
                        average[key].copy_(value)
        if step % 50 == 0:
            pace, since = 50 * options.batch / (time.time() - since), time.time()
            print(f"{spent:.1f} min step {step} rate {rate:.1e} loss {sums[0] / 50:.4f} landmarks {sums[1] / 50:.4f} "
                  f"{pace:.0f}/s", flush=True)  # fmt: skip
            sums[:] = 0
        done = progress >= 1
        if spent - saved >= 3 or done:
            saved, saves = spent, saves + 1
            save(path, model=model.state_dict(), average=average, optimizer=optimizer.state_dict(), step=step,
                 minutes=spent)  # fmt: skip
            if saves % 4 == 0 or done:
                print(f"saved; {validate(average, options.name, people, scenes)}", flush=True)
            since = time.time()
        if done:
            break


if __name__ == "__main__":
    main()
