import type { Image } from "@headform/mesh";
import { cropFace, PIX2FACE_BFM, prepareInput } from "@headform/networks/pix2face";
import { expect, test } from "vitest";

const input = {
  name: "image",
  layout: "NCHW",
  channels: "RGB",
  range: [0, 1],
  width: 4,
  height: 4,
} as const;

function gradient(channels: 1 | 3 | 4): Image {
  const data = new Uint8Array(4 * 4 * channels);
  for (let i = 0; i < data.length; i++) data[i] = (7 * i) % 256;
  return { width: 4, height: 4, channels, data };
}

const whole = { centerX: 2, centerY: 2, side: 4, rotation: 0 };

test("an identity crop gives the bytes, plane by plane", () => {
  for (const channels of [1, 3, 4] as const) {
    const image = gradient(channels);
    const { dims, data } = prepareInput(image, whole, { input });
    expect(dims).toEqual([1, 3, 4, 4]);
    for (let plane = 0; plane < 3; plane++) {
      for (let i = 0; i < 16; i++) {
        const byte = image.data[i * channels + (channels === 1 ? 0 : plane)]!;
        // float32 of a byte over 255.
        expect(data[plane * 16 + i]).toBeCloseTo(byte / 255, 6);
      }
    }
  }
});

test("BGR swaps the outer planes; the range is mapped", () => {
  const image = gradient(3);
  const rgb = prepareInput(image, whole, { input }).data;
  const bgr = prepareInput(image, whole, { input: { ...input, channels: "BGR", range: [0, 255] } });
  for (let i = 0; i < 16; i++) {
    expect(bgr.data[i]).toBeCloseTo(255 * rgb[32 + i]!, 3);
    expect(bgr.data[32 + i]).toBeCloseTo(255 * rgb[i]!, 3);
  }
});

test("mean and deviation of each plane, outside of the photo as well", () => {
  // What networks that began on ImageNet want.
  const [mean, std] = [
    [0.485, 0.456, 0.406],
    [0.229, 0.224, 0.225],
  ] as const;
  const shifted = { ...whole, centerX: 3 };
  const plain = prepareInput(gradient(3), shifted, { input }).data;
  const { data } = prepareInput(gradient(3), shifted, { input: { ...input, mean, std } });
  for (let i = 0; i < data.length; i++) {
    const plane = Math.floor(i / 16);
    // float32 of numbers up to 3.
    expect(data[i]).toBeCloseTo((plain[i]! - mean[plane]!) / std[plane]!, 5);
  }
});

test("outside of the photo is black, which is -0.5 for the published network", () => {
  const white: Image = { width: 2, height: 2, channels: 3, data: new Uint8Array(12).fill(255) };
  const crop = { centerX: 0, centerY: 1, side: 512, rotation: 0 };
  const { data } = prepareInput(white, crop, PIX2FACE_BFM);
  expect(data[0]).toBe(-0.5);
  expect(data.length).toBe(3 * 256 * 256);
});

test("crops by the rule of the network", () => {
  const box = { x: 10, y: 20, width: 40, height: 90 };
  const near = cropFace(box, { crop: { rule: "landmark-box", scale: 1.5 } }, 0.2);
  // 1.5 · (90 + √3600) / 2
  expect(near).toEqual({ centerX: 30, centerY: 65, side: 112.5, rotation: 0.2 });
  // The published rule: the square of the shorter side, 1.4 times.
  const published = cropFace(box, PIX2FACE_BFM);
  expect([published.centerX, published.centerY, published.rotation]).toEqual([30, 65, 0]);
  expect(published.side).toBeCloseTo(56, 12);
});

test("refuses an empty box and an empty crop", () => {
  expect(() => cropFace({ x: 0, y: 0, width: 0, height: 1 }, PIX2FACE_BFM)).toThrow(RangeError);
  expect(() => prepareInput(gradient(3), { ...whole, side: 0 }, { input })).toThrow(RangeError);
});
