import { createTensor } from "@headform/inference";
import { createBackend } from "@headform/inference/node";
import { loadNetwork } from "@headform/open-head/node";
import { expect, test } from "vitest";
import { roundWeights } from "../round-weights.ts";

test("the rounded network computes nearly the same, from fewer different bits", async () => {
  const { model, manifest } = await loadNetwork("dense");
  const rounded = roundWeights(model);
  expect(rounded).toHaveLength(model.length);
  expect(Buffer.compare(rounded, model)).not.toBe(0);
  // Rounding is done once and for all.
  expect(Buffer.compare(roundWeights(rounded), rounded)).toBe(0);

  const backend = await createBackend({ threads: 1 });
  const { width, height, name } = manifest.input;
  const data = Float32Array.from({ length: 3 * width * height }, (_, i) => 0.5 + 0.4 * Math.sin(i));
  const feeds = { [name]: createTensor("float32", [1, 3, height, width], data) };
  const outputs = [];
  for (const bytes of [model, rounded]) {
    const session = await backend.createSession(bytes);
    outputs.push((await session.run(feeds))[manifest.output.name]!.data as Float32Array);
    await session.release();
  }
  const [before, after] = outputs as [Float32Array, Float32Array];
  const largest = before.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  let squares = 0;
  for (let i = 0; i < before.length; i++) squares += (after[i]! - before[i]!) ** 2;
  // Each weight is off by 1/512 of itself on average, and a sum of many by less.
  expect(Math.sqrt(squares / before.length) / largest).toBeLessThan(1 / 256);
});

test("a file that is cut off is refused", () => {
  // Field 7, 100 bytes long, none of them there.
  expect(() => roundWeights(Uint8Array.of(0x3a, 100))).toThrow(RangeError);
});
