import { evaluateAlbedo } from "@headform/morphable-model";
import { expect, test } from "vitest";
import { openHead } from "./fit/open-head.ts";

const head = openHead();
const { albedo, albedoModes: modes } = head;
const [left, top, width, height] = modes!.eyes.rectangle;

/** Mean color of a square of texels. */
function colorAt(data: Uint8Array, u: number, v: number): number[] {
  const [x, y] = [Math.round(u * 256), Math.round((1 - v) * 256)];
  const sum = [0, 0, 0];
  for (let row = y - 2; row < y + 2; row++) {
    for (let column = x - 2; column < x + 2; column++) {
      for (let c = 0; c < 3; c++) sum[c] += data[3 * (256 * row + column) + c] / 16;
    }
  }
  return sum;
}

test("without coefficients it is the mean skin", () => {
  expect(evaluateAlbedo(head)).toEqual(albedo);
  expect(evaluateAlbedo(head).data).not.toBe(albedo!.data);
});

test("the first mode goes from dark skin to light, within what skins are", () => {
  const [lowest, highest] = modes!.skinRange;
  const cheek = [lowest, 0, highest].map((x) =>
    colorAt(evaluateAlbedo(head, { skin: [x] }).data, 0.4, 0.5),
  );
  for (let c = 0; c < 3; c++) {
    expect(cheek[0][c]).toBeLessThan(cheek[1][c] - 20);
    expect(cheek[2][c]).toBeGreaterThan(cheek[1][c] + 10);
  }
  // Skin is redder than it is blue, however light it is.
  for (const [red, , blue] of cheek) expect(red).toBeGreaterThan(blue + 10);
});

test("eyes become blue, and nothing else does", () => {
  const blue = [0, 0, 0];
  blue[modes!.eyeNames.indexOf("blue")] = 1;
  const { data } = evaluateAlbedo(head, { eyes: blue });
  let changed = 0;
  for (let y = 0; y < 256; y++) {
    for (let x = 0; x < 256; x++) {
      const at = 3 * (256 * y + x);
      const same = [0, 1, 2].every((c) => data[at + c] === albedo!.data[at + c]);
      if (same) continue;
      changed++;
      expect(x >= left && x < left + width && y >= top && y < top + height).toBe(true);
      // Brown has more red than blue; lighter texels are half of the white.
      if (albedo!.data[at] < 130 && albedo!.data[at] > albedo!.data[at + 2] + 30) {
        expect(data[at + 2]).toBeGreaterThan(data[at]);
      }
    }
  }
  // Two irises of some ten texels across.
  expect(changed).toBeGreaterThan(100);
  expect(changed).toBeLessThan(600);
});

test("errors", () => {
  const { albedoModes: _, ...plain } = head;
  expect(() => evaluateAlbedo(plain)).toThrow(
    /^evaluateAlbedo: expected a model with albedo modes/,
  );
  expect(() => evaluateAlbedo(head, { skin: new Float32Array(99) })).toThrow(/evaluateAlbedo/);
  expect(() => evaluateAlbedo(head, { eyes: [Number.NaN] })).toThrow(/evaluateAlbedo/);
});
