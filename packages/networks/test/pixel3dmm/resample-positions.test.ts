import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { resamplePositions } from "../../src/pixel3dmm/resample-positions.ts";

// What PyTorch's interpolate(mode="bicubic", antialias=True) makes of positions: to a larger grid, as
// of DINO's 14, and to a smaller one, as of DINOv2's 37.
const cases = JSON.parse(
  readFileSync(new URL("../fixtures/published/positions.json", import.meta.url), "utf8"),
) as readonly { readonly from: number; readonly to: number; readonly values: number[] }[];

test.each(cases)("$from to $to as PyTorch does", ({ from, to, values }) => {
  const input = Float32Array.from(
    { length: from * from * 2 },
    (_, i) => ((31 * i * i + 7 * i) % 251) / 251,
  );
  const found = resamplePositions(input, from, to, 2);
  expect(found).toHaveLength(to * to * 2);
  for (const [i, value] of values.entries()) {
    // PyTorch works in single precision.
    expect(Math.abs(found[7 * i]! - value)).toBeLessThan(2e-6);
  }
});

test("the same size is left as it is", () => {
  const input = Float32Array.of(1, 2, 3, 4);
  expect(resamplePositions(input, 2, 2, 1)).toEqual(input);
});
