import type { Image } from "@headform/mesh";
import { drawLabel } from "./draw-label.ts";
import { checkPicture } from "./picture.ts";
import { resizeImage } from "./resize-image.ts";

export interface SheetCell {
  readonly image: Image;
  /** A few words below the picture, written in capitals. */
  readonly label?: string;
}

export interface SheetOptions {
  readonly columns?: number;
  /** Size of a cell's picture, pixels; it is fitted inside without distortion. */
  readonly cellWidth?: number;
  readonly cellHeight?: number;
  /** Space between and around the cells, pixels. */
  readonly gap?: number;
  /** sRGB bytes. */
  readonly background?: readonly [number, number, number];
}

export const SHEET_DEFAULTS: {
  readonly cellWidth: number;
  readonly cellHeight: number;
  readonly gap: number;
  readonly background: readonly [number, number, number];
} = { cellWidth: 384, cellHeight: 384, gap: 12, background: [24, 25, 28] };

const LABEL_HEIGHT = 22;

/**
 * Sets pictures side by side on one sheet, row by row, each fitted into its cell.
 *
 * @param cells pictures with labels; absent labels leave no space when no cell has one.
 * @param options the grid; columns absent: all in one row.
 * @returns RGB.
 * @throws RangeError when there is no cell or the grid is not made of whole numbers.
 */
export function composeSheet(cells: readonly SheetCell[], options: SheetOptions = {}): Image {
  const { columns, cellWidth, cellHeight, gap, background } = {
    ...SHEET_DEFAULTS,
    columns: cells.length,
    ...options,
  };
  if (cells.length === 0) throw new RangeError("composeSheet: expected at least 1 cell, got 0");
  for (const value of [columns, cellWidth, cellHeight, gap + 1]) {
    if (!Number.isInteger(value) || value < 1) {
      throw new RangeError(
        `composeSheet: expected a grid of whole numbers, got ${columns} columns of ${cellWidth}×${cellHeight}, gap ${gap}`,
      );
    }
  }
  const rows = Math.ceil(cells.length / columns);
  const pitchX = cellWidth + gap;
  const pitchY = cellHeight + gap + (cells.some((cell) => cell.label) ? LABEL_HEIGHT : 0);
  const width = gap + columns * pitchX;
  const height = gap + rows * pitchY;
  const data = new Uint8Array(width * height * 3);
  for (let i = 0; i < data.length; i++) data[i] = background[i % 3];
  const sheet: Image = { width, height, channels: 3, data };

  const dark = background[0] + background[1] + background[2] < 384;
  for (const [index, { image, label }] of cells.entries()) {
    const left = gap + (index % columns) * pitchX;
    const top = gap + Math.floor(index / columns) * pitchY;
    paste(sheet, image, left, top, cellWidth, cellHeight);
    if (label) {
      const ink = dark ? ([206, 210, 216] as const) : ([48, 50, 54] as const);
      const scale = Math.max(1, Math.min(2, Math.floor(cellWidth / (6 * label.length))));
      drawLabel(sheet, label, left, top + cellHeight + 6, scale, ink);
    }
  }
  return sheet;
}

/** Fits a picture into a cell, centered, over what is there. */
function paste(
  sheet: Image,
  image: Image,
  left: number,
  top: number,
  cellWidth: number,
  cellHeight: number,
): void {
  checkPicture("composeSheet", image);
  const scale = Math.min(cellWidth / image.width, cellHeight / image.height);
  const width = Math.max(1, Math.round(image.width * scale));
  const height = Math.max(1, Math.round(image.height * scale));
  const fits = width === image.width && height === image.height;
  const picture = fits ? image : resizeImage(image, width, height);
  const x0 = left + Math.floor((cellWidth - width) / 2);
  const y0 = top + Math.floor((cellHeight - height) / 2);
  const { channels, data } = picture;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = (y * width + x) * channels;
      const to = 3 * ((y0 + y) * sheet.width + x0 + x);
      const alpha = channels === 4 ? data[from + 3] / 255 : 1;
      for (let c = 0; c < 3; c++) {
        const below = sheet.data[to + c];
        const above = data[from + (channels === 1 ? 0 : c)];
        sheet.data[to + c] = Math.round(below + alpha * (above - below));
      }
    }
  }
}
