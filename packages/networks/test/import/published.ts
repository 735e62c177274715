import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { createTensor, type Tensor } from "@headform/inference";
import { createBackend } from "@headform/inference/node";
import type { ImportedNetwork } from "@headform/networks/import";

/** Checkpoints written by test/fixtures/published/make_networks.py: thin ones, and full ones if made. */
export const THIN: string = fileURLToPath(new URL("../fixtures/published", import.meta.url));
export const FULL: string | undefined = process.env.HEADFORM_NETWORKS;

/** The folders in which a checkpoint lies, each with a word for the test's name. */
export function placesOf(file: string): readonly (readonly [string, string])[] {
  const full = FULL && existsSync(join(FULL, file)) ? [["full size", FULL] as const] : [];
  return [["thin", THIN], ...full];
}

/** A file of the folder; the thin ones are compressed. */
export function readBytes(folder: string, file: string): Uint8Array {
  const path = join(folder, file);
  if (existsSync(path)) return new Uint8Array(readFileSync(path));
  return new Uint8Array(gunzipSync(readFileSync(`${path}.gz`)));
}

/** What PyTorch gave: every `step`-th number of the outputs, one after the other. */
export interface Reference {
  readonly shapes: readonly (readonly number[])[];
  readonly step: number;
  readonly values: Float32Array;
  readonly [fact: string]: unknown;
}

export function readReference(folder: string, name: string): Reference {
  const values = new Float32Array(readBytes(folder, `${name}.f32`).buffer);
  return { ...JSON.parse(readFileSync(join(folder, `${name}.json`), "utf8")), values };
}

/** The picture of make_networks.py, 0…1. */
export function picture(channels: number, height: number, width: number): Tensor<"float32"> {
  const image = createTensor("float32", [1, channels, height, width]);
  for (let i = 0; i < image.data.length; i++) {
    const x = i % width;
    const y = Math.floor(i / width) % height;
    const grain = ((31 * i * i + 7 * i) % 251) / 255;
    const shape = ((Math.floor(y / 8) * 3 + Math.floor(x / 8) * 5) % 17) / 16;
    image.data[i] = 0.3 * grain + 0.7 * shape;
  }
  return image;
}

/** Runs an imported network; its outputs in the order of their names in `outputs`. */
export async function runNetwork(
  { model }: Pick<ImportedNetwork, "model">,
  feeds: Readonly<Record<string, Tensor>>,
  outputs: readonly string[],
): Promise<Tensor[]> {
  const session = await (await createBackend({ threads: 1 })).createSession(model);
  try {
    const found = await session.run(feeds);
    return outputs.map((name) => found[name]!);
  } finally {
    await session.release();
  }
}

/** Largest difference from the reference, by its largest number where that is above 1; shapes must agree. */
export function compare(found: readonly Tensor[], reference: Reference): number {
  const shapes = found.map(({ dims }) => dims.join());
  if (shapes.join(" ") !== reference.shapes.map((shape) => shape.join()).join(" ")) {
    throw new Error(`shapes ${shapes.join(" ")}, not ${JSON.stringify(reference.shapes)}`);
  }
  let worst = 0;
  let at = 0;
  for (const { data } of found) {
    for (let i = 0; i < data.length; i += reference.step) {
      const difference = Math.abs(Number(data[i]) - reference.values[at++]!);
      worst = Math.max(worst, difference);
    }
  }
  const range = reference.values.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
  return at === reference.values.length ? worst / range : Number.NaN;
}
