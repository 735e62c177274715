import { createTensor, type ImageInput } from "@headform/inference";
import type { Image } from "@headform/mesh";
import { alignIdentity, prepareIdentityInput } from "@headform/networks/mica";
import { cropToPhoto } from "@headform/raster";
import { expect, test } from "vitest";

/** ArcFace's points with pixel centers at half-integers: both eyes, nose, corners of the mouth. */
const template = [
  [38.7946, 52.1963],
  [74.0318, 52.0014],
  [56.5252, 72.2366],
  [42.0493, 92.8655],
  [71.2299, 92.7041],
] as const;
const groups = [[36, 37, 38, 39, 40, 41], [42, 43, 44, 45, 46, 47], [30], [48], [54]];

/** 68 landmarks whose five points are the given ones. */
function landmarksAt(points: readonly (readonly [number, number])[], stride = 2): Float64Array {
  const out = new Float64Array(68 * stride);
  groups.forEach((list, i) => {
    list.forEach((n, k) => {
      // The corners of an eye lie around its middle.
      const around = list.length > 1 ? 3 * Math.cos((2 * Math.PI * k) / list.length) : 0;
      out[stride * n] = points[i]![0] + around;
      out[stride * n + 1] = points[i]![1];
    });
  });
  return out;
}

test("a face that was turned, scaled and moved is brought back", () => {
  const [scale, angle, x, y] = [2.5, 0.4, 300, 120];
  const place = ([u, v]: readonly [number, number]): [number, number] => [
    x + scale * (Math.cos(angle) * u - Math.sin(angle) * v),
    y + scale * (Math.sin(angle) * u + Math.cos(angle) * v),
  ];
  for (const stride of [2, 3] as const) {
    const crop = alignIdentity(landmarksAt(template.map(place), stride), stride);
    expect(crop.side).toBeCloseTo(2.5 * 112, 9);
    expect(crop.rotation).toBeCloseTo(angle, 9);
    for (const point of template) {
      const [u, v] = cropToPhoto(crop, 112, point[0], point[1]);
      expect(Math.hypot(u - place(point)[0], v - place(point)[1])).toBeLessThan(1e-9);
    }
  }
});

test("the input is the aligned picture in the network's range, black outside", () => {
  const photo: Image = { width: 112, height: 112, channels: 1, data: new Uint8Array(112 * 112) };
  photo.data.fill(255);
  const crop = alignIdentity(landmarksAt(template));
  const input: ImageInput & { readonly width: number; readonly height: number } = {
    name: "image",
    layout: "NCHW",
    channels: "RGB",
    range: [-1, 1],
    width: 112,
    height: 112,
  };
  const same = prepareIdentityInput(photo, crop, { input });
  expect(same.dims).toEqual([1, 3, 112, 112]);
  expect(same.data.every((value) => value === 1)).toBe(true);
  const beside = prepareIdentityInput(photo, { ...crop, centerX: 500 }, { input });
  expect(beside).toEqual(
    createTensor(
      "float32",
      same.dims,
      same.data.map(() => -1),
    ),
  );
});

test("what is refused", () => {
  expect(() => alignIdentity(new Float64Array(10))).toThrow("expected landmarks [68×2], got 10");
  expect(() => alignIdentity(new Float64Array(136))).toThrow("not all one point");
  expect(() => alignIdentity(new Float64Array(136).fill(Number.NaN))).toThrow(RangeError);
});
