import { type MeshFormat, MeshFormatError } from "./mesh-format-error.ts";

/** Every platform has both; the language's own type library has neither. */
declare const TextDecoder: new (label: string) => { decode(bytes: Uint8Array): string };
declare const TextEncoder: new () => { encode(text: string): Uint8Array };

/** Text longer than this does not fit a JavaScript string. */
const MAX_TEXT_BYTES = 500_000_000;

/** Bytes as text; `latin1` gives one character per byte, UTF-8 replaces what it cannot read. */
export function decodeText(
  bytes: Uint8Array,
  format: MeshFormat,
  encoding: "utf-8" | "latin1" = "utf-8",
): string {
  if (bytes.length > MAX_TEXT_BYTES) {
    throw new MeshFormatError(format, `${bytes.length} bytes of text are over ${MAX_TEXT_BYTES}`);
  }
  // Decoders of browsers refuse shared memory, so that is copied.
  const shared = Object.prototype.toString.call(bytes.buffer) === "[object SharedArrayBuffer]";
  return new TextDecoder(encoding).decode(shared ? new Uint8Array(bytes) : bytes);
}

export function encodeText(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** The shortest decimal that reads back as the same single float. */
export function formatFloat(value: number): string {
  if (Object.is(value, -0)) return "-0";
  const direct = String(value);
  if (direct.length <= 8) return direct;
  // Eight digits suffice or just do not, so the search starts there; nine always do.
  let shortest = Number(value.toPrecision(9));
  for (let digits = 8; digits >= 6; digits--) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) !== value) break;
    shortest = short;
  }
  return String(shortest);
}

/** A finite single float from text, or an error that names the line. */
export function parseFloat32(token: string | undefined, format: MeshFormat, line: number): number {
  const value = token === undefined || token === "" ? Number.NaN : Math.fround(Number(token));
  if (!Number.isFinite(value)) {
    throw new MeshFormatError(format, `expected a number, got "${excerpt(token)}"`, { line });
  }
  return value;
}

/** A piece of a hostile file that is fit for a message. */
export function excerpt(text: string | undefined): string {
  const start = (text ?? "").slice(0, 40);
  return JSON.stringify(start).slice(1, -1);
}

/** The unit that the writers of this package note in a comment or header. */
export function parseUnitNote(text: string): "m" | "mm" | "none" | undefined {
  return /(?:^|\s)unit (m|mm|none)(?:\s|$)/.exec(text)?.[1] as "m" | "mm" | "none" | undefined;
}

/** A name that goes into one line of a text file. */
export function checkLine(text: string | undefined, what: string, caller: string): void {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
  if (text !== undefined && (text === "" || /[\u0000-\u001f\u007f]/.test(text))) {
    throw new RangeError(
      `${caller}: expected ${what} without control characters, got "${excerpt(text)}"`,
    );
  }
}
