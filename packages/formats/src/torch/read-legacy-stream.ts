import { type ArrayDtype, sizeOf } from "../array/nd-array.ts";
import { brokenAt, type Cursor, takeBytes, takeInt64 } from "../cursor/cursor.ts";
import type { PickleValue } from "../pickle/pickle-value.ts";
import { type Recognition, recognize } from "../pickle/recognize.ts";
import { unpickle } from "../pickle/unpickle.ts";
import { type Budget, textOf, type VmValue } from "../pickle/vm-value.ts";
import { loadPersistent } from "./load-persistent.ts";
import { parseStorageId } from "./persistent-id.ts";

const MAGIC = 0x1950a86a20f9469cfc6cn;
const PROTOCOL = 1001;
const MAX_NESTING = 4;

/**
 * Reads the stream that `torch.save` wrote before 1.6 and writes for storages within pickles: pickles
 * of a magic number, a version, the writing system, the object and the storages' keys, then of each
 * key a count and the elements.
 */
export function readLegacyStream(
  cursor: Cursor,
  budget: Budget,
  recognizers: Recognition["recognizers"],
): PickleValue {
  if (++budget.nesting > MAX_NESTING) throw brokenAt(cursor, "streams are nested too deep");

  // 1. Magic number, version, byte order.
  const start = cursor.at;
  if (unpickle(cursor, budget) !== MAGIC) throw brokenAt(cursor, "no magic number", start);
  const protocol = unpickle(cursor, budget);
  if (protocol !== PROTOCOL) throw brokenAt(cursor, "stream version is not 1001", start);
  const system = unpickle(cursor, budget);
  if (system instanceof Map && system.get("little_endian") === false) {
    throw brokenAt(cursor, "big-endian streams are not read", start);
  }

  // 2. The object, which says how wide each storage's elements are.
  const persistents: VmValue[] = [];
  const root = unpickle(cursor, budget, persistents);
  const dtypes = new Map<string, ArrayDtype>();
  for (const id of persistents) {
    const storage = parseStorageId(id);
    if (storage?.dtype) dtypes.set(storage.key, storage.dtype);
  }

  // 3. The storages.
  const keys = unpickle(cursor, budget);
  if (!Array.isArray(keys)) throw brokenAt(cursor, "expected the list of storages");
  const storages = new Map<string, Uint8Array>();
  for (const value of keys) {
    const key = textOf(value);
    const dtype = key === undefined ? undefined : dtypes.get(key);
    if (key === undefined || !dtype) {
      throw brokenAt(cursor, `storage "${key}" is of an unknown type`);
    }
    const count = takeInt64(cursor);
    if (count < 0) throw brokenAt(cursor, `storage "${key}" has ${count} elements`);
    storages.set(key, takeBytes(cursor, count * sizeOf(dtype)));
  }
  const value = recognize(root, {
    cursor,
    budget,
    recognizers,
    persistentLoad: (id) => loadPersistent(id, cursor, (key) => storages.get(key)),
  });
  budget.nesting--;
  return value;
}
