import { decodeLatin1 } from "../cursor/decode-text.ts";

const BACKSLASH = 0x5c;

/** The character after a backslash → the byte meant, as in Python's own literals. */
const SIMPLE: ReadonlyMap<number, number> = new Map(
  ([..."\\'\"abfnrtv"] as const).map((letter, i) => [
    letter.charCodeAt(0),
    [0x5c, 0x27, 0x22, 7, 8, 12, 10, 13, 9, 11][i]!,
  ]),
);

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
    const simple = SIMPLE.get(letter);
    if (simple !== undefined) {
      out[length++] = simple;
    } else if (letter === 0x78) {
      // \x and two digits
      const code = parseHex(inner, i + 1, 2);
      if (code === undefined) return undefined;
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

function parseHex(bytes: Uint8Array, at: number, count: number): number | undefined {
  const digits = decodeLatin1(bytes.subarray(at, at + count));
  return /^[\da-fA-F]{2}$/.test(digits) ? Number.parseInt(digits, 16) : undefined;
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
