import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readHead } from "@headform/morphable-model";
import { loadHead } from "@headform/open-head/node";
import { expect, it } from "vitest";
import { drawAlbedo } from "../src/draw-albedo.ts";
import { run } from "../src/index.ts";

it("model sample --seed: the open head's skin and eyes are drawn too, alike for one seed", async () => {
  const folder = await mkdtemp(join(tmpdir(), "headform-cli-albedo-"));
  const { head } = await loadHead();
  await writeFile(join(folder, "head.safetensors"), head);
  const sample = async (...more: string[]): Promise<Buffer> => {
    let err = "";
    const argv = ["model", "sample", "head.safetensors", "-o", "head.obj", "--force", ...more];
    const code = await run(argv, {
      cwd: folder,
      env: {},
      stdout: { write: () => {} },
      stderr: { write: (text) => (err += text) },
    });
    expect([code, err]).toEqual([0, ""]);
    return readFile(join(folder, "head-texture.jpg"));
  };
  const [mean, third, again, fourth] = [
    await sample(),
    await sample("--seed", "3"),
    await sample("--seed", "3"),
    await sample("--seed", "4"),
  ];
  expect(third.equals(again)).toBe(true);
  expect(third.equals(fourth)).toBe(false);
  expect(third.equals(mean)).toBe(false);

  // Within what the skins are that the modes were learned from; half of the eyes are brown.
  const modes = readHead(head).albedoModes!;
  let brown = 0;
  for (let seed = 0; seed < 200; seed++) {
    const { skin, eyes } = drawAlbedo(modes, seed);
    for (let k = 0; k < skin.length; k++) {
      expect(skin[k]).toBeGreaterThanOrEqual(modes.skinRange[2 * k]!);
      expect(skin[k]).toBeLessThanOrEqual(modes.skinRange[2 * k + 1]!);
    }
    if (Array.from(eyes).every((share) => share === 0)) brown++;
  }
  // 200 throws of a coin: 14 are two standard deviations.
  expect(Math.abs(brown - 100)).toBeLessThan(30);
});
