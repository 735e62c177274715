import { Failure } from "./failure.ts";

/** Samples that a volume may have: a gigabyte of floats. */
const MAX_SAMPLES = 2 ** 28;

/**
 * Reads `x,y,z` sizes.
 *
 * @throws {Failure} usage, when it is not three whole numbers from 1, or they are too many samples
 */
export function parseDims(text: string): readonly [number, number, number] {
  const dims = parseTriple(text);
  if (!dims?.every((size) => Number.isSafeInteger(size) && size >= 1)) {
    throw wrong(
      "dims",
      `--dims expects three whole numbers x,y,z, such as 192,192,200; got "${text}".`,
    );
  }
  const samples = dims[0] * dims[1] * dims[2];
  if (samples > MAX_SAMPLES) {
    throw wrong("dims", `--dims ${text} are ${samples} samples; ${MAX_SAMPLES} are the most.`);
  }
  return dims;
}

/**
 * Reads `x,y,z` distances between samples.
 *
 * @throws {Failure} usage, when it is not three numbers above 0
 */
export function parseSpacing(text: string): readonly [number, number, number] {
  const spacing = parseTriple(text);
  if (!spacing?.every((step) => step > 0 && step < Infinity)) {
    throw wrong(
      "spacing",
      `--spacing expects three numbers above 0, such as 1,1,0.5; got "${text}".`,
    );
  }
  return spacing;
}

/**
 * Reads a finite number, within bounds.
 *
 * @throws {Failure} usage, when it is none, or out of bounds
 */
export function parseNumber(
  text: string,
  name: string,
  low: number = -Number.MAX_VALUE,
  high: number = Number.MAX_VALUE,
): number {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (value >= low && value <= high) return value;
  const bounds = high === Number.MAX_VALUE ? "a number" : `a number from ${low} to ${high}`;
  throw wrong(name, `--${name} expects ${bounds}; got "${text}".`);
}

function parseTriple(text: string): [number, number, number] | undefined {
  const numbers = text.split(",").map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
  return numbers.length === 3 ? (numbers as [number, number, number]) : undefined;
}

function wrong(name: string, message: string): Failure {
  return new Failure("usage", `wrong-${name}`, message);
}
