import { readFile, stat } from "node:fs/promises";
import type { Image } from "@headform/mesh";
import sharp from "sharp";
import { Failure } from "./failure.ts";

/** Pixels above which a photo is refused before it is decoded (a 48-megapixel phone fits twice). */
export const MAX_PIXELS: number = 100_000_000;

/** Smallest width and height in which a face could be measured at all. */
export const MIN_SIDE: number = 16;

/** Bytes above which a file is refused before it is read. */
export const MAX_FILE_BYTES: number = 512 * 1024 * 1024;

export interface Photo {
  /** Upright sRGB pixels, 8 bit, three channels: EXIF orientation, CMYK, 16 bit and alpha resolved. */
  readonly image: Image;
  /** What a person may want to know about how the file was read. */
  readonly notes: readonly string[];
}

/**
 * Reads any photo that sharp knows (JPEG, PNG, WebP, AVIF, TIFF, GIF, SVG) as upright sRGB pixels.
 *
 * @throws {Failure} when the file is missing, not a photo, damaged, empty or too large
 */
export async function readPhoto(path: string, name: string = path): Promise<Photo> {
  const bytes = await readBytes(path, name);
  const notes: string[] = [];

  if (bytes.length === 0) {
    throw new Failure(
      "failed",
      "not-an-image",
      `${name} is empty (0 bytes). Copy or download it again.`,
    );
  }

  // 1. Look at the header before memory is taken for pixels.
  const header = await sharp(bytes, { limitInputPixels: false })
    .metadata()
    .catch((cause: unknown) => {
      throw new Failure("failed", "not-an-image", describeUnreadable(bytes, name, cause), {
        cause,
      });
    });
  const { width = 0, height = 0 } = header;
  if (width * height > MAX_PIXELS) {
    throw new Failure(
      "failed",
      "image-too-large",
      `${name} has ${width} × ${height} pixels (${Math.round((width * height) / 1e6)} megapixels); ` +
        `the limit is ${MAX_PIXELS / 1e6}. Scale it down first: a face needs only a few hundred pixels.`,
    );
  }
  if (width < MIN_SIDE || height < MIN_SIDE) {
    throw new Failure(
      "failed",
      "image-too-small",
      `${name} has ${width} × ${height} pixels; a photo needs at least ${MIN_SIDE} × ${MIN_SIDE}.`,
    );
  }
  if ((header.pages ?? 1) > 1 && header.format !== "heif") {
    notes.push(`${name} has ${header.pages} frames; the first is used`);
  }

  // 2. Decode: upright, sRGB, 8 bit, no alpha.
  const { data, info } = await sharp(bytes, { limitInputPixels: MAX_PIXELS, failOn: "truncated" })
    .autoOrient()
    .flatten({ background: "#808080" })
    .toColourspace("srgb")
    .raw({ depth: "uchar" })
    .toBuffer({ resolveWithObject: true })
    .catch((cause: unknown) => {
      throw new Failure(
        "failed",
        "image-damaged",
        `${name} is damaged or cut off (${firstLine(cause)}). Copy or download it again.`,
        { cause },
      );
    });
  return { image: toRgb(data, info.width, info.height, info.channels), notes };
}

async function readBytes(path: string, name: string): Promise<Uint8Array> {
  try {
    const { size } = await stat(path);
    if (size > MAX_FILE_BYTES) {
      throw new Failure(
        "failed",
        "image-too-large",
        `${name} is ${Math.round(size / 1e6)} MB; the limit is ${Math.round(MAX_FILE_BYTES / 1e6)} MB. Scale it down first.`,
      );
    }
    return await readFile(path);
  } catch (cause) {
    if (cause instanceof Failure) throw cause;
    const code = (cause as NodeJS.ErrnoException).code;
    const reason =
      code === "ENOENT" || code === "ENOTDIR"
        ? `there is no file ${name}. Check the path.`
        : code === "EISDIR"
          ? `${name} is a folder. Name the photos in it, e.g. ${name}/*.jpg.`
          : code === "EACCES" || code === "EPERM"
            ? `${name} may not be read by you. Check its permissions.`
            : `${name} could not be read (${firstLine(cause)}).`;
    throw new Failure("failed", "unreadable-file", reason, { cause });
  }
}

function describeUnreadable(bytes: Uint8Array, name: string, cause: unknown): string {
  const start = new TextDecoder("latin1").decode(bytes.subarray(0, 32));
  if (/ftyp(hei[cx]|mif1|msf1|hevc)/.test(start)) {
    return `${name} is an HEIC photo, which cannot be decoded here. Export it as JPEG or PNG.`;
  }
  if (/ftyp(isom|mp4|M4V|qt)|^RIFF....AVI/.test(start)) {
    return `${name} is a video. Export a frame as JPEG or PNG.`;
  }
  const isText = bytes.subarray(0, 512).every((b) => b === 9 || b === 10 || b === 13 || b >= 32);
  const jpeg = bytes[0] === 0xff && bytes[1] === 0xd8;
  const png = start.startsWith("\u0089PNG");
  if (jpeg || png) {
    return `${name} begins like a ${jpeg ? "JPEG" : "PNG"} but is damaged or cut off (${firstLine(cause)}). Copy or download it again.`;
  }
  return `${name} is not a photo${isText ? ": it holds text" : ""}. Give a JPEG, PNG, WebP, AVIF, TIFF or GIF.`;
}

function toRgb(data: Uint8Array, width: number, height: number, channels: number): Image {
  if (channels === 3) return { width, height, channels: 3, data };
  const rgb = new Uint8Array(width * height * 3);
  for (let i = 0, o = 0; o < rgb.length; i += channels, o += 3) {
    const gray = channels < 3;
    rgb[o] = data[i] as number;
    rgb[o + 1] = data[gray ? i : i + 1] as number;
    rgb[o + 2] = data[gray ? i : i + 2] as number;
  }
  return { width, height, channels: 3, data: rgb };
}

function firstLine(cause: unknown): string {
  return (cause instanceof Error ? cause.message : String(cause)).split("\n")[0] as string;
}
