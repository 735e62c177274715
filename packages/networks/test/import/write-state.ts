import { type Tensor, toFloat32 } from "@headform/formats/torch";

/**
 * A state dict as `torch.save` writes it in its old stream: pickles of protocol 2, then the storages.
 * Of the objects of a checkpoint maps, lists, texts, numbers and float tensors are written.
 */
export function writeState(root: ReadonlyMap<string, unknown>): Uint8Array {
  const parts: Uint8Array[] = [];
  const storages: Float32Array[] = [];
  const push = (...bytes: number[]): void => {
    parts.push(Uint8Array.from(bytes));
  };
  const text = (value: string): void => {
    const bytes = new TextEncoder().encode(value);
    push(0x58, ...int32(bytes.length), ...bytes);
  };
  const global = (module: string, name: string): void => {
    parts.push(new TextEncoder().encode(`c${module}\n${name}\n`));
  };
  const integer = (value: number): void => push(0x4a, ...int32(value));
  const put = (value: unknown): void => {
    if (typeof value === "string") text(value);
    else if (typeof value === "number") {
      if (Number.isInteger(value)) integer(value);
      else push(0x47, ...float64(value));
    } else if (value instanceof Map) {
      push(0x7d, 0x28);
      for (const [name, entry] of value) {
        put(name);
        put(entry);
      }
      push(0x75);
    } else if (Array.isArray(value)) {
      push(0x5d, 0x28);
      for (const item of value) put(item);
      push(0x65);
    } else putTensor(value as Tensor);
  };
  const tuple = (values: readonly number[]): void => {
    push(0x28);
    for (const value of values) integer(value);
    push(0x74);
  };
  const putTensor = (tensor: Tensor): void => {
    const data = toFloat32(tensor);
    const key = String(storages.push(data) - 1);
    global("torch._utils", "_rebuild_tensor_v2");
    // ((("storage", FloatStorage, key, "cpu", count, None) persistent), 0, shape, strides, False, {})
    push(0x28, 0x28);
    text("storage");
    global("torch", "FloatStorage");
    text(key);
    text("cpu");
    integer(data.length);
    push(0x4e, 0x74, 0x51);
    integer(0);
    tuple(tensor.shape);
    tuple(tensor.shape.map((_, i) => tensor.shape.slice(i + 1).reduce((a, b) => a * b, 1)));
    push(0x89, 0x7d, 0x74, 0x52);
  };
  const pickle = (write: () => void): void => {
    push(0x80, 2);
    write();
    push(0x2e);
  };
  // The magic number is an integer of ten bytes.
  pickle(() => push(0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19));
  pickle(() => integer(1001));
  pickle(() => put(new Map([["protocol_version", 1001]])));
  pickle(() => put(root));
  pickle(() => put(storages.map((_, i) => String(i))));
  for (const storage of storages) {
    parts.push(new Uint8Array(BigInt64Array.of(BigInt(storage.length)).buffer));
    parts.push(new Uint8Array(storage.buffer, storage.byteOffset, storage.byteLength));
  }
  const out = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

function int32(value: number): Uint8Array {
  return new Uint8Array(Int32Array.of(value).buffer);
}

/** Pickle's float is big-endian. */
function float64(value: number): Uint8Array {
  return new Uint8Array(Float64Array.of(value).buffer).reverse();
}
