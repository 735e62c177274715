import { readFileSync } from "node:fs";
import type { FloatImage, Image } from "@headform/mesh";
import { type Crop, cropToPhoto, resampleCrop, resizeImage } from "@headform/raster";
import { createRandom } from "@headform/testing";
import { describe, expect, test } from "vitest";

interface Case extends Crop {
  name: string;
  size: number;
  expected: number[];
}
const reference = JSON.parse(
  readFileSync(new URL("./fixtures/resample.json", import.meta.url), "utf8"),
) as { width: number; height: number; source: number[]; cases: Case[] };
const source: FloatImage = {
  width: reference.width,
  height: reference.height,
  channels: 3,
  data: Float32Array.from(reference.source),
};

const upright: Crop = { centerX: 20, centerY: 15, side: 12, rotation: 0 };

/** value = 10 + 2x + 3y at pixel centers. */
function ramp(width: number, height: number): FloatImage {
  const data = new Float32Array(width * height);
  for (let i = 0; i < data.length; i++) {
    data[i] = 10 + 2 * ((i % width) + 0.5) + 3 * (Math.floor(i / width) + 0.5);
  }
  return { width, height, channels: 1, data };
}

describe("against Pillow and SciPy", () => {
  for (const item of reference.cases) {
    test(item.name, () => {
      const { data } = resampleCrop(source, item, item.size);
      let sum = 0;
      let worst = 0;
      for (let i = 0; i < data.length; i++) {
        const error = Math.abs(data[i] - item.expected[i]);
        sum += error;
        worst = Math.max(worst, error);
      }
      // The kernels have the same variance but not the same shape: a step of 150 levels differs by
      // a few where they do. Magnification is bilinear on both sides: rounding of the file only.
      const magnified = item.side < item.size;
      expect(sum / data.length).toBeLessThan(magnified ? 0.04 : 0.5);
      expect(worst).toBeLessThan(magnified ? 0.06 : 8);
    });
  }
});

describe("invariants", () => {
  const scales = [0.3, 0.97, 1, 1.2, 1.9, 2, 2.7, 3.99, 4, 6.3, 8, 11.5];
  const rotations = [0, 0.4, -1.3, Math.PI / 2, 3];

  test("a linear ramp is reproduced at every scale and turn", () => {
    const image = ramp(200, 180);
    for (const scale of scales) {
      for (const rotation of rotations) {
        const size = 8;
        const crop = { centerX: 101.3, centerY: 88.9, side: size * scale, rotation };
        // Any farther and the filter would reach the border, where no ramp continues.
        if (crop.side > 90) continue;
        const { data } = resampleCrop(image, crop, size);
        for (let i = 0; i < data.length; i++) {
          const [x, y] = cropToPhoto(crop, size, (i % size) + 0.5, Math.floor(i / size) + 0.5);
          // Float32 storage of values up to 950 that are summed from tens of taps.
          expect(Math.abs(data[i] - (10 + 2 * x + 3 * y))).toBeLessThan(2e-3);
        }
      }
    }
  });

  test("a constant stays constant, also outside of the picture", () => {
    const data = new Uint8Array(30 * 20 * 3).map((_, i) => [200, 7, 91][i % 3]);
    const image: Image = { width: 30, height: 20, channels: 3, data };
    for (const scale of scales) {
      for (const rotation of rotations) {
        const crop = { centerX: 3, centerY: 18, side: 10 * scale, rotation };
        const out = resampleCrop(image, crop, 10);
        expect(out.data.every((value, i) => value === data[i % 3])).toBe(true);
      }
    }
  });

  test("a checkerboard minified goes to gray", () => {
    const data = new Float32Array(240 * 240).map((_, i) =>
      (i + Math.floor(i / 240)) % 2 === 0 ? 255 : 0,
    );
    const image: FloatImage = { width: 240, height: 240, channels: 1, data };
    const worst = (scale: number, rotation: number): number => {
      const crop = { centerX: 120, centerY: 120, side: 14 * scale, rotation };
      const { data } = resampleCrop(image, crop, 14);
      return data.reduce((most, value) => Math.max(most, Math.abs(value - 127.5)), 0) / 127.5;
    };
    for (const scale of [2, 2.5, 3, 4.3, 7, 9]) {
      // The share of the highest frequency that is left. A turned crop leaves more near 2, where
      // its few taps can fall on pixels of one color.
      expect(worst(scale, 0)).toBeLessThan(0.002);
      expect(worst(scale, 0.6)).toBeLessThan(scale < 2.5 ? 0.26 : 0.03);
    }
  });

  test("the crop of a picture at its own pixels is the picture", () => {
    const random = createRandom(3);
    const data = new Uint8Array(40 * 30).map(() => Math.floor(256 * random()));
    const image: Image = { width: 40, height: 30, channels: 1, data };
    const out = resampleCrop(image, upright, 12);
    for (let y = 0; y < 12; y++) {
      for (let x = 0; x < 12; x++) {
        expect(out.data[12 * y + x]).toBe(data[(9 + y) * 40 + 14 + x]);
      }
    }
    expect(resizeImage(image, 40, 30).data).toEqual(data);
  });

  test("a quarter turn is a transposition", () => {
    const image = ramp(40, 30);
    const crop = { ...upright, rotation: Math.PI / 2 };
    const straight = resampleCrop(image, upright, 12).data;
    const turned = resampleCrop(image, crop, 12).data;
    for (let y = 0; y < 12; y++) {
      for (let x = 0; x < 12; x++) {
        // The crop's x axis runs down the photo, its y axis to the left; sines of π/2 round.
        expect(turned[12 * y + x]).toBeCloseTo(straight[12 * x + (11 - y)], 3);
      }
    }
  });

  test("a mirrored picture gives a mirrored crop", () => {
    const { width, height, channels, data } = source;
    const mirrored = { ...source, data: new Float32Array(data.length) };
    for (let i = 0; i < data.length; i++) {
      const column = Math.floor(i / channels) % width;
      mirrored.data[i + (width - 1 - 2 * column) * channels] = data[i];
    }
    for (const side of [10, 37, 50, 68]) {
      for (const rotation of [0, 0.4]) {
        const crop = { centerX: 30.3, centerY: height / 2, side, rotation };
        const turned = { ...crop, centerX: width - 30.3, rotation: -rotation };
        const one = resampleCrop(source, crop, 9);
        const other = resampleCrop(mirrored, turned, 9);
        let worst = 0;
        for (let i = 0; i < one.data.length; i++) {
          const column = Math.floor(i / channels) % 9;
          const twin = other.data[i + (8 - 2 * column) * channels];
          worst = Math.max(worst, Math.abs(twin - one.data[i]));
        }
        // Upright: Float32 sums in another order. A turned crop's upright picture starts on
        // another fraction of a pixel, which shows at edges of 150 levels.
        expect(worst).toBeLessThan(rotation === 0 ? 1e-3 : 6);
      }
    }
  });

  test("fill replaces what lies outside", () => {
    const data = new Uint8Array(10 * 10 * 3).fill(50);
    const image: Image = { width: 10, height: 10, channels: 3, data };
    const crop = { centerX: 0, centerY: 5, side: 8, rotation: 0 };
    const out = resampleCrop(image, crop, 8, { fill: [200, 100, 0] });
    expect([...out.data.subarray(0, 3)]).toEqual([200, 100, 0]);
    expect([...out.data.subarray(21, 24)]).toEqual([50, 50, 50]);
    const far = { centerX: -900, centerY: 5, side: 8, rotation: 0.2 };
    const away = resampleCrop(image, far, 2, { fill: [9, 8, 7] });
    expect([...away.data]).toEqual([9, 8, 7, 9, 8, 7, 9, 8, 7, 9, 8, 7]);
  });

  test("a crop far larger than the photo costs no more than the photo", () => {
    const image = ramp(64, 64);
    const crop = { centerX: 32, centerY: 32, side: 1e7, rotation: 0.3 };
    const out = resampleCrop(image, crop, 16, { fill: [0] });
    // The photo's share of a pixel of 10¹¹ is nothing.
    expect(Math.max(...out.data)).toBeLessThan(1e-3);
  });

  test("a size with two sides keeps the pixels square", () => {
    const image = ramp(100, 100);
    const crop = { centerX: 50, centerY: 50, side: 40, rotation: 0 };
    const out = resampleCrop(image, crop, { width: 20, height: 10 });
    expect([out.width, out.height]).toEqual([20, 10]);
    expect(out.data[0]).toBeCloseTo(10 + 2 * 31 + 3 * 41, 3);
  });

  test("resizing to one pixel gives the mean", () => {
    const out = resizeImage(ramp(8, 6), 1, 1);
    expect(out.data[0]).toBeCloseTo(10 + 2 * 4 + 3 * 3, 3);
    expect(
      resizeImage({ width: 1, height: 1, channels: 1, data: new Float32Array([5]) }, 3, 2).data,
    ).toEqual(new Float32Array(6).fill(5));
  });
});

describe("errors", () => {
  const image = ramp(10, 10);
  test("crops, sizes, pictures and fills that do not fit", () => {
    for (const crop of [
      { ...upright, side: 0 },
      { ...upright, side: Number.NaN },
      { ...upright, centerX: Number.POSITIVE_INFINITY },
      { ...upright, rotation: Number.NaN },
    ]) {
      expect(() => resampleCrop(image, crop, 4)).toThrow(RangeError);
    }
    for (const size of [0, 2.5, -1, Number.NaN]) {
      expect(() => resampleCrop(image, upright, size)).toThrow(/resampleCrop: expected a size/);
      expect(() => resizeImage(image, size, 4)).toThrow(/resizeImage: expected a size/);
    }
    expect(() => resampleCrop({ ...image, width: 11 }, upright, 4)).toThrow(/11×10×1 samples/);
    expect(() => resizeImage({ ...image, height: 0 }, 4, 4)).toThrow(/with an extent/);
    expect(() => resampleCrop(image, upright, 4, { fill: [1, 2, 3] })).toThrow(/fill to have 1/);
  });
});
