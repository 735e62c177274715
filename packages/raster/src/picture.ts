import type { FloatImage, Image } from "@headform/mesh";

/** Refuses a picture whose data does not hold H·W·C samples. Private to the package. */
export function checkPicture(verb: string, image: Image | FloatImage): void {
  const { width, height, channels, data } = image;
  if (!Number.isInteger(width) || !Number.isInteger(height) || width < 1 || height < 1) {
    throw new RangeError(`${verb}: expected a picture with an extent, got ${width}×${height}`);
  }
  if (data.length !== width * height * channels) {
    throw new RangeError(
      `${verb}: expected ${width}×${height}×${channels} samples, got ${data.length}`,
    );
  }
}
