import { decodeLatin1 } from "../cursor/decode-text.ts";

const BACKSLASH = 0x5c;

/** The character after a backslash → the byte meant, as in Python's own literals; 0 for others. */
const SIMPLE: Uint8Array = /* @__PURE__ */ makeSimple();

/** The bytes of a quoted literal of Python 2, quotes and all; undefined when it is none. */
export function unescapeBytes(line: Uint8Array): Uint8Array | undefined {
  const end = trimmedLength(line);
  const quote = line[0];
  if (end < 2 || (quote !== 0x27 && quote !== 0x22) || line[end - 1] !== quote) return undefined;
  const inner = line.subarray(1, end - 1);
  if (!inner.includes(BACKSLASH)) return inner;

  const out = new Uint8Array(inner.length);
  let length = 0;
  for (let i = 0; i < inner.length; i++) {
    if (inner[i] !== BACKSLASH) {
      out[length++] = inner[i]!;
      continue;
    }
    const letter = inner[++i];
    if (letter === undefined) return undefined;
    const simple = SIMPLE[letter]!;
    if (simple !== 0) {
      out[length++] = simple;
    } else if (letter === 0x78) {
      // \x and two digits
      const code = 16 * hexDigit(inner[i + 1]) + hexDigit(inner[i + 2]);
      if (Number.isNaN(code)) return undefined;
      out[length++] = code;
      i += 2;
    } else if (isOctal(letter)) {
      let code = 0;
      let digits = 0;
      while (digits < 3 && isOctal(inner[i + digits]))
        code = code * 8 + inner[i + digits++]! - 0x30;
      out[length++] = code & 0xff;
      i += digits - 1;
    } else {
      out[length++] = BACKSLASH;
      out[length++] = letter;
    }
  }
  return out.subarray(0, length);
}

/** Text of protocol 0: Latin-1 in which only \uXXXX and \UXXXXXXXX are escapes. */
export function unescapeText(line: Uint8Array): string {
  if (!line.includes(BACKSLASH)) return decodeLatin1(line);
  return decodeLatin1(line).replace(
    /\\u([\da-fA-F]{4})|\\U(0010[\da-fA-F]{4}|000[\da-fA-F]{5})/g,
    (_, short: string | undefined, long: string | undefined) =>
      String.fromCodePoint(Number.parseInt(short ?? long!, 16)),
  );
}

function makeSimple(): Uint8Array {
  const table = new Uint8Array(256);
  const letters = "\\'\"abfnrtv";
  const meanings = [0x5c, 0x27, 0x22, 7, 8, 12, 10, 13, 9, 11];
  for (let i = 0; i < letters.length; i++) table[letters.charCodeAt(i)] = meanings[i]!;
  return table;
}

/** NaN for anything that is no digit. */
function hexDigit(byte: number | undefined): number {
  if (byte === undefined) return Number.NaN;
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : Number.NaN;
}

function isOctal(byte: number | undefined): byte is number {
  return byte !== undefined && byte >= 0x30 && byte <= 0x37;
}

/** Length without the white space at the end, which editors and CRLF transfers leave. */
function trimmedLength(line: Uint8Array): number {
  let end = line.length;
  while (end > 0 && line[end - 1]! <= 0x20) end--;
  return end;
}
