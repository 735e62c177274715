import { readFileSync } from "node:fs";
import { createTensor, type Tensor, type VolumeManifest } from "@headform/inference";
import type { Image } from "@headform/mesh";
import { cropVolume, mirrorVolumeInput, prepareVolumeInput } from "@headform/networks/vrn";
import { describe, expect, test } from "vitest";
import { resampleSquare } from "../../src/vrn/resample-square.ts";

const SIZE = 16;
type Format = Pick<VolumeManifest, "input" | "guide" | "crop">;
const format = (rule: VolumeManifest["crop"]["rule"], scale: number, guided = false): Format => ({
  input: {
    ...{ name: "image", layout: "NCHW", channels: "RGB", range: [0, 1] },
    ...{ width: SIZE, height: SIZE },
  },
  ...(guided && { guide: { sigma: 1, diameter: 6 } }),
  crop: { rule, scale },
});

/** The picture of make_crops.py. */
const photo: Image = {
  width: 60,
  height: 50,
  channels: 1,
  data: Uint8Array.from({ length: 3000 }, (_, i) => (31 * i * i + 7 * i) % 251),
};

describe("cropVolume", () => {
  const box = { x: 100, y: 200, width: 90, height: 40 };

  test("VRN's script: 90 pixels for √(w·h), from half a box before the box", () => {
    const crop = cropVolume({ box }, format("vrn-box", 192 / 90));
    const side = (192 / 90) * 60;
    expect(crop.side).toBeCloseTo(side, 12);
    expect([crop.centerX - side / 2, crop.centerY - side / 2]).toEqual([55, 180]);
    expect(crop.rotation).toBe(0);
  });

  test("VRN's figures: the mean of the landmarks in the middle", () => {
    const face = { box, landmarks: [100, 200, 190, 200, 160, 260] };
    const crop = cropVolume(face, format("vrn-mean", 192 / 90), 0.5);
    expect([crop.centerX, crop.centerY, crop.rotation]).toEqual([150, 220, 0]);
    expect(() => cropVolume({ box }, format("vrn-mean", 2))).toThrow("expected landmarks");
  });

  test("headform's: around the box's middle, turned", () => {
    const crop = cropVolume({ box }, format("landmark-box", 2.4), 0.5);
    expect([crop.centerX, crop.centerY, crop.rotation]).toEqual([145, 220, 0.5]);
    expect(crop.side).toBeCloseTo(2.4 * ((90 + 60) / 2), 12);
  });

  test("a box without extent", () => {
    const flat = { ...box, height: 0 };
    expect(() => cropVolume({ box: flat }, format("vrn-box", 2))).toThrow(RangeError);
  });
});

describe("resampleSquare", () => {
  const cases = JSON.parse(
    readFileSync(new URL("../fixtures/official-crops.json", import.meta.url), "utf8"),
  ) as { filter: "box" | "cubic"; left: number; top: number; side: number; values: number[] }[];

  test.each(cases)("$filter, $side wide, as Pillow", ({ filter, left, top, side, values }) => {
    const crop = { centerX: left + side / 2, centerY: top + side / 2, side, rotation: 0 };
    const { data } = resampleSquare(photo, crop, SIZE, filter, 0);
    let sum = 0;
    for (const [i, value] of values.entries()) {
      const expected = Math.max(0, Math.min(255, value));
      const difference = Math.abs(data[3 * i]! - expected);
      // Pillow's box takes a pixel or leaves it by its middle; ours weighs it by what lies inside,
      // which for pixels of 2.2 is up to a fifth of one of five: only the mean must agree.
      if (filter === "cubic") expect(difference).toBeLessThanOrEqual(0.51);
      sum += difference;
      expect([data[3 * i + 1], data[3 * i + 2]]).toEqual([data[3 * i], data[3 * i]]);
    }
    expect(sum / values.length).toBeLessThan(filter === "cubic" ? 0.3 : 12);
  });

  test("a box of whole pixels is their mean", () => {
    const crop = { centerX: 16, centerY: 16, side: 32, rotation: 0 };
    const { data } = resampleSquare(photo, crop, SIZE, "box", 0);
    for (let i = 0; i < SIZE * SIZE; i++) {
      const at = 2 * (i % SIZE) + 60 * 2 * Math.floor(i / SIZE);
      const four = [0, 1, 60, 61].map((step) => photo.data[at + step]!);
      const mean = four.reduce((a, b) => a + b) / 4;
      // Halves go up.
      expect(data[3 * i]).toBe(Math.round(mean));
    }
  });

  test("outside of the photo", () => {
    const crop = { centerX: -20, centerY: -20, side: 32, rotation: 0 };
    const { data } = resampleSquare(photo, crop, SIZE, "box", 255);
    expect(data.every((value) => value === 255)).toBe(true);
  });
});

describe("prepareVolumeInput", () => {
  const crop = { centerX: 0, centerY: 0, side: 32, rotation: 0 };

  test.each([
    ["vrn-box", 1],
    ["vrn-mean", 0],
    ["landmark-box", 0],
  ] as const)("%s: outside is %i", (rule, outside) => {
    const { data, dims } = prepareVolumeInput(photo, crop, format(rule, 2));
    expect(dims).toEqual([1, 3, SIZE, SIZE]);
    expect(data[0]).toBe(outside);
    expect(data[SIZE * SIZE - 1]).toBeGreaterThan(0);
    expect(data[SIZE * SIZE - 1]).toBeLessThan(1);
  });

  test("a Gaussian at each landmark: σ = 1, cut at 3 pixels", () => {
    const landmarks = new Float64Array(136).fill(Number.NaN);
    // Crop pixel (10.5, 8.5) of 16, which is the middle of pixel 10, 8.
    landmarks[2 * 5] = 2 * 10.5 - 16;
    landmarks[2 * 5 + 1] = 2 * 8.5 - 16;
    // And one at the corner, cut by the picture.
    landmarks[0] = -16;
    landmarks[1] = -16;
    const { data, dims } = prepareVolumeInput(
      photo,
      crop,
      format("landmark-box", 2, true),
      landmarks,
    );
    expect(dims).toEqual([1, 71, SIZE, SIZE]);
    const plane = (n: number): Float32Array => data.subarray((3 + n) * 256, (4 + n) * 256);
    const at = (x: number, y: number): number => plane(5)[16 * y + x]!;
    expect(at(10, 8)).toBe(1);
    expect(at(11, 8)).toBeCloseTo(Math.exp(-0.5), 6);
    expect(at(12, 9)).toBeCloseTo(Math.exp(-2.5), 6);
    expect(at(13, 8)).toBeCloseTo(Math.exp(-4.5), 6);
    // Beyond the diameter of 6.
    expect([at(13, 9), at(14, 8), at(10, 12)]).toEqual([0, 0, 0]);
    expect(plane(0)[0]).toBeCloseTo(Math.exp(-0.25), 6);
    expect(plane(1).every((value) => value === 0)).toBe(true);
  });

  test("a guided network without its 68 landmarks", () => {
    const guided = format("landmark-box", 2, true);
    expect(() => prepareVolumeInput(photo, crop, guided)).toThrow("expected 68 landmarks");
    expect(() => prepareVolumeInput(photo, crop, guided, [1, 2])).toThrow("got 2 numbers");
  });
});

describe("mirrorVolumeInput", () => {
  const mark = (channels: number): Tensor<"float32"> => {
    const tensor = createTensor("float32", [1, channels, 1, 4]);
    // Each plane has its own number in its first column.
    for (let c = 0; c < channels; c++) tensor.data[4 * c] = c;
    return tensor;
  };

  test("columns are turned; of landmarks also which is which", () => {
    expect([...mirrorVolumeInput(mark(3)).data]).toEqual([0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2]);
    const { data } = mirrorVolumeInput(mark(71));
    const last = (n: number): number => data[4 * (3 + n) + 3]! - 3;
    // Jaw corners, outer ends of the brows, tip of the nose, outer eye corners, mouth corners, chin.
    expect([0, 16, 17, 30, 36, 48, 8, 60, 61].map(last)).toEqual([
      16, 0, 26, 30, 45, 54, 8, 64, 63,
    ]);
  });

  test("twice is nothing", () => {
    const input = mark(71);
    expect(mirrorVolumeInput(mirrorVolumeInput(input))).toEqual(input);
  });
});
