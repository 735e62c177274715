/**
 * A square of a photo, possibly turned, that is resampled to a small upright picture.
 *
 * The crop's x axis runs along (cos rotation, sin rotation) in the photo, so a face that leans
 * clockwise by `rotation` comes out upright.
 */
export interface Crop {
  /** Center of the square, photo pixels (pixel centers at half-integers). */
  readonly centerX: number;
  readonly centerY: number;
  /** Side of the square, photo pixels. */
  readonly side: number;
  /** Clockwise turn as seen on the screen (x right, y down), radians. */
  readonly rotation: number;
}

/** Size of a resampled crop in pixels; a number means a square. */
export type CropSize = number | { readonly width: number; readonly height: number };

/** An axis-aligned box, photo pixels: top-left corner and extent. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Width and height of a crop size, checked to be positive integers. Private to the package. */
export function cropExtent(verb: string, size: CropSize): { width: number; height: number } {
  const width = typeof size === "number" ? size : size.width;
  const height = typeof size === "number" ? size : size.height;
  if (!Number.isInteger(width) || !Number.isInteger(height) || width < 1 || height < 1) {
    throw new RangeError(
      `${verb}: expected a size of positive whole pixels, got ${width}×${height}`,
    );
  }
  return { width, height };
}

/** Refuses a crop that is not finite or has no extent. Private to the package. */
export function checkCrop(verb: string, crop: Crop): void {
  const { centerX, centerY, side, rotation } = crop;
  if (!(side > 0) || !Number.isFinite(centerX + centerY + side + rotation)) {
    throw new RangeError(
      `${verb}: expected a finite crop with side > 0, got center (${centerX}, ${centerY}), side ${side}, rotation ${rotation}`,
    );
  }
}
