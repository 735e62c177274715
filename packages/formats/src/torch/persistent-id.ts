import type { ArrayDtype } from "../array/nd-array.ts";
import { isGlobal, textOf, type VmValue } from "../pickle/vm-value.ts";
import { dtypeOfStorage } from "./storage.ts";

/** Where a storage lies, as Torch's pickles say it. */
export interface StorageId {
  readonly key: string;
  /** Class of the storage, which on other devices is the same. */
  readonly className: string;
  readonly dtype: ArrayDtype | undefined;
  /** Elements */
  readonly count: number;
  /** Part of the storage, in elements; only the oldest files have views. */
  readonly view: { readonly offset: number; readonly count: number } | undefined;
}

/** ("storage", class, key, device, count[, (view key, offset, count)]); undefined for other ids. */
export function parseStorageId(id: VmValue): StorageId | undefined {
  if (!Array.isArray(id) || textOf(id[0]) !== "storage") return undefined;
  const [, type, keyText, , count, viewTuple] = id;
  const key = textOf(keyText);
  if (!isGlobal(type) || key === undefined || !isCount(count)) return undefined;
  const view = Array.isArray(viewTuple) ? viewTuple.slice(1) : undefined;
  if (view && !(isCount(view[0]) && isCount(view[1]))) return undefined;
  return {
    key,
    className: type.name,
    dtype: dtypeOfStorage(type.name),
    count,
    view: view && { offset: view[0] as number, count: view[1] as number },
  };
}

function isCount(value: VmValue | undefined): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
