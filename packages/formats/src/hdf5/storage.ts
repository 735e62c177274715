import { broken, checkSpan, readUint8, readUint16, readUint32 } from "../file-view.ts";
import { type Hdf5File, readAddress, readLength, readSized } from "./hdf5-file.ts";
import { MESSAGE, type Message } from "./object-header.ts";

export interface Filter {
  readonly id: number;
  readonly values: readonly number[];
}

/** How chunks are found. */
export type ChunkIndex =
  | "tree"
  | "single"
  | "implicit"
  | "fixed-array"
  | "extensible-array"
  | "tree-2";

/** Where a dataset's bytes are. */
export type Storage =
  | {
      readonly kind: "span";
      readonly at: number;
      readonly length: number;
      readonly fill: Uint8Array;
    }
  | { readonly kind: "nothing"; readonly fill: Uint8Array }
  | {
      readonly kind: "chunks";
      readonly index: ChunkIndex;
      readonly address: number | undefined;
      /** Elements along each axis of a chunk. */
      readonly chunk: readonly number[];
      readonly elementSize: number;
      readonly filters: readonly Filter[];
      /** Stored size of a filtered single chunk, and the filters it skips. */
      readonly single?: { readonly size: number; readonly mask: number };
      readonly fill: Uint8Array;
    };

/** The layout, filter and fill value messages of a dataset. */
export function readStorage(
  file: Hdf5File,
  messages: readonly Message[],
  address: number,
): Storage {
  const find = (type: number): Message | undefined => messages.find((m) => m.type === type);
  if (find(MESSAGE.externalFiles)) throw broken(file, "data in other files are not read", address);
  const layout = find(MESSAGE.layout);
  if (!layout) throw broken(file, "a dataset without layout", address);
  const fill = readFill(file, find(MESSAGE.fillValue));
  const filterMessage = find(MESSAGE.filters);
  const filters = filterMessage ? readFilters(file, filterMessage) : [];
  const { at } = layout;
  const version = readUint8(file, at);
  if (version < 1 || version > 4) throw broken(file, `a layout of version ${version}`, at);
  const layoutClass = readUint8(file, at + (version < 3 ? 2 : 1));
  if (version < 3) return readOldLayout(file, at, layoutClass, filters, fill);

  if (layoutClass === 0) {
    const length = readUint16(file, at + 2);
    checkSpan(file, at + 4, length);
    return { kind: "span", at: at + 4, length, fill };
  }
  if (layoutClass === 1) {
    const span = readAddress(file, at + 2);
    if (span === undefined) return { kind: "nothing", fill };
    const length = readLength(file, at + 2 + file.offsetSize);
    checkSpan(file, span, length);
    return { kind: "span", at: span, length, fill };
  }
  if (layoutClass !== 2) throw broken(file, `a layout of class ${layoutClass} is not read`, at);

  if (version === 3) {
    const rank = checkRank(file, readUint8(file, at + 2), at);
    const sizes = at + 3 + file.offsetSize;
    return {
      kind: "chunks",
      index: "tree",
      address: readAddress(file, at + 3),
      chunk: Array.from({ length: rank }, (_, i) => readUint32(file, sizes + 4 * i)),
      elementSize: readUint32(file, sizes + 4 * rank),
      filters,
      fill,
    };
  }
  // Version 4: sizes of their own width, and an index of one of five kinds.
  const flags = readUint8(file, at + 2);
  const rank = checkRank(file, readUint8(file, at + 3), at);
  const width = readUint8(file, at + 4);
  if (![1, 2, 4, 8].includes(width)) throw broken(file, `sizes of ${width} bytes`, at);
  const sizes = Array.from({ length: rank + 1 }, (_, i) =>
    readSized(file, at + 5 + width * i, width),
  );
  const kind = readUint8(file, at + 5 + width * (rank + 1));
  const kinds = ["", "single", "implicit", "fixed-array", "extensible-array", "tree-2"] as const;
  const index = kinds[kind];
  if (!index) throw broken(file, `a chunk index of kind ${kind}`, at);
  let next = at + 6 + width * (rank + 1);
  let single: { size: number; mask: number } | undefined;
  if (index === "single" && flags & 2) {
    single = { size: readLength(file, next), mask: readUint32(file, next + file.lengthSize) };
    next += file.lengthSize + 4;
  }
  next += { single: 0, implicit: 0, "fixed-array": 1, "extensible-array": 5, "tree-2": 6 }[index];
  return {
    kind: "chunks",
    index,
    address: readAddress(file, next),
    chunk: sizes.slice(0, rank),
    elementSize: sizes[rank],
    filters,
    ...(single && { single }),
    fill,
  };
}

function readOldLayout(
  file: Hdf5File,
  at: number,
  layoutClass: number,
  filters: readonly Filter[],
  fill: Uint8Array,
): Storage {
  const dimensions = readUint8(file, at + 1);
  const sizes = at + 8 + (layoutClass === 0 ? 0 : file.offsetSize);
  const last = sizes + 4 * dimensions;
  if (layoutClass === 0) {
    const length = readUint32(file, last);
    checkSpan(file, last + 4, length);
    return { kind: "span", at: last + 4, length, fill };
  }
  const address = readAddress(file, at + 8);
  const numbers = Array.from({ length: dimensions }, (_, i) => readUint32(file, sizes + 4 * i));
  if (layoutClass === 1) {
    if (address === undefined) return { kind: "nothing", fill };
    // The length is the dataset's; what follows is checked when it is read.
    return { kind: "span", at: address, length: file.bytes.length - address, fill };
  }
  if (layoutClass !== 2) throw broken(file, `a layout of class ${layoutClass} is not read`, at);
  const rank = checkRank(file, dimensions, at);
  const elementSize = readUint32(file, last - 4);
  const chunk = numbers.slice(0, rank);
  return { kind: "chunks", index: "tree", address, chunk, elementSize, filters, fill };
}

/** The rank of a dataset whose layout counts the element's size as an axis. */
function checkRank(file: Hdf5File, dimensions: number, at: number): number {
  if (dimensions < 2 || dimensions > 33) throw broken(file, `chunks of ${dimensions} axes`, at);
  return dimensions - 1;
}

function readFill(file: Hdf5File, message: Message | undefined): Uint8Array {
  if (!message) return new Uint8Array(0);
  const { at, length } = message;
  const version = readUint8(file, at);
  const defined =
    version < 3 ? readUint8(file, at + 3) === 1 : (readUint8(file, at + 1) & 0x20) !== 0;
  const sizeAt = at + (version < 3 ? 4 : 2);
  if (!defined || sizeAt + 4 > at + length) return new Uint8Array(0);
  const size = readUint32(file, sizeAt);
  checkSpan(file, sizeAt + 4, size);
  return file.bytes.subarray(sizeAt + 4, sizeAt + 4 + size);
}

function readFilters(file: Hdf5File, message: Message): Filter[] {
  const version = readUint8(file, message.at);
  const count = readUint8(file, message.at + 1);
  if (version !== 1 && version !== 2) {
    throw broken(file, `a filter pipeline of version ${version}`, message.at);
  }
  let at = message.at + (version === 1 ? 8 : 2);
  return Array.from({ length: count }, () => {
    const id = readUint16(file, at);
    const named = version === 1 || id >= 256;
    const nameLength = named ? readUint16(file, at + 2) : 0;
    const rest = at + (named ? 4 : 2);
    const valueCount = readUint16(file, rest + 2);
    const start = rest + 4 + (version === 1 ? 8 * Math.ceil(nameLength / 8) : nameLength);
    if (start + 4 * valueCount > message.at + message.length) {
      throw broken(file, "a filter ends beyond its message", at);
    }
    const values = Array.from({ length: valueCount }, (_, i) => readUint32(file, start + 4 * i));
    at = start + 4 * (version === 1 ? 2 * Math.ceil(valueCount / 2) : valueCount);
    return { id, values };
  });
}
