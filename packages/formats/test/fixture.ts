import { readFileSync } from "node:fs";
import { type FormatError, isFormatError } from "@headform/formats";
import { createRandom } from "@headform/testing";
import { expect } from "vitest";
import { mutate } from "./mutate.ts";

/** The bytes of a file that the ecosystem's own writers made; see the scripts beside it. */
export function fixture(name: string): Uint8Array {
  return readFileSync(new URL(`fixtures/${name}`, import.meta.url));
}

/** The FormatError of reading; anything else fails the test. */
export function errorOf(read: () => unknown): FormatError {
  try {
    read();
  } catch (error) {
    if (isFormatError(error)) return error;
    throw error;
  }
  throw new Error("expected a FormatError, got a result");
}

/** A reader takes 200 damaged copies of a file: each gives a value or a FormatError, within a second. */
export function expectToSurvive(
  read: (bytes: Uint8Array) => unknown,
  file: Uint8Array,
  seed: number,
): void {
  const random = createRandom(seed);
  let failed = 0;
  let slowest = 0;
  for (let k = 0; k < 200; k++) {
    const bytes = mutate(file, random);
    const start = process.cpuUsage();
    try {
      read(bytes);
    } catch (error) {
      if (!isFormatError(error)) throw new Error(`case ${k} of seed ${seed}`, { cause: error });
      failed++;
    }
    slowest = Math.max(slowest, process.cpuUsage(start).user);
  }
  // Processor time, which a busy machine does not change: a second.
  expect(slowest).toBeLessThan(1e6);
  // Damage that no case notices would mean that nothing is checked.
  expect(failed).toBeGreaterThan(20);
}

/** A file cut off at any of a hundred places is refused. */
export function expectToRefuseTruncated(
  read: (bytes: Uint8Array) => unknown,
  file: Uint8Array,
): void {
  const step = Math.max(1, Math.floor(file.length / 100));
  for (let length = 0; length < file.length; length += step) {
    errorOf(() => read(file.subarray(0, length)));
  }
}
