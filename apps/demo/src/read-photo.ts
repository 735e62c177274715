import { PageFailure } from "./page-failure.ts";

/** Longest side that is worked on: heads gain nothing from more, small devices lose memory. */
const LONGEST_SIDE = 1600;

/** How JPEG, PNG, GIF, WebP (a RIFF) and HEIC or AVIF (at byte 4) begin. */
const STARTS = ["\u00ff\u00d8\u00ff", "\u0089PNG", "GIF8", "RIFF", "ftyp"] as const;

/**
 * A file as pixels, upright, no larger than is of use.
 *
 * @throws PageFailure "not-an-image" when it is none, "unreadable-image" when the browser cannot read
 *   it: damaged, of a kind that it does not know, or larger than its memory
 */
export async function readPhoto(file: Blob): Promise<ImageBitmap> {
  let bitmap: ImageBitmap;
  try {
    bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
  } catch (cause) {
    const code = (await looksLikeImage(file)) ? "unreadable-image" : "not-an-image";
    throw new PageFailure(code, String(cause));
  }
  const scale = LONGEST_SIDE / Math.max(bitmap.width, bitmap.height);
  if (scale >= 1) return bitmap;
  const small = await createImageBitmap(bitmap, {
    resizeWidth: Math.round(bitmap.width * scale),
    resizeHeight: Math.round(bitmap.height * scale),
    resizeQuality: "high",
  });
  bitmap.close();
  return small;
}

async function looksLikeImage(file: Blob): Promise<boolean> {
  // A file that has gone, or is being written, is read no better.
  const bytes = await file
    .slice(0, 12)
    .arrayBuffer()
    .catch(() => new ArrayBuffer(0));
  const start = String.fromCharCode(...new Uint8Array(bytes));
  return STARTS.some((magic) => start.startsWith(magic) || start.slice(4).startsWith(magic));
}
