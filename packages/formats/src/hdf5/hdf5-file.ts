import {
  broken,
  type FileView,
  readLatin1,
  readUint8,
  readUint16,
  readUint32,
  readUint64,
  viewFile,
} from "../file-view.ts";

/** The file as its superblock describes it. */
export interface Hdf5File extends FileView {
  /** Byte that address 0 stands for. */
  readonly base: number;
  readonly offsetSize: number;
  readonly lengthSize: number;
  /** Byte of the root group's object header. */
  readonly root: number;
  /** Bytes that the structures still to be read may take: in honest files none overlap. */
  readonly budget: { left: number };
  /** Texts of the global heap, by collection and index. */
  readonly heaps: Map<number, ReadonlyMap<number, Uint8Array>>;
}

/** Counts a structure's bytes, so that structures over one another cannot multiply a file. */
export function spend(file: Hdf5File, budget: { left: number }, length: number, at: number): void {
  budget.left -= length;
  if (!(budget.left >= 0)) throw broken(file, "structures overlap", at);
}

const SIGNATURE = "\x89HDF\r\n\x1a\n";

/** Finds and reads the superblock of version 0 to 3. */
export function openFile(bytes: Uint8Array): Hdf5File {
  const plain = viewFile(bytes, "hdf5");
  // 1. The signature stands at 0, 512, 1024, 2048 …
  let base = 0;
  while (base + 8 <= bytes.length && readLatin1(plain, base, 8) !== SIGNATURE) {
    base = base === 0 ? 512 : 2 * base;
  }
  if (base + 8 > bytes.length) throw broken(plain, "expected the signature of HDF5", 0);

  // 2. Sizes of addresses and lengths, and the root.
  const version = readUint8(plain, base + 8);
  if (version > 3) throw broken(plain, `superblock of version ${version} is not read`, base + 8);
  const sizes = base + (version < 2 ? 13 : 9);
  const offsetSize = readUint8(plain, sizes);
  const lengthSize = readUint8(plain, sizes + 1);
  if (![2, 4, 8].includes(offsetSize) || ![2, 4, 8].includes(lengthSize)) {
    throw broken(plain, `addresses of ${offsetSize} and lengths of ${lengthSize} bytes`, sizes);
  }
  const file: Hdf5File = {
    ...plain,
    base,
    offsetSize,
    lengthSize,
    root: 0,
    budget: { left: bytes.length },
    heaps: new Map(),
  };
  // After base, free space, end and driver come the root's name and header.
  const root =
    version < 2 ? base + 24 + (version === 1 ? 4 : 0) + 5 * offsetSize : base + 12 + 3 * offsetSize;
  return { ...file, root: expectAddress(file, root, "the root group") };
}

/** A number of 1, 2, 4 or 8 bytes. */
export function readSized(file: FileView, at: number, size: number): number {
  if (size === 1) return readUint8(file, at);
  if (size === 2) return readUint16(file, at);
  if (size === 4) return readUint32(file, at);
  return readUint64(file, at);
}

export function readLength(file: Hdf5File, at: number): number {
  return readSized(file, at, file.lengthSize);
}

/** An address as a byte of the file; `undefined` where the file says there is none. */
export function readAddress(file: Hdf5File, at: number): number | undefined {
  const value = readSized(file, at, file.offsetSize);
  // All bits set mean "nowhere"; eight bytes of them round up to 2⁶⁴.
  if (value >= 2 ** (8 * file.offsetSize) - 1) return undefined;
  return file.base + value;
}

export function expectAddress(file: Hdf5File, at: number, what: string): number {
  const address = readAddress(file, at);
  if (address === undefined) throw broken(file, `${what} has no address`, at);
  return address;
}

/** Four letters that begin a structure. */
export function expectSignature(file: Hdf5File, at: number, signature: string): void {
  const found = readLatin1(file, at, 4);
  if (found !== signature) {
    throw broken(file, `expected ${signature}, got ${JSON.stringify(found)}`, at);
  }
}
