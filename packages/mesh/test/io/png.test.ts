import type { Image } from "@headform/mesh";
import { decodePng, encodePng } from "@headform/mesh/io";
import { createRandom } from "@headform/testing";
import fc from "fast-check";
import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { expectSafeOnDamage, formatErrorOf } from "./damage.ts";

function noise(width: number, height: number, channels: 1 | 3 | 4): Image {
  const random = createRandom(width * height);
  const data = Uint8Array.from({ length: width * height * channels }, () => 256 * random());
  return { width, height, channels, data };
}

const raw = ({ data, ...size }: Image) => sharp(data, { raw: size });

describe("an independent implementation", () => {
  test.each([1, 3, 4] as const)("reads what we write, %i channels", async (channels) => {
    const image = noise(13, 7, channels);
    const { data, info } = await sharp(encodePng(image))
      .toColorspace(channels === 1 ? "b-w" : "srgb")
      .raw()
      .toBuffer({ resolveWithObject: true });
    expect([info.width, info.height, info.channels]).toEqual([13, 7, channels]);
    expect(new Uint8Array(data)).toEqual(image.data);
  });

  test.each([1, 3, 4] as const)(
    "writes what we read, interlaced or not, %i channels",
    async (channels) => {
      const image = noise(13, 7, channels);
      for (const progressive of [false, true]) {
        const file = raw(image)
          .toColorspace(channels === 1 ? "b-w" : "srgb")
          .png({ progressive });
        expect(decodePng(new Uint8Array(await file.toBuffer()))).toEqual(image);
      }
    },
  );

  test("writes palettes and few bits", async () => {
    const two = {
      ...noise(11, 5, 3),
      data: new Uint8Array(165).map((_, i) => (i % 6 < 3 ? 0 : 255)),
    };
    const file = await raw(two).png({ palette: true, colors: 2, dither: 0 }).toBuffer();
    const image = decodePng(new Uint8Array(file));
    const { data, info } = await sharp(file).raw().toBuffer({ resolveWithObject: true });
    expect(image).toEqual({
      width: 11,
      height: 5,
      channels: info.channels,
      data: new Uint8Array(data),
    });
  });

  test("writes sixteen bits", async () => {
    const values = Uint16Array.of(0, 257, 128 * 257, 65535, 300, 1000);
    const file = await sharp(values, {
      raw: { width: 2, height: 1, channels: 3, depth: "ushort" } as never,
    })
      .toColorspace("rgb16")
      .png()
      .toBuffer();
    expect(file[24]).toBe(16);
    expect([...decodePng(new Uint8Array(file)).data]).toEqual([0, 1, 128, 255, 1, 4]);
  });
});

test("a round trip keeps every byte", () => {
  const size = fc.integer({ min: 1, max: 9 });
  fc.assert(
    fc.property(size, size, fc.constantFrom(1, 3, 4), (width, height, channels) => {
      const image = noise(width, height, channels as 1);
      expect(decodePng(encodePng(image))).toEqual(image);
    }),
    { seed: 17, numRuns: 30 },
  );
});

describe("refuses", () => {
  const file = encodePng(noise(4, 4, 3));
  const change = (at: number, ...values: number[]) => {
    const copy = file.slice();
    copy.set(values, at);
    return copy;
  };
  test.each([
    ["no bytes", new Uint8Array(0), /signature/],
    ["a JPEG", Uint8Array.of(0xff, 0xd8, 0xff), /signature/],
    ["no pixels", change(16, 0, 0, 0, 0), /got 0/],
    ["2⁶⁴ pixels", change(16, 255, 255, 255, 255, 255, 255, 255, 255), /1 to 134217728 pixels/],
    ["a file cut short", file.subarray(0, file.length - 14), /ends/],
    ["a chunk beyond the file", change(33, 255), /beyond the file/],
    ["fewer data than pixels", change(16, 0, 0, 8, 0), /cannot be decoded/],
    ["another kind of color", change(25, 7), /cannot be decoded/],
  ])("%s", (_, bytes, message) => {
    const error = formatErrorOf(() => decodePng(bytes));
    expect(error.message).toMatch(message);
    expect(error).toMatchObject({ format: "png" });
  });

  test("damage of any kind", async () => {
    await expectSafeOnDamage(file, (bytes) => decodePng(bytes), 18);
  });

  test("a bad image as the caller's mistake", () => {
    expect(() => encodePng({ ...noise(2, 2, 3), width: 3 })).toThrow(/encodePng: expected 3×2×3/);
  });
});
