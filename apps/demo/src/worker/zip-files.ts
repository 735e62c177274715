const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
/** Names are UTF-8. */
const UTF8 = 1 << 11;
/** 1 January 1980, the earliest day a ZIP can tell. */
const DAY = 0x21;

/**
 * Packs files into one ZIP without compressing them.
 *
 * @param files each with its name inside the archive
 * @see APPNOTE.TXT (PKWARE), sections 4.3.7, 4.3.12, 4.3.16
 */
export function zipFiles(
  files: readonly { readonly name: string; readonly bytes: Uint8Array }[],
): Uint8Array<ArrayBuffer> {
  const entries = files.map(({ name, bytes }) => ({
    name: new TextEncoder().encode(name),
    bytes,
    checksum: crc32(bytes),
  }));
  const size = entries.reduce(
    (sum, { name, bytes }) => sum + 76 + 2 * name.length + bytes.length,
    22,
  );
  const out = new Uint8Array(size);
  const view = new DataView(out.buffer);
  let at = 0;
  const u16 = (value: number): void => {
    view.setUint16(at, value, true);
    at += 2;
  };
  const u32 = (value: number): void => {
    view.setUint32(at, value, true);
    at += 4;
  };
  const put = (bytes: Uint8Array): void => {
    out.set(bytes, at);
    at += bytes.length;
  };
  /** The fields that both headers of a file share, version needed to length of the extra field. */
  const describe = ({ name, bytes, checksum }: (typeof entries)[number]): void => {
    for (const value of [20, UTF8, 0, 0, DAY]) u16(value);
    for (const value of [checksum, bytes.length, bytes.length]) u32(value);
    for (const value of [name.length, 0]) u16(value);
  };

  // 1. The files.
  const starts = entries.map((entry) => {
    const start = at;
    u32(LOCAL);
    describe(entry);
    put(entry.name);
    put(entry.bytes);
    return start;
  });

  // 2. The table of contents, and where it is.
  const table = at;
  entries.forEach((entry, i) => {
    u32(CENTRAL);
    u16(20);
    describe(entry);
    for (const value of [0, 0, 0]) u16(value);
    u32(0);
    u32(starts[i]!);
    put(entry.name);
  });
  const tableSize = at - table;
  u32(END);
  for (const value of [0, 0, entries.length, entries.length]) u16(value);
  u32(tableSize);
  u32(table);
  u16(0);
  return out;
}

/** CRC-32 of ISO 3309, bit by bit of a byte out of a table. */
function crc32(bytes: Uint8Array): number {
  const table = Uint32Array.from({ length: 256 }, (_, byte) => {
    let value = byte;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
    return value;
  });
  let value = 0xffffffff;
  for (const byte of bytes) value = (value >>> 8) ^ table[(value ^ byte) & 255]!;
  return (value ^ 0xffffffff) >>> 0;
}
