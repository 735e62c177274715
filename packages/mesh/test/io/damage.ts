import { isMeshFormatError } from "@headform/mesh/io";
import fc from "fast-check";
import { expect } from "vitest";

/** The MeshFormatError that a call throws; anything else is thrown on. */
export function formatErrorOf(call: () => unknown): Error {
  try {
    call();
  } catch (error) {
    if (isMeshFormatError(error)) return error;
    throw error;
  }
  throw new Error("expected a MeshFormatError, got a result");
}

/** Cuts files short and changes bytes of them; the reader must accept or throw a MeshFormatError. */
export async function expectSafeOnDamage(
  file: Uint8Array,
  read: (bytes: Uint8Array) => unknown,
  seed: number,
  runs = 200,
): Promise<void> {
  const flip = fc.tuple(fc.nat(file.length - 1), fc.nat(255));
  const damage = fc.tuple(fc.array(flip, { maxLength: 4 }), fc.nat(file.length));
  await fc.assert(
    fc.asyncProperty(damage, async ([flips, length]) => {
      const bytes = file.slice(0, flips.length > 0 ? file.length : length);
      for (const [at, value] of flips) bytes[at] = value;
      const start = performance.now();
      try {
        await read(bytes);
      } catch (error) {
        if (!isMeshFormatError(error)) throw error;
      }
      // These files are a few kilobytes: a second would be a loop over a claimed size.
      expect(performance.now() - start).toBeLessThan(1000);
    }),
    { seed, numRuns: runs },
  );
}
