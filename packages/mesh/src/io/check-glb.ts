import { MeshFormatError } from "./mesh-format-error.ts";
import { decodeText } from "./text.ts";

const MAGIC = 0x46546c67;
const JSON_CHUNK = 0x4e4f534a;

/** Numbers that accessors may unpack to besides those that stand in the file. */
const MAX_IMPLIED_NUMBERS = 2 ** 26;

/**
 * Refuses what the reader of the library would trust: a chunk beyond the file, a reference to
 * another file, or accessors that unpack to far more than the file holds.
 */
export function checkGlb(bytes: Uint8Array): void {
  const fail = (message: string, offset: number): never => {
    throw new MeshFormatError("glb", message, { offset });
  };
  if (bytes.length < 20) fail(`expected 20 bytes or more, got ${bytes.length}`, 0);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0, true) !== MAGIC) fail("expected the signature of a binary glTF", 0);
  if (view.getUint32(4, true) !== 2) fail(`expected version 2, got ${view.getUint32(4, true)}`, 4);
  if (view.getUint32(8, true) > bytes.length) {
    fail(`expected ${view.getUint32(8, true)} bytes, got ${bytes.length}`, 8);
  }
  const jsonLength = view.getUint32(12, true);
  if (view.getUint32(16, true) !== JSON_CHUNK) fail("expected a JSON chunk first", 16);
  if (20 + jsonLength > bytes.length) fail("the JSON chunk ends beyond the file", 12);

  let json: unknown;
  try {
    json = JSON.parse(decodeText(bytes.subarray(20, 20 + jsonLength), "glb"));
  } catch (cause) {
    throw new MeshFormatError("glb", "the JSON chunk is not JSON", { offset: 20, cause });
  }
  for (const { uri } of [...entriesOf(json, "buffers"), ...entriesOf(json, "images")]) {
    if (uri !== undefined && !(typeof uri === "string" && uri.startsWith("data:"))) {
      fail("the scene refers to another file", 20);
    }
  }
  let implied = 0;
  for (const { count } of entriesOf(json, "accessors")) {
    if (!(Number.isSafeInteger(count) && (count as number) >= 0))
      fail("an accessor has no count", 20);
    implied += 16 * (count as number);
  }
  if (implied > MAX_IMPLIED_NUMBERS + 16 * bytes.length) {
    fail("the accessors unpack to far more than the file holds", 20);
  }
}

/** The objects of a list in the JSON; anything else is left to the reader to stumble over. */
function entriesOf(json: unknown, key: string): Record<string, unknown>[] {
  const list = (json as Record<string, unknown> | null)?.[key];
  if (!Array.isArray(list)) return [];
  return list.filter((entry) => typeof entry === "object" && entry !== null);
}
