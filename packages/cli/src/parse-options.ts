import { Failure } from "./failure.ts";

/** A rectangle in pixels of the upright photo; x, y is its top-left corner. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Pixels below which a box holds nothing that could be measured. */
export const MIN_BOX_SIDE: number = 8;

/**
 * Reads `x,y,w,h`.
 *
 * @throws {Failure} usage, when it is not four finite numbers or a side is under 8 pixels
 */
export function parseBox(text: string): Box {
  const numbers = text.split(",").map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
  const [x, y, width, height] = numbers as [number, number, number, number];
  if (numbers.length !== 4 || !numbers.every(Number.isFinite)) {
    throw new Failure(
      "usage",
      "wrong-box",
      `--box expects four numbers x,y,w,h in pixels, such as 120,80,200,240; got "${text}".`,
    );
  }
  if (width < MIN_BOX_SIDE || height < MIN_BOX_SIDE) {
    throw new Failure(
      "usage",
      "wrong-box",
      `--box needs a width and height of ${MIN_BOX_SIDE} pixels at least; got ${width} × ${height}.`,
    );
  }
  return { x, y, width, height };
}

/**
 * Refuses a box that the photo does not hold.
 *
 * @throws {Failure} usage, when less than a quarter of the box lies inside the photo
 */
export function checkBoxInside(box: Box, name: string, width: number, height: number): void {
  const w = Math.min(box.x + box.width, width) - Math.max(box.x, 0);
  const h = Math.min(box.y + box.height, height) - Math.max(box.y, 0);
  if (w <= 0 || h <= 0 || w * h < 0.25 * box.width * box.height) {
    throw new Failure(
      "usage",
      "wrong-box",
      `--box ${box.x},${box.y},${box.width},${box.height} lies outside ${name}, ` +
        `which has ${width} × ${height} pixels. Give x,y,w,h of the face inside the photo.`,
    );
  }
}

/**
 * Reads 68 landmarks from JSON (`[[x, y], …]`, or a document with a `landmarks68` entry) or from an
 * ibug `.pts` file (1-based pixel indices, so half a pixel is subtracted).
 *
 * @returns [68×2] pixels, centres at half-integers
 * @throws {Failure} when the text holds no 68 finite points, or they span less than 8 pixels
 */
export function parseLandmarks(text: string, name: string): Float64Array {
  const points = /^\s*(version|n_points)/.test(text) ? parsePts(text) : parseJsonPoints(text, name);
  if (points.length !== 68 || !points.every((p) => p.length >= 2 && p.every(Number.isFinite))) {
    throw new Failure(
      "failed",
      "wrong-landmarks",
      `${name} holds ${points.length} points; 68 points [x, y] in pixels are needed ` +
        `(JSON [[x, y], …], {"landmarks68": …}, or an ibug .pts file).`,
    );
  }
  const [xs, ys] = [0, 1].map((axis) => points.map((point) => point[axis] as number));
  const span = Math.min(extent(xs as number[]), extent(ys as number[]));
  if (span < MIN_BOX_SIDE) {
    throw new Failure(
      "failed",
      "wrong-landmarks",
      `${name}: the landmarks span ${span.toFixed(1)} pixels, ${MIN_BOX_SIDE} are needed. ` +
        "Give them in pixels of the photo.",
    );
  }
  return Float64Array.from(points.flatMap(([x, y]) => [x as number, y as number]));
}

function extent(values: readonly number[]): number {
  return Math.max(...values) - Math.min(...values);
}

function parsePts(text: string): number[][] {
  const body = /\{([^}]*)\}/.exec(text)?.[1] ?? "";
  return body
    .trim()
    .split(/\r?\n/)
    .map((line) =>
      line
        .trim()
        .split(/\s+/)
        .slice(0, 2)
        .map((value) => Number(value) - 0.5),
    );
}

function parseJsonPoints(text: string, name: string): number[][] {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (cause) {
    throw new Failure(
      "failed",
      "wrong-landmarks",
      `${name} is neither JSON nor an ibug .pts file with 68 landmarks.`,
      { cause },
    );
  }
  const points = findPoints(document);
  return points.map((point) => (Array.isArray(point) ? point.slice(0, 2).map(Number) : []));
}

/** The points of a document: the list itself, `{ landmarks68 }`, or what `--json` prints. */
export function findPoints(document: unknown): unknown[] {
  if (Array.isArray(document)) return document;
  if (typeof document !== "object" || document === null) return [];
  const fields = document as Record<string, unknown>;
  if (Array.isArray(fields.landmarks68)) return fields.landmarks68;
  for (const list of [fields.images, fields.faces]) {
    if (Array.isArray(list) && list.length > 0) return findPoints(list[0]);
  }
  return [];
}
