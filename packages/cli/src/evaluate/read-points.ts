import { extname } from "node:path";
import { Failure } from "../failure.ts";
import { parsePoints } from "../parse-fit-options.ts";
import { findPoints } from "../parse-options.ts";
import { readBytes } from "../read-bytes.ts";

/** Files that hold landmarks. */
export const POINT_ENDINGS: readonly string[] = [".json", ".pts", ".txt", ".pp"];

/**
 * Reads landmarks: JSON (`[[x, y], …]`, `{"landmarks68": …}`, what `--json` printed), ibug `.pts`
 * (2D, pixel indices from 1), `.txt` with a point per line, MeshLab's `.pp`.
 *
 * @returns [L×dimension]
 * @throws {Failure} when the file cannot be read or does not hold points of that dimension
 */
export async function readPoints(
  file: string,
  cwd: string,
  dimension: 2 | 3,
): Promise<Float64Array> {
  const text = new TextDecoder().decode(await readBytes(file, cwd));
  const ending = extname(file).toLowerCase();
  if (ending === ".txt") return points(file, dimension, rowsOf(text));
  if (ending === ".pp") return points(file, dimension, pickedPoints(text));
  if (ending === ".pts" && dimension === 2) return parsePoints(text, file, 2);
  return points(file, dimension, findPoints(json(text, file)));
}

function points(file: string, dimension: 2 | 3, list: readonly unknown[]): Float64Array {
  const rows = list.map((point) => (Array.isArray(point) ? point.slice(0, dimension) : []));
  const bad = rows.findIndex((row) => row.length < dimension || !row.every(Number.isFinite));
  if (rows.length === 0 || bad >= 0) {
    throw new Failure(
      "failed",
      "wrong-landmarks",
      `${file} holds ${rows.length === 0 ? "no points" : `no ${dimension} numbers for point ${bad}`}; ` +
        `landmarks of ${dimension} coordinates are needed.`,
    );
  }
  return Float64Array.from(rows.flat() as number[]);
}

function rowsOf(text: string): number[][] {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== "");
  return lines.map((line) =>
    line
      .trim()
      .split(/[\s,]+/)
      .map(Number),
  );
}

/** `<point x="…" y="…" z="…" …/>`, the attributes in any order. */
function pickedPoints(text: string): number[][] {
  return [...text.matchAll(/<point\b[^>]*>/g)].map(([element]) =>
    ["x", "y", "z"].map((axis) =>
      Number(new RegExp(`\\s${axis}="([^"]*)"`).exec(element)?.[1] ?? Number.NaN),
    ),
  );
}

function json(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Failure("failed", "wrong-file", `${file} is no JSON that can be read.`, { cause });
  }
}
