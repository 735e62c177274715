import { createRandom } from "@headform/testing";
import { deflateSync } from "fflate";
import { expect, test } from "vitest";
import { inflateInto, proveDeflate } from "../../src/zip/inflate.ts";

/** Runs, words and noise, so that all kinds of blocks and distances occur. */
function makeBytes(length: number, spread: number): Uint8Array {
  const random = createRandom(length + spread);
  return Uint8Array.from({ length }, (_, i) =>
    i % 5000 < 2500 ? (i >> 6) & 0xff : Math.floor(random() ** 3 * spread),
  );
}

function prove(packed: Uint8Array, limit: number): { size: number; bytes: Uint8Array } {
  const parts: number[] = [];
  const size = proveDeflate(packed, limit, (part) => {
    for (const byte of part) parts.push(byte);
  });
  return { size, bytes: Uint8Array.from(parts) };
}

for (const level of [0, 1, 6, 9] as const) {
  for (const length of [0, 1, 7, 300, 32767, 32768, 32769, 200_000]) {
    test(`${length} bytes that fflate deflated at level ${level}`, () => {
      for (const spread of [1, 20, 256]) {
        const plain = makeBytes(length, spread);
        const packed = deflateSync(plain, { level });
        const proven = prove(packed, length);
        expect(proven.size).toBe(length);
        expect(Buffer.compare(proven.bytes, plain)).toBe(0);
        const out = new Uint8Array(length);
        expect(inflateInto(packed, out)).toBe(length);
        expect(Buffer.compare(out, plain)).toBe(0);
      }
    });
  }
}

test("what goes on beyond the limit is stopped there", () => {
  const plain = makeBytes(1000, 20);
  for (const level of [0, 6] as const) {
    const packed = deflateSync(plain, { level });
    expect(prove(packed, 999)).toEqual({ size: 1000, bytes: plain.subarray(0, 999) });
    const out = new Uint8Array(10);
    expect(inflateInto(packed, out)).toBe(11);
    expect(out).toEqual(plain.subarray(0, 10));
  }
});

test("every shorter stream is refused", () => {
  for (const level of [0, 6] as const) {
    const packed = deflateSync(makeBytes(3000, 200), { level });
    for (let end = 0; end < packed.length; end++) {
      expect(() => prove(packed.subarray(0, end), 1e6)).toThrow();
    }
  }
});
