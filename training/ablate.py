"""What helps: a short training from nothing for each variant, with one thing changed each time.

`python3 -m training.ablate` prints a row of a table per variant. All see as many pictures, of the same
people and backgrounds in the same order, and are judged on the same held-out people, augmented in
full, and on the photos.
"""

import argparse
import math
import time

import torch
from torch.utils.data import DataLoader

from .backgrounds import load_backgrounds
from .evaluate import evaluate, summary
from .network import DenseNetwork
from .paths import SHARED
from .train import PARTS, Batches, People, follow, losses, mode_weights, validate

# name: (what the augmentation lacks, number of shards, quadratic part of the offset's loss, losses left out)
VARIANTS = {
    "the recipe": ((), None, 4.0, ()),
    "without occluders laid over the pictures": (("occluders",), None, 4.0, ()),
    "without color, tone and shadows": (("color",), None, 4.0, ()),
    "without blur, noise, compression": (("camera",), None, 4.0, ()),
    "1,000 people": ((), 3, 4.0, ()),
    "offset by its absolute error alone": ((), None, 0.0, ()),
    "offset without the global path": ((), None, 4.0, ("person",)),
    "positions, offset and masks alone": ((), None, 4.0, ("uv", "normal", "segment", "confidence")),
    "no coefficients taught to the global path": ((), None, 4.0, ("guess",)),
}


def train(pictures, without, shards, power, left_out, batch=64, rate=2e-3):
    torch.manual_seed(0)
    model, weights = DenseNetwork().to(memory_format=torch.channels_last), mode_weights()
    if "person" in left_out:
        model.person.requires_grad_(False)
        with torch.no_grad():
            for value in model.person.parameters():
                value.zero_()
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=rate, betas=(0.9, 0.98),
                                  weight_decay=0.02)  # fmt: skip
    average, steps = {k: v.clone() for k, v in model.state_dict().items()}, pictures // batch
    batches = DataLoader(Batches(0, batch, without, shards), batch_size=None, num_workers=1, prefetch_factor=4)
    model.train()
    for step, (picture, truth, _) in zip(range(steps), batches):
        for group in optimizer.param_groups:
            group["lr"] = rate * min(1, (step + 1) / 50) * (0.5 + 0.5 * math.cos(math.pi * step / steps))
        with torch.autocast("cpu", torch.bfloat16):
            output = model(picture)
        parts = losses(output, truth, weights, power)
        loss = sum(PARTS[name] * part for name, part in parts.items() if name not in left_out)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        optimizer.step()
        follow(average, model, min(0.98, (1 + step) / (10 + step)))
    model.load_state_dict(average)
    return model.eval()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pictures", type=int, default=38400)
    parser.add_argument("--only", nargs="*", help="numbers of the variants, from 0")
    options = parser.parse_args()
    torch.set_num_threads(1)
    people, scenes = People(), load_backgrounds()
    people.refresh()
    print("| variant | PNCC, cm | offset, cm | visible overlap | normals | photos |\n| --- | --- | --- | --- | --- | --- |")
    for number, (name, variant) in enumerate(VARIANTS.items()):
        if options.only and str(number) not in options.only:
            continue
        start = time.time()
        model = train(options.pictures, *variant)
        found = validate(model, people, scenes, 448, augmented=True)
        photos = summary(evaluate(model)) if (SHARED / "photos" / "aflw2000").exists() else "absent"
        print(f"| {name} | {found['points']:.3f} | {found['offsets']:.3f} of {found['no offsets']:.3f} | "
              f"{found['visible']:.3f} | {found['normals']:.3f} | {photos} | {(time.time() - start) / 60:.0f} min", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
