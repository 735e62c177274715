import { MeshFormatError } from "./mesh-format-error.ts";
import { decodeText, excerpt, parseUnitNote } from "./text.ts";

export type PlyScalar =
  | "int8"
  | "uint8"
  | "int16"
  | "uint16"
  | "int32"
  | "uint32"
  | "float32"
  | "float64";

/** One column of an element: a scalar, or a list where `count` names the type of its length. */
export interface PlyProperty {
  readonly name: string;
  readonly type: PlyScalar;
  readonly count?: PlyScalar;
}

export interface PlyElement {
  readonly name: string;
  readonly count: number;
  readonly properties: readonly PlyProperty[];
}

export interface PlyHeader {
  readonly encoding: "ascii" | "binary_little_endian" | "binary_big_endian";
  readonly elements: readonly PlyElement[];
  readonly unit: "m" | "mm" | "none" | undefined;
  /** Byte at which the data start. */
  readonly dataStart: number;
  /** Lines of the header. */
  readonly lineCount: number;
}

/** A header is lines for people; one longer than this is not a header. */
const MAX_HEADER_BYTES = 1 << 16;

const SCALARS: Readonly<Record<string, PlyScalar>> = {
  char: "int8",
  int8: "int8",
  uchar: "uint8",
  uint8: "uint8",
  short: "int16",
  int16: "int16",
  ushort: "uint16",
  uint16: "uint16",
  int: "int32",
  int32: "int32",
  uint: "uint32",
  uint32: "uint32",
  float: "float32",
  float32: "float32",
  double: "float64",
  float64: "float64",
};

/** Reads the text that starts every PLY; says nothing yet about whether the data are there. */
export function readPlyHeader(bytes: Uint8Array): PlyHeader {
  // One character per byte, so that places in the text are places in the file.
  const text = decodeText(bytes.subarray(0, MAX_HEADER_BYTES), "ply", "latin1");
  const endOfHeader = /(?:^|\n)end_header[ \t]*(\r?\n|$)/.exec(text);
  if (!/^ply\s/.test(text)) throw new MeshFormatError("ply", 'expected "ply" first', { offset: 0 });
  if (!endOfHeader) throw new MeshFormatError("ply", 'expected "end_header"', { offset: 0 });
  const lines = text.slice(0, endOfHeader.index).split("\n");

  let encoding: PlyHeader["encoding"] | undefined;
  let unit: PlyHeader["unit"];
  const elements: (PlyElement & { properties: PlyProperty[] })[] = [];
  for (let i = 1; i < lines.length; i++) {
    const line = i + 1;
    const content = lines[i]!.trim();
    const tokens = content.split(/\s+/);
    const keyword = tokens[0];
    if (keyword === "comment" || keyword === "obj_info") unit ??= parseUnitNote(content);
    else if (keyword === "format") encoding = parseEncoding(tokens, line);
    else if (keyword === "element") elements.push(parseElement(tokens, line));
    else if (keyword === "property" && elements.length > 0) {
      elements.at(-1)!.properties.push(parseProperty(tokens, line));
    } else if (content !== "") {
      throw new MeshFormatError("ply", `unexpected "${excerpt(content)}" in the header`, { line });
    }
  }
  if (!encoding) throw new MeshFormatError("ply", "the header names no format", { line: 2 });
  const dataStart = endOfHeader.index + endOfHeader[0].length;
  return { encoding, elements, unit, dataStart, lineCount: lines.length + 1 };
}

function parseEncoding(tokens: readonly string[], line: number): PlyHeader["encoding"] {
  const [, encoding] = tokens;
  if (
    encoding === "ascii" ||
    encoding === "binary_little_endian" ||
    encoding === "binary_big_endian"
  ) {
    return encoding;
  }
  throw new MeshFormatError("ply", `unknown format "${excerpt(encoding)}"`, { line });
}

function parseElement(
  tokens: readonly string[],
  line: number,
): PlyElement & { properties: PlyProperty[] } {
  const [, name, countToken] = tokens;
  const count = countToken && /^\d+$/.test(countToken) ? Number(countToken) : Number.NaN;
  if (!name || !Number.isSafeInteger(count)) {
    throw new MeshFormatError("ply", "expected an element's name and count", { line });
  }
  return { name, count, properties: [] };
}

function parseProperty(tokens: readonly string[], line: number): PlyProperty {
  const isList = tokens[1] === "list";
  const [countToken, typeToken, name] = isList ? tokens.slice(2) : [undefined, ...tokens.slice(1)];
  const type = scalarOf(typeToken);
  const count = scalarOf(countToken);
  if (!type || !name || (isList && (!count || count.startsWith("float")))) {
    throw new MeshFormatError("ply", "expected a property's type and name", { line });
  }
  return isList && count ? { name, type, count } : { name, type };
}

function scalarOf(token: string | undefined): PlyScalar | undefined {
  return token !== undefined && Object.hasOwn(SCALARS, token) ? SCALARS[token] : undefined;
}
