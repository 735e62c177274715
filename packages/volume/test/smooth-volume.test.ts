import { smoothVolume, type VoxelGrid } from "@headform/volume";
import { expect, test } from "vitest";

const side = 21;
const grid: VoxelGrid = {
  data: new Float32Array(side ** 3),
  dims: [side, side, side],
  spacing: [1, 1, 1],
  origin: [0, 0, 0],
};

test("one sample becomes the Gaussian", () => {
  const data = new Uint8Array(side ** 3);
  const middle = (side ** 3 - 1) / 2;
  data[middle] = 200;
  const smooth = smoothVolume({ ...grid, data }, 1.5).data;
  // What is cut off beyond 3σ is 0.3 % of each axis.
  const weight = 200 / (1.5 * Math.sqrt(2 * Math.PI)) ** 3;
  const at = (x: number, y: number, z: number): number =>
    smooth[middle + x + side * (y + side * z)]!;
  expect(at(0, 0, 0) / weight).toBeCloseTo(1, 1);
  expect(at(2, 0, 0) / at(0, 0, 0)).toBeCloseTo(Math.exp(-2 / 2.25), 5);
  expect(at(1, -2, 1)).toBeCloseTo(at(-1, 1, 2), 6);
  expect(smooth.reduce((sum, value) => sum + value, 0)).toBeCloseTo(200, 3);
});

test("a constant stays, up to the border; sigma 0 copies", () => {
  const data = new Float32Array(side ** 3).fill(7);
  for (const value of smoothVolume({ ...grid, data }, 2).data) expect(value).toBeCloseTo(7, 4);
  const random = data.map((_, i) => (i * 7919) % 1000);
  expect(smoothVolume({ ...grid, data: random }, 0).data).toEqual(random);
});

test("errors", () => {
  expect(() => smoothVolume(grid, -1)).toThrow("smoothVolume: expected 0 ≤ sigma");
  expect(() => smoothVolume({ ...grid, data: new Float32Array(3) }, 1)).toThrow(RangeError);
  expect(() => smoothVolume({ ...grid, data: [] as unknown as Float32Array }, 1)).toThrow(
    TypeError,
  );
});
