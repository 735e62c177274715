import { writeFile } from "node:fs/promises";
import sharp from "sharp";

const WIDTH = 640;
const HEIGHT = 480;
/** Frames that each picture stays: long enough to be seen by a slow machine. */
const HOLD = 40;

/**
 * Writes a film for Chromium's fake camera: the portrait, then its mirror image, over and over, so
 * that the head turns from one side to the other.
 */
export async function writeFakeCamera(portrait: Uint8Array, file: string): Promise<void> {
  const frame = (mirrored: boolean): Promise<Buffer> =>
    sharp(portrait)
      .flop(mirrored)
      .resize(WIDTH, HEIGHT, { fit: "contain", background: "#445566" })
      .jpeg({ quality: 85 })
      .toBuffer();
  const [straight, mirrored] = [await frame(false), await frame(true)];
  await writeFile(
    file,
    Buffer.concat([
      ...Array.from({ length: HOLD }, () => straight),
      ...Array.from({ length: HOLD }, () => mirrored),
    ]),
  );
}
