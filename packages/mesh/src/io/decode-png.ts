import { convertIndexedToRgb, type DecodedPng, decode } from "fast-png";
import type { Image } from "../image.ts";
import { MeshFormatError } from "./mesh-format-error.ts";

/** Largest picture that is decoded: 11,585 pixels square. */
const MAX_PIXELS = 2 ** 27;

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/**
 * A PNG's bytes as an image: gray, RGB or RGBA, eight bits.
 *
 * Sixteen bits are rounded, palettes and fewer bits are spread out, gray with alpha becomes RGBA.
 * A single transparent color is not applied, nor is a color profile.
 *
 * @throws {MeshFormatError} when the bytes are no PNG, a chunk is cut, or there are over 2²⁷ pixels
 */
export function decodePng(bytes: Uint8Array): Image {
  const essential = keepEssentialChunks(bytes);
  try {
    return toImage(decode(essential));
  } catch (cause) {
    throw new MeshFormatError("png", "the picture cannot be decoded", { cause });
  }
}

/**
 * The file without its profiles, texts and times, so that nothing but the picture is unpacked; and
 * the sizes checked before that happens.
 */
function keepEssentialChunks(bytes: Uint8Array): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (SIGNATURE.some((byte, i) => bytes[i] !== byte) || bytes.length < 33) {
    throw new MeshFormatError("png", "expected the signature of a PNG", { offset: 0 });
  }
  const pixels = view.getUint32(16) * view.getUint32(20);
  if (pixels === 0 || pixels > MAX_PIXELS) {
    const message = `expected 1 to ${MAX_PIXELS} pixels, got ${pixels}`;
    throw new MeshFormatError("png", message, { offset: 16 });
  }
  const parts: Uint8Array[] = [bytes.subarray(0, 8)];
  let dataBytes = 0;
  for (let offset = 8; ; ) {
    if (offset + 12 > bytes.length)
      throw new MeshFormatError("png", "the file ends early", { offset });
    const length = view.getUint32(offset);
    const end = offset + 12 + length;
    if (end > bytes.length)
      throw new MeshFormatError("png", "a chunk ends beyond the file", { offset });
    const type = String.fromCharCode(...bytes.subarray(offset + 4, offset + 8));
    if (["IHDR", "PLTE", "tRNS", "IDAT", "IEND"].includes(type))
      parts.push(bytes.subarray(offset, end));
    if (type === "IDAT") dataBytes += length;
    offset = end;
    if (type === "IEND") break;
  }
  // Packed data hardly exceed the 8 bytes that a pixel has at most; more would be a bomb's fuse.
  if (dataBytes > 9 * pixels + 65536) {
    throw new MeshFormatError("png", `${dataBytes} bytes of data for ${pixels} pixels`);
  }
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

function toImage(png: DecodedPng): Image {
  const { width, height } = png;
  const pixels = width * height;
  // 1. To eight bits per channel.
  let data: Uint8Array;
  if (png.palette) data = convertIndexedToRgb(png);
  else if (png.depth < 8) data = convertIndexedToRgb({ ...png, palette: grays(png.depth) });
  else if (png.depth === 16) data = Uint8Array.from(png.data, (value) => Math.round(value / 257));
  else data = Uint8Array.from(png.data);
  // 2. To gray, RGB or RGBA.
  const channels = data.length / pixels;
  if (channels === 1 || channels === 3 || channels === 4) return { width, height, channels, data };
  if (channels !== 2) throw new RangeError(`${data.length} values for ${pixels} pixels`);
  const rgba = new Uint8Array(4 * pixels);
  for (let i = 0; i < pixels; i++) {
    rgba.fill(data[2 * i]!, 4 * i, 4 * i + 3);
    rgba[4 * i + 3] = data[2 * i + 1]!;
  }
  return { width, height, channels: 4, data: rgba };
}

/** Few-bit gray is a palette of evenly spaced grays. */
function grays(depth: number): number[][] {
  const top = 2 ** depth - 1;
  return Array.from({ length: top + 1 }, (_, i) => [Math.round((255 * i) / top)]);
}
