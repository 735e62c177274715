import type { Image } from "@headform/mesh";
import { type DenseMaps, pointCloud } from "@headform/networks/pix2face";
import { expect, test } from "vitest";

const maps: DenseMaps = {
  width: 2,
  height: 2,
  unit: "mm",
  pncc: Float32Array.from([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]),
  offset: Float32Array.from([0.5, 0, 0, 0, 0.5, 0, 0, 0, 0.5, 1, 1, 1]),
  visible: Float32Array.from([0, 0.4, 0.6, 1]),
  face: Float32Array.from([1, 1, 1, 1]),
};
const image: Image = {
  width: 2,
  height: 2,
  channels: 3,
  data: Uint8Array.from([0, 0, 0, 10, 11, 12, 20, 21, 22, 30, 31, 32]),
};
const crop = { centerX: 1, centerY: 1, side: 2, rotation: 0 };

test("the visible pixels become points, in reading order", () => {
  const cloud = pointCloud(maps, image, crop);
  expect(Array.from(cloud.positions)).toEqual([7, 8, 9.5, 11, 12, 13]);
  expect(Array.from(cloud.pncc)).toEqual([7, 8, 9, 10, 11, 12]);
  expect(Array.from(cloud.colors)).toEqual([20, 21, 22, 30, 31, 32]);
  expect(Array.from(cloud.pixels)).toEqual([0.5, 1.5, 1.5, 1.5]);
  expect(Array.from(cloud.indices)).toEqual([2, 3]);
  expect(cloud.unit).toBe("mm");
});

test("the threshold is an option, and nothing impossible is taken", () => {
  expect(pointCloud(maps, image, crop, { threshold: 0.3 }).indices.length).toBe(3);
  expect(pointCloud(maps, image, crop, { threshold: 0 }).indices.length).toBe(3);
  expect(pointCloud(maps, image, crop, { threshold: 2 }).positions.length).toBe(0);
});

test("gray photos give gray points; a turned crop gives turned pixels", () => {
  const gray: Image = { width: 2, height: 2, channels: 1, data: Uint8Array.from([1, 2, 3, 4]) };
  expect(Array.from(pointCloud(maps, gray, crop).colors)).toEqual([3, 3, 3, 4, 4, 4]);
  const turned = pointCloud(maps, image, { ...crop, rotation: Math.PI / 2 });
  // A quarter turn clockwise takes the lower left of the crop to the upper left of the photo.
  expect(turned.pixels[0]).toBeCloseTo(0.5, 12);
  expect(turned.pixels[1]).toBeCloseTo(0.5, 12);
});

test("refuses an empty crop", () => {
  expect(() => pointCloud(maps, image, { ...crop, side: 0 })).toThrow(RangeError);
});
