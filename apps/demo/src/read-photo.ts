import { PageFailure } from "./page-failure.ts";

/** Longest side that is worked on: heads gain nothing from more, small devices lose memory. */
const LONGEST_SIDE = 1600;

/**
 * A file as pixels, upright, no larger than is of use.
 *
 * @throws PageFailure "not-an-image" when the browser cannot read it
 */
export async function readPhoto(file: Blob): Promise<ImageBitmap> {
  let bitmap: ImageBitmap;
  try {
    bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
  } catch (cause) {
    throw new PageFailure("not-an-image", String(cause));
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
