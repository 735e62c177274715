import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { readHead } from "@headform/morphable-model";
import { expect, test } from "vitest";
import { dropMisplacedEyes } from "../src/drop-misplaced-eyes.ts";

const file = new URL("../../open-head/data/head.safetensors", import.meta.url);
const head = readHead(readFileSync(fileURLToPath(file)));
const count = head.mean.length / 3;
const regionOf = (v: number): string => head.regionNames?.[head.regions?.[v] ?? -1] ?? "";

/** Colors in which each region has one brightness, 200 unless told. */
const colors = (brightness: Record<string, number>): Float32Array =>
  Float32Array.from(
    { length: 3 * count },
    (_, i) => brightness[regionOf(Math.floor(i / 3))] ?? 200,
  );
const trustIn = (trust: Float32Array, region: string): number =>
  trust.reduce((sum, value, v) => sum + (regionOf(v) === region ? value : 0), 0);

test("an eye with white where its iris should be is dropped, the other one and the skin stay", () => {
  const trust = new Float32Array(count).fill(1);
  dropMisplacedEyes(head, trust, colors({ leftIris: 190, rightIris: 80 }));
  expect([trustIn(trust, "leftIris"), trustIn(trust, "leftEyeball")]).toEqual([0, 0]);
  const dropped = trust.filter((value) => value === 0).length;
  expect(trustIn(trust, "rightIris")).toBeGreaterThan(0);
  expect(trustIn(trust, "faceSkin")).toBeGreaterThan(1000);
  expect(dropped).toBeLessThan(0.05 * count);
});

test("nothing changes where no eye is seen, or the head has none", () => {
  const blind = new Float32Array(count);
  dropMisplacedEyes(head, blind, colors({}));
  expect(blind.every((value) => value === 0)).toBe(true);
  const trust = new Float32Array(count).fill(1);
  const { regionNames: _, ...eyeless } = head;
  dropMisplacedEyes(eyeless, trust, colors({}));
  expect(trust.every((value) => value === 1)).toBe(true);
});
