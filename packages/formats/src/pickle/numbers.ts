import { decodeLatin1 } from "../cursor/decode-text.ts";

/** A decimal integer, Python 2's `L` at its end allowed; undefined when it is none or is too long. */
export function decodeDecimal(line: Uint8Array): number | bigint | undefined {
  // Wider than any number in use; converting decimals takes more than linear time.
  if (line.length > 8192) return undefined;
  const text = decodeLatin1(line).trim();
  return /^[+-]?\d+L?$/.test(text) ? narrow(BigInt(text.replace(/^\+|L$/g, ""))) : undefined;
}

/** Two's complement, least significant byte first; no byte is 0. */
export function decodeLong(bytes: Uint8Array): number | bigint {
  if (bytes.length <= 6) {
    let value = 0;
    for (let i = bytes.length - 1; i >= 0; i--) value = value * 256 + bytes[i]!;
    return bytes.length > 0 && bytes.at(-1)! >= 128 ? value - 256 ** bytes.length : value;
  }
  let hex = "";
  for (const byte of bytes) hex = byte.toString(16).padStart(2, "0") + hex;
  return narrow(BigInt.asIntN(bytes.length * 8, BigInt(`0x${hex}`)));
}

/** A float as Python prints it; undefined when it is none. */
export function parseFloatLine(line: Uint8Array): number | undefined {
  if (line.length > 1024) return undefined;
  const text = decodeLatin1(line).trim().toLowerCase();
  const special = /^([+-]?)(inf|infinity|nan)$/.exec(text);
  if (special) {
    const value = special[2] === "nan" ? Number.NaN : Number.POSITIVE_INFINITY;
    return special[1] === "-" ? -value : value;
  }
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/.test(text) ? Number(text) : undefined;
}

/** As a number where that is exact. */
export function narrow(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
