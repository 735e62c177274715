/** Base and extra bits of the length symbols from 257 on, RFC 1951 section 3.2.5. */
const LENGTH_BASE = [
  3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131,
  163, 195, 227, 258,
];
const LENGTH_EXTRA = [
  0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0,
];
/** Base and extra bits of the distance symbols. */
const DISTANCE_BASE = [
  1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049,
  3073, 4097, 6145, 8193, 12289, 16385, 24577,
];
const DISTANCE_EXTRA = [
  0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13,
];
/** The order in which a block tells the lengths of its length code. */
const ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/** Codes up to this long are looked up, longer ones walked bit by bit. */
const FAST = 10;
const FAST_MASK = (1 << FAST) - 1;

/** A prefix code: `fast` has symbol · 16 + length by the next bits, 0 where the code is longer. */
interface Code {
  readonly fast: Uint16Array;
  readonly counts: Uint16Array;
  readonly symbols: Uint16Array;
}

interface Scratch {
  readonly literals: Code;
  readonly distances: Code;
  readonly lengths: Uint8Array;
  readonly window: Uint8Array;
}

/** Scratch of 40 kB for whichever stream is being read: reading never yields. */
const SCRATCH: Scratch = /* @__PURE__ */ createScratch();

/**
 * Size and running checksum of what a deflate stream stands for, in constant memory.
 *
 * @param limit size at which to stop
 * @param take is given the result piece by piece; the pieces are overwritten
 * @returns the size, `limit + 1` where there is more
 * @throws {Error} when the stream is not deflate's, or ends early
 */
export function proveDeflate(
  packed: Uint8Array,
  limit: number,
  take: (part: Uint8Array) => void,
): number {
  const { window } = SCRATCH;
  const size = decode(packed, window, window.length - 1, limit, take);
  const rest = Math.min(size, limit) & (window.length - 1);
  if (rest > 0) take(window.subarray(0, rest));
  return size;
}

/**
 * Unpacks a deflate stream (RFC 1951) into `out`, until it is full.
 *
 * @returns the size, `out.length + 1` where there is more
 * @throws {Error} when the stream is not deflate's, or ends early
 */
export function inflateInto(packed: Uint8Array, out: Uint8Array): number {
  return decode(packed, out, -1, out.length);
}

/** Writes byte n at `n & mask`; where that is a ring, `take` gets it each time it is full. */
function decode(
  packed: Uint8Array,
  out: Uint8Array,
  mask: number,
  limit: number,
  take?: (part: Uint8Array) => void,
): number {
  const { literals, distances } = SCRATCH;
  const end = packed.length;
  let at = 0;
  let hold = 0;
  let held = 0;
  let n = 0;
  // A code may be looked up with two bytes of zeros past the end, but not use them.
  const fill = (count: number): void => {
    for (; held < count; held += 8) {
      if (at < end) hold |= packed[at] << held;
      else if (at > end + 2) throw new Error("deflate data end early");
      at++;
    }
  };
  const bits = (count: number): number => {
    fill(count);
    const value = hold & ((1 << count) - 1);
    hold >>>= count;
    held -= count;
    if (at - (held >> 3) > end) throw new Error("deflate data end early");
    return value;
  };
  const symbol = (code: Code): number => {
    fill(15);
    const entry = code.fast[hold & FAST_MASK] || walk(code, hold);
    hold >>>= entry & 15;
    held -= entry & 15;
    return entry >> 4;
  };

  for (let final = 0; final === 0; ) {
    final = bits(1);
    const type = bits(2);
    if (type === 3) throw new Error("a deflate block of no known type");
    if (type === 0) {
      bits(held & 7);
      const length = bits(16);
      if ((bits(16) ^ length) !== 0xffff) throw new Error("a stored block contradicts its length");
      for (let k = 0; k < length; k++) {
        if (n >= limit) return limit + 1;
        out[n++ & mask] = bits(8);
        if ((n & mask) === 0) take?.(out);
      }
      continue;
    }
    if (type === 1) setFixedCodes();
    else readCodes(bits, symbol);
    for (;;) {
      const literal = symbol(literals);
      if (literal < 256) {
        if (n >= limit) return limit + 1;
        out[n++ & mask] = literal;
        if ((n & mask) === 0) take?.(out);
        continue;
      }
      if (at - (held >> 3) > end) throw new Error("deflate data end early");
      if (literal === 256) break;
      const l = literal - 257;
      if (l >= LENGTH_BASE.length) throw new Error("a length of no known meaning");
      const stop = n + LENGTH_BASE[l] + bits(LENGTH_EXTRA[l]);
      const d = symbol(distances);
      if (d >= DISTANCE_BASE.length) throw new Error("a distance of no known meaning");
      const distance = DISTANCE_BASE[d] + bits(DISTANCE_EXTRA[d]);
      if (distance > n) throw new Error("a distance beyond the start");
      for (const last = Math.min(stop, limit); n < last; ) {
        const to = n & mask;
        const from = (n - distance) & mask;
        // Up to where either comes to the end of the ring.
        const run = Math.min(last - n, out.length - Math.max(to, from));
        repeat(out, to, from, run, distance);
        n += run;
        if ((n & mask) === 0) take?.(out);
      }
      if (stop > limit) return limit + 1;
    }
  }
  return n;
}

/** Copies `run` bytes that lie `distance` before; where that is nearer, they repeat. */
function repeat(out: Uint8Array, to: number, from: number, run: number, distance: number): void {
  // The engine's own verbs take 64 MB of zeros through in a quarter of the time; short runs are the rule.
  if (run < 24 || (distance > 1 && distance < run)) {
    for (let i = 0; i < run; i++) out[to + i] = out[from + i];
  } else if (distance === 1) out.fill(out[from], to, to + run);
  else out.copyWithin(to, from, from + run);
}

/** Symbol · 16 + length of a code longer than the table's. */
function walk({ counts, symbols }: Code, hold: number): number {
  let code = 0;
  let first = 0;
  let index = 0;
  for (let length = 1; length <= 15; length++) {
    code |= (hold >>> (length - 1)) & 1;
    const count = counts[length];
    if (code - first < count) return symbols[index + code - first] * 16 + length;
    index += count;
    first = (first + count) << 1;
    code <<= 1;
  }
  throw new Error("a code of no known meaning");
}

/** Codes by the lengths of their words, RFC 1951 section 3.2.2. */
function setCode({ fast, counts, symbols }: Code, lengths: Uint8Array): void {
  counts.fill(0);
  fast.fill(0);
  for (const length of lengths) counts[length]++;
  counts[0] = 0;
  let room = 1;
  let index = 0;
  let code = 0;
  for (let length = 1; length <= 15; length++) {
    room = 2 * room - counts[length];
    if (room < 0) throw new Error("more codes than there is room for");
    code <<= 1;
    if (counts[length] === 0) continue;
    for (let s = 0; s < lengths.length; s++) {
      if (lengths[s] !== length) continue;
      symbols[index++] = s;
      if (length <= FAST) {
        let start = 0;
        for (let k = 0; k < length; k++) start |= ((code >> k) & 1) << (length - 1 - k);
        for (let k = start; k <= FAST_MASK; k += 1 << length) fast[k] = s * 16 + length;
      }
      code++;
    }
  }
}

function setFixedCodes(): void {
  const { literals, distances, lengths } = SCRATCH;
  lengths.fill(8, 0, 144).fill(9, 144, 256).fill(7, 256, 280).fill(8, 280, 288);
  setCode(literals, lengths.subarray(0, 288));
  setCode(distances, lengths.fill(5, 0, 30).subarray(0, 30));
}

/** The codes that a block brings along, RFC 1951 section 3.2.7. */
function readCodes(bits: (count: number) => number, symbol: (code: Code) => number): void {
  const { literals, distances, lengths } = SCRATCH;
  const literalCount = bits(5) + 257;
  const total = literalCount + bits(5) + 1;
  const told = bits(4) + 4;
  lengths.fill(0, 0, 19);
  for (let k = 0; k < told; k++) lengths[ORDER[k]] = bits(3);
  setCode(literals, lengths.subarray(0, 19));
  for (let k = 0; k < total; ) {
    const s = symbol(literals);
    if (s < 16) {
      lengths[k++] = s;
      continue;
    }
    if (s === 16 && k === 0) throw new Error("a length repeated before the first");
    const length = s === 16 ? lengths[k - 1] : 0;
    const stop = k + (s === 16 ? 3 + bits(2) : s === 17 ? 3 + bits(3) : 11 + bits(7));
    if (stop > total) throw new Error("more lengths than codes");
    lengths.fill(length, k, stop);
    k = stop;
  }
  setCode(literals, lengths.subarray(0, literalCount));
  setCode(distances, lengths.subarray(literalCount, total));
}

function createScratch(): Scratch {
  const createCode = (): Code => ({
    fast: new Uint16Array(1 << FAST),
    counts: new Uint16Array(16),
    symbols: new Uint16Array(320),
  });
  return {
    literals: createCode(),
    distances: createCode(),
    lengths: new Uint8Array(320),
    window: new Uint8Array(32768),
  };
}
