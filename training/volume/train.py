"""Trains a volume network's correction: `python3 -m training.volume.train volume --minutes 20`.

`volume` starts at zero, `volume-guided` and `volume-multitask` at `volume`. It stops and resumes exactly, as the dense training does: a batch follows from its step,
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
from .batches import STEP, VALIDATION, People, load_batch, new_network
from .loss import volume_loss
from .net import CELLS, HEATMAP, VARIANTS, Correction
from .pictures import guide_of, heatmaps_of

REPEATS = 15  # how often a batch is trained on, on average: making one costs that of learning from it
FIRST = 250  # batches that are there when training starts
POOL = 800  # batches that may be repeated


class Batches(IterableDataset):
    """Halves of batches from step `first` on, as load_batch gives them, each after its step.

    Two steps in 2 * REPEATS have a new batch, the others one of the last POOL before it.
    """

    def __init__(self, first, guided):
        self.first, self.guided = first, guided

    def __iter__(self):
        parts = People(), load_backgrounds(), new_network("volume")
        for step in itertools.count(self.first):
            number = FIRST + step // (2 * REPEATS)
            if step % (2 * REPEATS) > 1:
                number -= int(np.random.default_rng([8, step]).integers(min(POOL, number)))
            places, *rows = load_batch(number, *parts, self.guided)
            half = slice(step % 2, None, 2)
            yield step, torch.from_numpy(places), *(torch.from_numpy(part[half]) for part in rows)


def shown_landmarks(name, marks):
    """What a network is shown or taught of landmarks [B, 68, 2]: guides, heatmaps, or nothing."""
    if name == "volume":
        return None
    marks = marks.numpy()
    if name == "volume-multitask":
        return torch.from_numpy(np.stack([heatmaps_of(m) for m in marks]))
    return torch.from_numpy(np.stack([guide_of(m) for m in marks]))


def heatmap_loss(logits, target):
    """Cross-entropy, the Gaussians' few cells as heavy as all the rest."""
    target = F.pixel_unshuffle(target, HEATMAP // CELLS)
    weight = 0.02 + target
    return (F.binary_cross_entropy_with_logits(logits.float(), target, reduction="none") * weight).sum() / weight.sum()


def logits_of(model, name, batch, places=None):
    """Logits [B, 50 K, 48, 48], heatmap logits or None, and the landmarks shown or asked for."""
    _, _, _, guess, features, code, marks = batch
    guess, shown = (guess.float() - 128) / STEP, shown_landmarks(name, marks)
    guide = shown if name == "volume-guided" else None
    with torch.autocast("cpu", torch.bfloat16, enabled=model.training):
        logits, heat = model(guess, features.float(), code.float(), guide, places)
    return logits.float(), heat, shown


def validate(model, state, name, batches):
    """Loss, and overlap of the voxels that are said, on held-out people without augmentation."""
    model.load_state_dict(state)
    model.eval()
    loss = both = either = 0.0
    for batch in batches:
        with torch.no_grad():
            logits = logits_of(model, name, batch)[0]
        loss += volume_loss(logits, batch[1], batch[2]).item() / len(batches)
        inside, truth = logits.permute(0, 2, 3, 1) > 0, batch[1] >= 128
        both += (inside & truth).sum().item()
        either += (inside | truth).sum().item()
    return f"loss {loss:.4f}, overlap {both / either:.4f}"


def save(path, **state):
    CHECKPOINTS.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    torch.save(state, partial)
    partial.rename(path)


def start_weights(model):
    """What a new guided or multitask correction takes over from the plain one."""
    source = CHECKPOINTS / "volume.pt"
    if source.exists():
        taken = torch.load(source)["average"]
        model.load_state_dict({**model.state_dict(), **taken})
        print(f"starts from {len(taken)} tensors of {source.name}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", choices=VARIANTS)
    parser.add_argument("--minutes", type=float, default=40)
    parser.add_argument("--optimizer", choices=("rmsprop", "adamw"), default="adamw")
    parser.add_argument("--rate", type=float, default=1.5e-3)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--steps", type=int, help="stop after so many steps instead, for comparisons")
    parser.add_argument("--checkpoint", help="name of the checkpoint, default the network's")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    parts = People(), load_backgrounds(), new_network("volume")
    guided = options.name == "volume-guided"
    held_out = [[torch.from_numpy(part) for part in load_batch(-1 - k, *parts, guided)] for k in range(VALIDATION)]
    model = Correction(**{"guided": False, "multitask": False, **VARIANTS[options.name]})
    judged = Correction(**{"guided": False, "multitask": False, **VARIANTS[options.name]})
    path = CHECKPOINTS / f"{options.checkpoint or options.name}.pt"
    if not path.exists() and options.name != "volume":
        start_weights(model)
    model = model.to(memory_format=torch.channels_last)
    print(f"{sum(p.numel() for p in model.parameters())} parameters", flush=True)
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
    batches = DataLoader(Batches(step, guided), batch_size=None, num_workers=1, prefetch_factor=4)
    for _, *batch in batches:
        spent = (time.time() - start) / 60
        progress = min(1.0, step / options.steps if options.steps else spent / options.minutes)
        if options.optimizer == "rmsprop":
            # The paper: one tenth after 40 epochs, here the last quarter.
            rate = options.rate * (1 if progress < 0.75 else 0.1)
        else:
            rate = options.rate * min(1, (step + 1) / 100) * (0.5 + 0.5 * math.cos(math.pi * progress)) + 1e-6
        for group in optimizer.param_groups:
            group["lr"] = rate
        model.train()
        logits, heat, shown = logits_of(model, options.name, batch, batch[0])
        loss = volume_loss(logits, batch[1], batch[2])
        second = heatmap_loss(heat, shown) if heat is not None else torch.zeros(())
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
            pace, since = 50 * len(logits) / (time.time() - since), time.time()
            print(f"{spent:.1f} min step {step} rate {rate:.1e} loss {sums[0] / 50:.4f} landmarks {sums[1] / 50:.4f} "
                  f"{pace:.0f}/s", flush=True)  # fmt: skip
            sums[:] = 0
        done = progress >= 1
        if spent - saved >= 3 or done:
            saved, saves = spent, saves + 1
            save(path, model=model.state_dict(), average=average, optimizer=optimizer.state_dict(), step=step,
                 minutes=spent)  # fmt: skip
            if saves % 2 == 0 or done:
                print(f"saved; {validate(judged, average, options.name, held_out)}", flush=True)
            since = time.time()
        if done:
            break


if __name__ == "__main__":
    main()
