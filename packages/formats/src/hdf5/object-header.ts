import { broken, checkSpan, readLatin1, readUint8, readUint16, readUint32 } from "../file-view.ts";
import {
  expectAddress,
  expectSignature,
  type Hdf5File,
  readLength,
  readSized,
  spend,
} from "./hdf5-file.ts";

/** A message of an object's header; its data are `length` bytes at `at`. */
export interface Message {
  readonly type: number;
  readonly shared: boolean;
  readonly at: number;
  readonly length: number;
}

export const MESSAGE = {
  dataspace: 0x01,
  linkInfo: 0x02,
  datatype: 0x03,
  oldFillValue: 0x04,
  fillValue: 0x05,
  link: 0x06,
  externalFiles: 0x07,
  layout: 0x08,
  filters: 0x0b,
  attribute: 0x0c,
  continuation: 0x10,
  symbolTable: 0x11,
} as const;

/** The messages of an object, those of continuation blocks as well. */
export function readObjectHeader(file: Hdf5File, address: number): Message[] {
  return readLatin1(file, address, 4) === "OHDR"
    ? readSecond(file, address)
    : readFirst(file, address);
}

/** A piece of a header, messages only. */
interface Block {
  readonly at: number;
  readonly end: number;
}

function readFirst(file: Hdf5File, address: number): Message[] {
  const version = readUint8(file, address);
  if (version !== 1) throw broken(file, `an object header of version ${version}`, address);
  const size = readUint32(file, address + 8);
  const blocks: Block[] = [{ at: address + 16, end: address + 16 + size }];
  return collect(file, blocks, (at) => ({
    type: readUint16(file, at),
    length: readUint16(file, at + 2),
    flags: readUint8(file, at + 4),
    head: 8,
  }));
}

function readSecond(file: Hdf5File, address: number): Message[] {
  const version = readUint8(file, address + 4);
  if (version !== 2) throw broken(file, `an object header of version ${version}`, address);
  const flags = readUint8(file, address + 5);
  const at = address + 6 + (flags & 0x20 ? 16 : 0) + (flags & 0x10 ? 4 : 0);
  const width = 1 << (flags & 3);
  const start = at + width;
  const blocks: Block[] = [{ at: start, end: start + readSized(file, at, width) }];
  const head = flags & 0x04 ? 6 : 4;
  return collect(
    file,
    blocks,
    (message) => ({
      type: readUint8(file, message),
      length: readUint16(file, message + 1),
      flags: readUint8(file, message + 3),
      head,
    }),
    "OCHK",
  );
}

/** Walks the blocks of a header; with a signature, continuations begin with it and end in a checksum. */
function collect(
  file: Hdf5File,
  blocks: Block[],
  readHead: (at: number) => { type: number; length: number; flags: number; head: number },
  signature = "",
): Message[] {
  const messages: Message[] = [];
  for (let block = blocks.shift(); block; block = blocks.shift()) {
    // Empty blocks that continue one another would never end.
    if (block.end <= block.at) continue;
    checkSpan(file, block.at, block.end - block.at);
    spend(file, file.budget, block.end - block.at, block.at);
    // Less than a message's head is a gap.
    for (let at = block.at; at + (signature ? 4 : 8) <= block.end; ) {
      const { type, length, flags, head } = readHead(at);
      const data = at + head;
      if (data + length > block.end) throw broken(file, "a message ends beyond its header", at);
      if (type === MESSAGE.continuation) {
        if (length < file.offsetSize + file.lengthSize) {
          throw broken(file, "a continuation too short for an address", at);
        }
        const start = expectAddress(file, data, "a continuation");
        const size = readLength(file, data + file.offsetSize);
        if (signature) expectSignature(file, start, signature);
        blocks.push(
          signature ? { at: start + 4, end: start + size - 4 } : { at: start, end: start + size },
        );
      } else if (type !== 0) {
        messages.push({ type, shared: (flags & 2) !== 0, at: data, length });
      }
      at = data + length;
    }
  }
  return messages;
}
