import { readFileSync } from "node:fs";
import { readSafetensors } from "@headform/formats/safetensors";
import {
  contourRow,
  createSkinnedWorkspace,
  evaluate,
  evaluateLandmarks,
  evaluateSurfacePoints,
} from "@headform/morphable-model";
import { describe, expect, test } from "vitest";
import { seededCoefficients, seededFlame, VERTICES } from "./seeded-flame.ts";

const flame = seededFlame();
const reference = readSafetensors(
  readFileSync(new URL("fixtures/skinned.safetensors", import.meta.url)),
);
const expected = (name: string): ArrayLike<number> =>
  reference.tensors.get(name)?.data as ArrayLike<number>;
const workspaces = {
  wasm: createSkinnedWorkspace(flame),
  typescript: createSkinnedWorkspace(flame, { kernel: "typescript" }),
};

// The fixture is float32 of a float64 computation. Ours stores each stage in float32, a rounding of
// 1e-8 each; the promise is 1e-6 m.
const MICROMETER = 1e-6;

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  let largest = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs(a[i] - b[i]);
    if (!(difference <= largest)) largest = difference;
  }
  return largest;
}

describe.each(["wasm", "typescript"] as const)("FLAME's shapes, %s", (name) => {
  const workspace = workspaces[name];

  test("runs on the kernel it says", () => {
    expect(workspace.kernel.name).toBe(name);
  });

  test.each([0, 1, 2] as const)("every vertex of case %i as NumPy computes it", (which) => {
    const coefficients = seededCoefficients(which);
    const vertices = evaluate(flame, coefficients, undefined, workspace);
    const difference = largestDifference(vertices, expected(`vertices${which}`));
    expect(difference).toBeLessThan(MICROMETER);
    const landmarks = evaluateLandmarks(vertices, flame, coefficients);
    expect(largestDifference(landmarks, expected(`landmarks${which}`))).toBeLessThan(MICROMETER);
  });
});
