import { existsSync, readFileSync } from "node:fs";
import { createTensor, readManifest } from "@headform/inference";
import { createBackend } from "@headform/inference/node";
import { decodePng } from "@headform/mesh/io";
import { describe, expect, test } from "vitest";

// The shipped volume networks against what PyTorch computed of the same picture. The reference is
// written by `python3 -m training.volume.export`: of the volume, every eighth sample each way.

const fixture = (name: string): URL => new URL(`./fixtures/${name}`, import.meta.url);
const data = (name: string): URL => new URL(`../../open-head/data/${name}`, import.meta.url);

interface Reference {
  /** [68][2] pixels of the picture. */
  readonly landmarks: readonly (readonly [number, number])[];
  readonly every: number;
  readonly from: number;
  readonly volume: readonly number[];
  readonly "volume-guided": readonly number[];
}

const SIDE = 192;

/** [68×192×192] exp(−d²/2σ²) of the distance to each landmark, 0 beyond half the diameter. */
function gaussians(
  landmarks: Reference["landmarks"],
  { sigma, diameter }: { readonly sigma: number; readonly diameter: number },
): Float32Array {
  const planes = new Float32Array(68 * SIDE * SIDE);
  for (const [n, [u, v]] of landmarks.entries()) {
    for (let y = 0; y < SIDE; y++) {
      for (let x = 0; x < SIDE; x++) {
        const square = (x + 0.5 - u) ** 2 + (y + 0.5 - v) ** 2;
        if (square > (diameter / 2) ** 2) continue;
        planes[(n * SIDE + y) * SIDE + x] = Math.exp(-square / (2 * sigma ** 2));
      }
    }
  }
  return planes;
}

const complete = [
  fixture("volume-reference.json"),
  data("volume.json"),
  data("volume-guided.json"),
].every((file) => existsSync(file));

describe.skipIf(!complete).each(["volume", "volume-guided"] as const)("%s", (name) => {
  test("the volume is PyTorch's", async () => {
    const reference = JSON.parse(
      readFileSync(fixture("volume-reference.json"), "utf8"),
    ) as Reference;
    const manifest = readManifest(readFileSync(data(`${name}.json`), "utf8"));
    if (manifest.kind !== "volume") throw new Error("not a volume network");
    const image = decodePng(new Uint8Array(readFileSync(fixture("volume-reference.png"))));
    const planes = manifest.guide ? 71 : 3;
    const input = new Float32Array(planes * SIDE * SIDE);
    for (let i = 0; i < SIDE * SIDE; i++) {
      for (let c = 0; c < 3; c++) {
        input[c * SIDE * SIDE + i] = image.data[image.channels * i + c]! / 255;
      }
    }
    if (manifest.guide) {
      input.set(gaussians(reference.landmarks, manifest.guide), 3 * SIDE * SIDE);
    }
    const session = await (await createBackend({ threads: 1 })).createSession(
      readFileSync(data(manifest.file)),
    );
    const outputs = await session.run({
      [manifest.input.name]: createTensor("float32", [1, planes, SIDE, SIDE], input),
    });
    const volume = outputs[manifest.output.name]!;
    expect(volume.dims).toEqual([1, 200, SIDE, SIDE]);
    const found = volume.data as Float32Array;
    const { every, from } = reference;
    const expected = reference[name];
    let at = 0;
    let worst = 0;
    for (let z = from; z < 200; z += every) {
      for (let y = from; y < SIDE; y += every) {
        for (let x = from; x < SIDE; x += every) {
          const difference = found[(z * SIDE + y) * SIDE + x]! - expected[at++]!;
          worst = Math.max(worst, Math.abs(difference));
        }
      }
    }
    expect(at).toBe(expected.length);
    // The reference is rounded to 0.001; the rest is the order of floating-point sums.
    expect(worst).toBeLessThan(0.002);
    await session.release();
  });
});
