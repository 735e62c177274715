import { isFormatError } from "@headform/formats";
import fc from "fast-check";
import { expect } from "vitest";

/** One wound: what is done to a range of the file, places as fractions of its length. */
type Wound =
  | { readonly kind: "truncate"; readonly at: number }
  | { readonly kind: "flip"; readonly at: number; readonly masks: Uint8Array }
  | { readonly kind: "insert"; readonly at: number; readonly noise: Uint8Array }
  | { readonly kind: "duplicate" | "cut"; readonly at: number; readonly length: number };

const at = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const length = fc.integer({ min: 1, max: 64 });
const wound: fc.Arbitrary<Wound> = fc.oneof(
  fc.record({ kind: fc.constant("truncate" as const), at }),
  fc.record({
    kind: fc.constant("flip" as const),
    at,
    masks: fc.uint8Array({ minLength: 1, maxLength: 16 }),
  }),
  fc.record({
    kind: fc.constant("insert" as const),
    at,
    noise: fc.uint8Array({ minLength: 1, maxLength: 32 }),
  }),
  fc.record({ kind: fc.constantFrom("duplicate" as const, "cut" as const), at, length }),
);

function hurt(bytes: Uint8Array, wound: Wound): Uint8Array {
  const start = Math.floor(wound.at * bytes.length);
  switch (wound.kind) {
    case "truncate":
      return bytes.slice(0, start);
    case "flip":
      return bytes.map((byte, i) => byte ^ (wound.masks[i - start] ?? 0));
    case "insert":
      return Buffer.concat([bytes.subarray(0, start), wound.noise, bytes.subarray(start)]);
    case "duplicate":
      return Buffer.concat([bytes.subarray(0, start + wound.length), bytes.subarray(start)]);
    case "cut":
      return Buffer.concat([bytes.subarray(0, start), bytes.subarray(start + wound.length)]);
  }
}

/**
 * A reader takes 200 files that fast-check damages, and shrinks to the smallest damage where one
 * fails: each gives a value or a FormatError, within a second. The seed stands in what it prints.
 */
export function expectValueOrFormatError(
  read: (bytes: Uint8Array) => unknown,
  file: Uint8Array,
  seed: number,
): void {
  let refused = 0;
  fc.assert(
    fc.property(fc.array(wound, { minLength: 1, maxLength: 4 }), (wounds) => {
      const bytes = new Uint8Array(wounds.reduce(hurt, file));
      const start = process.cpuUsage();
      try {
        read(bytes);
      } catch (error) {
        if (!isFormatError(error)) throw error;
        refused++;
      }
      // Processor time, which a busy machine does not change.
      expect(process.cpuUsage(start).user).toBeLessThan(1e6);
    }),
    { seed, numRuns: 200 },
  );
  // Damage that no case notices would mean that nothing is checked.
  expect(refused).toBeGreaterThan(20);
}
