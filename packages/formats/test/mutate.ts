/** Numbers that lengths, counts and offsets break on. */
const NASTY = [0, 1, 0x7f, 0x80, 0xff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff];

/**
 * One damaged copy of a file: flipped bits, bytes and lengths overwritten, pieces cut out, doubled,
 * swapped for others of the same file, or the end missing. One to four wounds.
 */
export function mutate(file: Uint8Array, random: () => number): Uint8Array<ArrayBuffer> {
  let bytes = new Uint8Array(file);
  const wounds = 1 + Math.floor(random() * 4);
  for (let k = 0; k < wounds; k++) bytes = wound(bytes, random);
  return bytes;
}

function wound(bytes: Uint8Array<ArrayBuffer>, random: () => number): Uint8Array<ArrayBuffer> {
  const below = (limit: number): number => Math.floor(random() * limit);
  if (bytes.length === 0) return Uint8Array.of(below(256));
  const at = below(bytes.length);
  const end = Math.min(bytes.length, at + 1 + below(16));
  switch (below(8)) {
    case 0:
      bytes[at]! ^= 1 << below(8);
      return bytes;
    case 1:
      bytes[at] = below(256);
      return bytes;
    case 2: {
      if (at + 4 > bytes.length) return bytes;
      const value = NASTY[below(NASTY.length)]!;
      new DataView(bytes.buffer).setUint32(at, value, random() < 0.8);
      return bytes;
    }
    case 3:
      return bytes.slice(0, at);
    case 4:
      return joined(bytes.subarray(0, at), bytes.subarray(end));
    case 5:
      return joined(bytes.subarray(0, end), bytes.subarray(at));
    case 6:
      bytes.copyWithin(below(bytes.length), at, end);
      return bytes;
    default: {
      const noise = Uint8Array.from({ length: 1 + below(8) }, () => below(256));
      return joined(joined(bytes.subarray(0, at), noise), bytes.subarray(at));
    }
  }
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
