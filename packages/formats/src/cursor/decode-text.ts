/** Every platform has it; the language's own type library does not. */
declare const TextDecoder: new (
  label: string,
  options: { fatal: boolean; ignoreBOM: boolean },
) => { decode(bytes: Uint8Array): string };

/** One character per byte, U+0000 to U+00FF; the platform's "latin1" is another code page. */
export function decodeLatin1(bytes: Uint8Array): string {
  let text = "";
  // A call takes its arguments on the stack, so in pieces.
  for (let i = 0; i < bytes.length; i += 8192) {
    text += String.fromCharCode(...bytes.subarray(i, i + 8192));
  }
  return text;
}

/** UTF-8; undefined when the bytes are not. Lone surrogates, which Python lets pass, become U+FFFD. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  // The platform's decoder costs more than a short name is long.
  if (bytes.length < 64 && bytes.every((byte) => byte < 128)) return String.fromCharCode(...bytes);
  // Decoders refuse shared memory.
  const own = bytes.buffer instanceof ArrayBuffer ? bytes : new Uint8Array(bytes);
  try {
    return new TextDecoder("utf-8", { fatal: !hasSurrogate(own), ignoreBOM: true }).decode(own);
  } catch {
    return undefined;
  }
}

function hasSurrogate(bytes: Uint8Array): boolean {
  for (let i = bytes.indexOf(0xed); i >= 0; i = bytes.indexOf(0xed, i + 1)) {
    if (bytes[i + 1]! >= 0xa0) return true;
  }
  return false;
}

/** The bytes of a text of U+0000 to U+00FF; undefined when it has other characters. */
export function encodeLatin1(text: string): Uint8Array | undefined {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0xff) return undefined;
    bytes[i] = code;
  }
  return bytes;
}
