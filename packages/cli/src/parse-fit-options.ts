import { Failure } from "./failure.ts";

/**
 * Reads `WxH`.
 *
 * @throws {Failure} usage, when it is not two whole numbers above 0
 */
export function parseImageSize(text: string): [number, number] {
  const match = /^\s*(\d+)\s*[x×]\s*(\d+)\s*$/i.exec(text);
  const size: [number, number] = [Number(match?.[1]), Number(match?.[2])];
  if (size[0] > 0 && size[1] > 0) return size;
  throw new Failure(
    "usage",
    "wrong-size",
    `--image expects width and height in pixels, such as 640x480; got "${text}".`,
  );
}

/**
 * Reads any number of points: JSON `[[x, y], …]` (null leaves a point out), or in two dimensions an
 * ibug `.pts` file, whose pixel indices count from 1, so that half a pixel is subtracted.
 *
 * @returns [L×dimension], NaN where a point is left out
 * @throws {Failure} when the text is neither
 */
export function parsePoints(text: string, name: string, dimension: 2 | 3): Float64Array {
  const isPts = dimension === 2 && /^\s*(version|n_points)/.test(text);
  const points = isPts ? ptsPoints(text) : json(text, name);
  if (!Array.isArray(points) || points.length === 0) throw wrong(name, dimension);
  const nothing = new Array<number>(dimension).fill(Number.NaN);
  return Float64Array.from(
    points.flatMap((point: unknown) => {
      if (point === null) return nothing;
      const numbers = Array.isArray(point) ? point.slice(0, dimension) : [];
      if (numbers.length < dimension || !numbers.every(Number.isFinite))
        throw wrong(name, dimension);
      return numbers as number[];
    }),
  );
}

/**
 * Reads which vertex of the model each landmark is: JSON `[17, null, …]`.
 *
 * @returns [L] vertices, −1 for null
 * @throws {Failure} when it is no list of whole numbers and nulls
 */
export function parseVertexMap(text: string, name: string): Int32Array {
  const list = json(text, name);
  const whole = (value: unknown): boolean => Number.isInteger(value) && (value as number) >= 0;
  if (Array.isArray(list) && list.every((value) => value === null || whole(value))) {
    return Int32Array.from(list, (value: number | null) => value ?? -1);
  }
  throw new Failure(
    "failed",
    "wrong-map",
    `--map ${name} must be a JSON list with a vertex of the model, or null, for each landmark.`,
  );
}

function ptsPoints(text: string): number[][] {
  const body = /\{([^}]*)\}/.exec(text)?.[1] ?? "";
  const lines = body.trim().split(/\r?\n/);
  return lines.map((line) =>
    line
      .trim()
      .split(/\s+/)
      .map((value) => Number(value) - 0.5),
  );
}

function json(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Failure("failed", "wrong-file", `${name} is no JSON that can be read.`, { cause });
  }
}

function wrong(name: string, dimension: 2 | 3): Failure {
  const one = dimension === 2 ? "[x, y]" : "[x, y, z]";
  const pts = dimension === 2 ? " or an ibug .pts file" : "";
  return new Failure(
    "failed",
    "wrong-landmarks",
    `${name} must be a JSON list of points ${one}${pts}.`,
  );
}
