import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { beforeAll, describe, expect, it } from "vitest";
import { readPhoto } from "../src/read-photo.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "headform-photo-"));
});

/** 64×48, left half red, right half blue: enough to see orientation and color. */
function twoHalves(): ReturnType<typeof sharp> {
  const data = new Uint8Array(64 * 48 * 3);
  for (let i = 0; i < 64 * 48; i++) data[3 * i + (i % 64 < 32 ? 0 : 2)] = 255;
  return sharp(data, { raw: { width: 64, height: 48, channels: 3 } });
}

async function save(name: string, bytes: Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, bytes);
  return path;
}

function pixel(image: { width: number; data: Uint8Array }, x: number, y: number): number[] {
  return Array.from(image.data.subarray(3 * (y * image.width + x), 3 * (y * image.width + x) + 3));
}

describe("photos that work", () => {
  it("reads a plain PNG exactly", async () => {
    const { image, notes } = await readPhoto(
      await save("a.png", await twoHalves().png().toBuffer()),
    );
    expect([image.width, image.height, image.channels]).toEqual([64, 48, 3]);
    expect(pixel(image, 3, 3)).toEqual([255, 0, 0]);
    expect(pixel(image, 60, 40)).toEqual([0, 0, 255]);
    expect(notes).toEqual([]);
  });

  it("turns an EXIF-rotated photo upright", async () => {
    // Orientation 6: stored lying on its side, to be turned a quarter clockwise.
    const bytes = await twoHalves()
      .withMetadata({ orientation: 6 })
      .jpeg({ quality: 95 })
      .toBuffer();
    const { image } = await readPhoto(await save("exif.jpg", bytes));
    expect([image.width, image.height]).toEqual([48, 64]);
    const [r, , b] = pixel(image, 24, 4) as [number, number, number];
    // JPEG is lossy: a red pixel stays clearly red.
    expect(r).toBeGreaterThan(200);
    expect(b).toBeLessThan(60);
  });

  it("reads CMYK as sRGB", async () => {
    const bytes = await twoHalves().toColourspace("cmyk").jpeg({ quality: 95 }).toBuffer();
    const { image } = await readPhoto(await save("cmyk.jpg", bytes));
    expect([image.width, image.height, image.data.length]).toEqual([64, 48, 64 * 48 * 3]);
    const [r, g, b] = pixel(image, 5, 24) as [number, number, number];
    // Printing inks hold less red than a screen; it is still the strongest channel by far.
    expect(r).toBeGreaterThan(150);
    expect(Math.max(g, b)).toBeLessThan(110);
  });

  it("reads 16 bit, gray and transparent pictures as 8-bit RGB", async () => {
    const deep = await twoHalves().toColourspace("rgb16").png().toBuffer();
    expect(pixel((await readPhoto(await save("deep.png", deep))).image, 2, 2)).toEqual([255, 0, 0]);
    const gray = await sharp(new Uint8Array(40 * 40).fill(90), {
      raw: { width: 40, height: 40, channels: 1 },
    })
      .toColourspace("b-w")
      .png()
      .toBuffer();
    expect(pixel((await readPhoto(await save("gray.png", gray))).image, 9, 9)).toEqual([
      90, 90, 90,
    ]);
    const clear = await sharp({
      create: { width: 40, height: 40, channels: 4, background: { r: 9, g: 9, b: 9, alpha: 0 } },
    })
      .png()
      .toBuffer();
    expect(pixel((await readPhoto(await save("clear.png", clear))).image, 9, 9)).toEqual([
      128, 128, 128,
    ]);
  });

  it("takes the first frame of an animated GIF and says so", async () => {
    const frames = new Uint8Array(32 * 64 * 3);
    frames.fill(200, 0, 32 * 32 * 3);
    const bytes = await sharp(frames, {
      raw: { width: 32, height: 64, channels: 3, pageHeight: 32 },
    })
      .gif({ delay: [100, 100] })
      .toBuffer();
    const { image, notes } = await readPhoto(await save("moves.gif", bytes), "moves.gif");
    expect([image.width, image.height]).toEqual([32, 32]);
    expect(notes).toEqual(["moves.gif has 2 frames; the first is used"]);
  });
});

describe("files that are no photo", () => {
  const cases: [string, () => Promise<Uint8Array> | Uint8Array, RegExp][] = [
    [
      "text.jpg",
      () => Buffer.from("Dear Sir,\nno photo here.\n"),
      /text\.jpg is not a photo: it holds text\. Give a JPEG/,
    ],
    ["empty.png", () => new Uint8Array(0), /empty\.png is empty \(0 bytes\)/],
    [
      "noise.bin",
      () => Uint8Array.from({ length: 500 }, (_, i) => (i * 197) % 251),
      /noise\.bin is not a photo/,
    ],
    [
      "cut.jpg",
      async () => (await twoHalves().resize(600).jpeg().toBuffer()).subarray(0, 1500),
      /cut\.jpg is damaged or cut off/,
    ],
    [
      "head.jpg",
      async () => (await twoHalves().jpeg().toBuffer()).subarray(0, 60),
      /head\.jpg begins like a JPEG but is damaged/,
    ],
    [
      "cut.png",
      async () => (await twoHalves().resize(600).png().toBuffer()).subarray(0, 700),
      /cut\.png is damaged or cut off/,
    ],
    [
      "tiny.png",
      () =>
        sharp({ create: { width: 3, height: 2, channels: 3, background: "red" } })
          .png()
          .toBuffer(),
      /tiny\.png has 3 × 2 pixels; a photo needs at least 16 × 16/,
    ],
    ["zero.png", () => pngHeader(0, 0), /zero\.png/],
    [
      "vast.png",
      () => pngHeader(30_000, 30_000),
      /vast\.png has 30000 × 30000 pixels \(900 megapixels\); the limit is 100/,
    ],
    [
      "phone.heic",
      () => Buffer.from("\0\0\0\x18ftypheic\0\0\0\0mif1heic"),
      /phone\.heic is an HEIC photo.*Export it as JPEG/,
    ],
  ];
  it.each(cases)("%s", async (name, make, message) => {
    const path = await save(name, await make());
    await expect(readPhoto(path, name)).rejects.toThrow(message);
  });

  it("names a missing file and a folder", async () => {
    await expect(readPhoto(join(folder, "none.jpg"), "none.jpg")).rejects.toThrow(
      /there is no file none\.jpg/,
    );
    await expect(readPhoto(folder, "photos")).rejects.toThrow(/photos is a folder/);
  });
});

/** A PNG that only claims a size: signature, IHDR, no pixels. */
function pngHeader(width: number, height: number): Uint8Array {
  const ihdr = Buffer.alloc(13);
  ihdr.writeUInt32BE(width, 0);
  ihdr.writeUInt32BE(height, 4);
  ihdr.set([8, 2, 0, 0, 0], 8);
  const chunk = (type: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
    const out = Buffer.alloc(body.length + 8);
    out.writeUInt32BE(data.length, 0);
    body.copy(out, 4);
    out.writeUInt32BE(crc32(body), body.length + 4);
    return out;
  };
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    chunk("IHDR", ihdr),
    chunk("IDAT", Buffer.alloc(0)),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

function crc32(bytes: Uint8Array): number {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let k = 0; k < 8; k++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}
