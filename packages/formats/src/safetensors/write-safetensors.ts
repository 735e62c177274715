import { FormatError } from "../format-error.ts";
import { DTYPE_ARRAYS, MAX_HEADER_BYTES, type SafetensorsTensor } from "./tensor.ts";

/** Every platform has it; the language's own type library does not. */
declare const TextEncoder: new () => { encode(text: string): Uint8Array };

/**
 * Writes a safetensors file; the same input gives the same bytes whatever the order of its keys.
 *
 * Wide elements come first, then names in code-unit order, and the header is padded to eight bytes:
 * so every tensor is aligned to its element and there are no gaps, as the format asks.
 *
 * @param tensors name → tensor; `data` in the array type of its dtype, as long as the shape says
 * @param metadata free text, stored under sorted keys; left out of the file when empty
 * @throws {TypeError} when a tensor's data is not the array type of its dtype
 * @throws {RangeError} when a tensor's data is not as long as its shape, or a name is reserved
 * @throws {FormatError} when the header would be over 100 MB
 */
export function writeSafetensors(
  tensors: ReadonlyMap<string, SafetensorsTensor>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const entries = [...tensors];
  for (const [name, tensor] of entries) checkTensor(name, tensor);
  entries.sort(
    ([nameA, a], [nameB, b]) =>
      b.data.BYTES_PER_ELEMENT - a.data.BYTES_PER_ELEMENT || (nameA < nameB ? -1 : 1),
  );

  // 1. Header. Pairs, not an object's keys: JavaScript would put names like "10" first.
  const members: string[] = [];
  const metadataKeys = Object.keys(metadata).sort();
  if (metadataKeys.length > 0) {
    const texts = metadataKeys.map(
      (key) => `${JSON.stringify(key)}:${JSON.stringify(metadata[key])}`,
    );
    members.push(`"__metadata__":{${texts.join(",")}}`);
  }
  let end = 0;
  for (const [name, { dtype, shape, data }] of entries) {
    const begin = end;
    end += data.byteLength;
    const entry = JSON.stringify({ dtype, shape, data_offsets: [begin, end] });
    members.push(`${JSON.stringify(name)}:${entry}`);
  }
  const header = new TextEncoder().encode(`{${members.join(",")}}`);
  const headerLength = Math.ceil(header.length / 8) * 8;
  if (headerLength > MAX_HEADER_BYTES) {
    throw new FormatError(
      "safetensors",
      `safetensors: header of ${headerLength} bytes is too large`,
    );
  }

  // 2. Length, header padded with spaces, elements.
  const file = new Uint8Array(8 + headerLength + end);
  new DataView(file.buffer).setUint32(0, headerLength, true);
  file.set(header, 8);
  file.fill(0x20, 8 + header.length, 8 + headerLength);
  let offset = 8 + headerLength;
  for (const [, { data }] of entries) {
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), offset);
    offset += data.byteLength;
  }
  return file;
}

function checkTensor(name: string, { dtype, shape, data }: SafetensorsTensor): void {
  if (name === "__metadata__") {
    throw new RangeError(
      'writeSafetensors: expected a tensor name, got the reserved "__metadata__"',
    );
  }
  const DataArray = DTYPE_ARRAYS[dtype];
  if (!(data instanceof DataArray)) {
    throw new TypeError(
      `writeSafetensors: expected "${name}" as ${dtype}, got ${Object.prototype.toString.call(data)}`,
    );
  }
  const count = shape.reduce((product, size) => product * size, 1);
  if (count !== data.length) {
    throw new RangeError(
      `writeSafetensors: expected ${count} elements for "${name}" of shape [${shape}], got ${data.length}`,
    );
  }
}
