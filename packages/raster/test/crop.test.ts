import { cropFromBox, cropToPhoto, photoToCrop } from "@headform/raster";
import { createRandom } from "@headform/testing";
import { expect, test } from "vitest";

test("cropFromBox follows its formula", () => {
  const crop = cropFromBox({ x: 10, y: 20, width: 90, height: 160 }, 1.5, 0.25);
  // (160 + √(90·160)) / 2 = (160 + 120) / 2 = 140
  expect(crop).toEqual({ centerX: 55, centerY: 100, side: 210, rotation: 0.25 });
  expect(cropFromBox({ x: 0, y: 0, width: 8, height: 8 }, 1).side).toBe(8);
});

test("the corners and the center of a crop", () => {
  const crop = { centerX: 50, centerY: 40, side: 20, rotation: 0 };
  expect(cropToPhoto(crop, 10, 0, 0)).toEqual([40, 30]);
  expect(cropToPhoto(crop, 10, 10, 10)).toEqual([60, 50]);
  expect(cropToPhoto(crop, { width: 10, height: 4 }, 0, 0)).toEqual([40, 36]);
  const [x, y] = cropToPhoto({ ...crop, rotation: Math.PI / 2 }, 10, 10, 5);
  // The crop's x axis points down the photo.
  expect(x).toBeCloseTo(50, 12);
  expect(y).toBeCloseTo(50, 12);
});

test("photoToCrop undoes cropToPhoto", () => {
  const random = createRandom(11);
  for (let i = 0; i < 200; i++) {
    const crop = {
      centerX: 1000 * random(),
      centerY: 1000 * random(),
      side: 1 + 1000 * random(),
      rotation: 8 * random() - 4,
    };
    const size = { width: 1 + Math.floor(300 * random()), height: 1 + Math.floor(300 * random()) };
    const [px, py] = [500 * random() - 100, 500 * random() - 100];
    const [x, y] = photoToCrop(crop, size, ...cropToPhoto(crop, size, px, py));
    // Rounding of numbers up to 10³, stretched by up to 300 pixels per unit.
    expect(Math.abs(x - px)).toBeLessThan(1e-9);
    expect(Math.abs(y - py)).toBeLessThan(1e-9);
  }
});

test("errors", () => {
  const box = { x: 0, y: 0, width: 10, height: 10 };
  const crop = { centerX: 0, centerY: 0, side: 1, rotation: 0 };
  expect(() => cropFromBox({ ...box, width: 0 }, 1)).toThrow(RangeError);
  expect(() => cropFromBox({ ...box, x: Number.NaN }, 1)).toThrow(/finite box/);
  expect(() => cropFromBox(box, 0)).toThrow(/scale > 0/);
  expect(() => cropFromBox(box, 1, Number.NaN)).toThrow(RangeError);
  expect(() => cropToPhoto(crop, 0, 1, 1)).toThrow(/cropToPhoto: expected a size/);
  expect(() => photoToCrop(crop, 1.5, 1, 1)).toThrow(/photoToCrop: expected a size/);
});
