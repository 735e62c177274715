import { sizeOf } from "../array/nd-array.ts";
import { brokenAt, type Cursor } from "../cursor/cursor.ts";
import type { PickleValue } from "../pickle/pickle-value.ts";
import { textOf, type VmValue } from "../pickle/vm-value.ts";
import { parseStorageId } from "./persistent-id.ts";

/** The storage that a Torch pickle's persistent id means; of a pickled module its class, inert. */
export function loadPersistent(
  id: PickleValue,
  cursor: Cursor,
  bytesOf: (key: string) => Uint8Array | undefined,
): PickleValue {
  if (Array.isArray(id) && textOf(id[0]) === "module" && id.length >= 2) return id[1]!;
  const storage = parseStorageId(id as VmValue);
  if (!storage) throw brokenAt(cursor, "a persistent id is none of a storage");
  const { key, className, dtype, count, view } = storage;
  if (!dtype) throw brokenAt(cursor, `storages of type ${className} are not known`);
  const bytes = bytesOf(key);
  if (!bytes) throw brokenAt(cursor, `storage "${key}" is not in the file`);
  const size = sizeOf(dtype);
  const { offset, count: viewed } = view ?? { offset: 0, count };
  if ((offset + viewed) * size > bytes.length) {
    throw brokenAt(
      cursor,
      `storage "${key}" expected ${viewed} ${dtype}, got ${bytes.length} bytes`,
    );
  }
  // The same array for all of one storage, so that sharing shows.
  const part = view ? bytes.subarray(offset * size, (offset + viewed) * size) : bytes;
  return { kind: "storage", dtype, bytes: part };
}
