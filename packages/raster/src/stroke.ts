import type { Image } from "@headform/mesh";

/** sRGB bytes. */
export type Color = readonly [number, number, number];

/** An opaque RGB copy to draw on. Private to the package. */
export function rgbCopy(image: Image): {
  width: number;
  height: number;
  channels: 3;
  data: Uint8Array;
} {
  const { width, height, channels, data } = image;
  const out = new Uint8Array(width * height * 3);
  for (let i = 0; i < width * height; i++) {
    for (let c = 0; c < 3; c++) out[3 * i + c] = data[i * channels + (channels === 1 ? 0 : c)];
  }
  return { width, height, channels: 3, data: out };
}

/**
 * Draws a segment with round ends, antialiased by its distance: coverage = r + ½ − d, within 0…1.
 * A segment without length is a disk. Private to the package.
 */
export function stroke(
  canvas: { readonly width: number; readonly height: number; readonly data: Uint8Array },
  x0: number,
  y0: number,
  x1: number,
  y1: number,
  radius: number,
  color: Color,
  opacity: number,
): void {
  if (!Number.isFinite(x0 + y0 + x1 + y1)) return;
  const { width, height, data } = canvas;
  const reach = radius + 0.5;
  const left = Math.max(0, Math.floor(Math.min(x0, x1) - reach));
  const right = Math.min(width - 1, Math.ceil(Math.max(x0, x1) + reach));
  const top = Math.max(0, Math.floor(Math.min(y0, y1) - reach));
  const bottom = Math.min(height - 1, Math.ceil(Math.max(y0, y1) + reach));
  const dx = x1 - x0;
  const dy = y1 - y0;
  const square = dx * dx + dy * dy;
  for (let y = top; y <= bottom; y++) {
    for (let x = left; x <= right; x++) {
      const px = x + 0.5 - x0;
      const py = y + 0.5 - y0;
      const along = square > 0 ? Math.max(0, Math.min(1, (px * dx + py * dy) / square)) : 0;
      const distance = Math.hypot(px - along * dx, py - along * dy);
      // A line thinner than a pixel never covers all of one.
      const coverage = opacity * Math.min(1, 2 * radius, Math.max(0, reach - distance));
      if (coverage <= 0) continue;
      const k = 3 * (y * width + x);
      for (let c = 0; c < 3; c++) {
        data[k + c] = Math.round(data[k + c] + coverage * (color[c] - data[k + c]));
      }
    }
  }
}
