import { broken, checkSpan, readLatin1, readUint8, readUint16, readUint32 } from "../file-view.ts";
import {
  expectAddress,
  expectSignature,
  type Hdf5File,
  readAddress,
  readLength,
  readSized,
  spend,
} from "./hdf5-file.ts";
import { MESSAGE, type Message } from "./object-header.ts";

/** Every platform has it; the language's own type library does not. */
declare const TextDecoder: new () => { decode(bytes: Uint8Array): string };

/** Longer names are not honest. */
const MAX_NAME = 1024;

/** Names and header addresses of a group's members; a group of neither kind of links is empty. */
export function readLinks(file: Hdf5File, messages: readonly Message[]): [string, number][] {
  const links: [string, number][] = [];
  for (const message of messages) {
    if (message.type === MESSAGE.symbolTable) {
      const tree = expectAddress(file, message.at, "a symbol table");
      const heap = readLocalHeap(file, expectAddress(file, message.at + file.offsetSize, "a heap"));
      walkSymbols(file, tree, heap, links);
    } else if (message.type === MESSAGE.linkInfo) {
      const flags = readUint8(file, message.at + 1);
      const heap = readAddress(file, message.at + 2 + (flags & 1 ? 8 : 0));
      if (heap !== undefined) {
        throw broken(file, "links in a fractal heap (groups of many members) are not read", heap);
      }
    } else if (message.type === MESSAGE.link) {
      const link = readLink(file, message);
      if (link) links.push(link);
    }
  }
  return links;
}

function readLink(file: Hdf5File, { at, length }: Message): [string, number] | undefined {
  const flags = readUint8(file, at + 1);
  let next = at + 2;
  const hard = flags & 0x08 ? readUint8(file, next++) === 0 : true;
  if (flags & 0x04) next += 8;
  if (flags & 0x10) next += 1;
  const width = 1 << (flags & 3);
  const nameLength = readSized(file, next, width);
  next += width;
  if (next + nameLength > at + length) throw broken(file, "a link ends beyond its message", at);
  const name = decodeName(file, next, nameLength);
  return hard ? [name, expectAddress(file, next + nameLength, `"${name}"`)] : undefined;
}

function decodeName(file: Hdf5File, at: number, length: number): string {
  checkSpan(file, at, length);
  return new TextDecoder().decode(new Uint8Array(file.bytes.subarray(at, at + length)));
}

interface LocalHeap {
  readonly at: number;
  readonly length: number;
}

function readLocalHeap(file: Hdf5File, address: number): LocalHeap {
  expectSignature(file, address, "HEAP");
  const length = readLength(file, address + 8);
  const at = expectAddress(file, address + 8 + 2 * file.lengthSize, "a heap's data");
  checkSpan(file, at, length);
  return { at, length };
}

/** A tree of symbol nodes (version 1), leaves in order; levels count down, so it ends. */
function walkSymbols(
  file: Hdf5File,
  address: number,
  heap: LocalHeap,
  links: [string, number][],
): void {
  if (readLatin1(file, address, 4) === "SNOD") {
    const count = readUint16(file, address + 6);
    const size = 2 * file.offsetSize + 24;
    checkSpan(file, address + 8, count * size);
    spend(file, file.budget, count * size, address);
    for (let i = 0; i < count; i++) {
      const at = address + 8 + i * size;
      const softLink = readUint32(file, at + 2 * file.offsetSize) === 2;
      const nameOffset = readSized(file, at, file.offsetSize);
      const name = nameInHeap(file, heap, nameOffset);
      if (!softLink) links.push([name, expectAddress(file, at + file.offsetSize, `"${name}"`)]);
    }
    return;
  }
  expectSignature(file, address, "TREE");
  if (readUint8(file, address + 4) !== 0) throw broken(file, "not a tree of groups", address);
  const count = readUint16(file, address + 6);
  const first = address + 8 + 2 * file.offsetSize + file.lengthSize;
  const step = file.offsetSize + file.lengthSize;
  checkSpan(file, first, count * step);
  spend(file, file.budget, count * step, address);
  const level = readUint8(file, address + 5);
  for (let i = 0; i < count; i++) {
    const child = expectAddress(file, first + i * step, "a tree's branch");
    const leaf = readLatin1(file, child, 4) === "SNOD";
    if (leaf !== (level === 0) || (!leaf && readUint8(file, child + 5) !== level - 1)) {
      throw broken(file, "a tree's levels contradict one another", child);
    }
    walkSymbols(file, child, heap, links);
  }
}

function nameInHeap(file: Hdf5File, heap: LocalHeap, offset: number): string {
  if (!(offset < heap.length)) throw broken(file, "a name lies outside its heap", heap.at);
  const start = heap.at + offset;
  const end = Math.min(heap.at + heap.length, start + MAX_NAME);
  const length = file.bytes.subarray(start, end).indexOf(0);
  if (length < 0) throw broken(file, "a name without end", start);
  return decodeName(file, start, length);
}
