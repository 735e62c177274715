import { createRandom } from "@headform/testing";

/** What the tests write as Lua: null, numbers, texts, booleans, lists, tensors and objects. */
export type LuaWritable =
  | null
  | number
  | string
  | boolean
  | readonly LuaWritable[]
  | { readonly shape: readonly number[]; readonly data: Float32Array }
  | { readonly className: string; readonly fields: Readonly<Record<string, LuaWritable>> };

/** Torch7's binary form; an object that is met again is referred to. */
export function writeTorch7(root: LuaWritable): Uint8Array {
  const parts: Uint8Array[] = [];
  const known = new Map<unknown, number>();
  let next = 1;
  const int = (value: number): unknown => parts.push(new Uint8Array(Int32Array.of(value).buffer));
  const longs = (values: readonly number[]): unknown =>
    parts.push(new Uint8Array(BigInt64Array.from(values, BigInt).buffer));
  const text = (value: string): void => {
    int(value.length);
    parts.push(Uint8Array.from(value, (c) => c.charCodeAt(0)));
  };
  const isNew = (value: unknown): boolean => {
    const index = known.get(value) ?? next++;
    int(index);
    if (known.has(value)) return false;
    known.set(value, index);
    return true;
  };
  const table = (key: unknown, entries: readonly (readonly [LuaWritable, LuaWritable])[]): void => {
    int(3);
    if (!isNew(key)) return;
    int(entries.length);
    for (const entry of entries) entry.forEach(put);
  };
  const put = (value: LuaWritable): void => {
    if (value === null) int(0);
    else if (typeof value === "number") {
      int(1);
      parts.push(new Uint8Array(Float64Array.of(value).buffer));
    } else if (typeof value === "string") {
      int(2);
      text(value);
    } else if (typeof value === "boolean") {
      int(5);
      int(value ? 1 : 0);
    } else if (Array.isArray(value)) {
      table(
        value,
        value.map((item, i) => [i + 1, item] as const),
      );
    } else if ("className" in value) {
      int(4);
      if (!isNew(value)) return;
      text("V 1");
      text(value.className);
      table(value.fields, Object.entries(value.fields));
    } else if ("data" in value) {
      int(4);
      if (!isNew(value)) return;
      text("V 1");
      text("torch.FloatTensor");
      int(value.shape.length);
      longs(value.shape);
      longs(value.shape.map((_, i) => value.shape.slice(i + 1).reduce((a, b) => a * b, 1)));
      longs([1]);
      int(4);
      if (!isNew(value.data)) return;
      text("V 1");
      text("torch.FloatStorage");
      longs([value.data.length]);
      parts.push(new Uint8Array(value.data.buffer));
    }
  };
  put(root);
  return new Uint8Array(Buffer.concat(parts));
}

/** Copies of a file with a few bytes changed, some cut off; mostly near its start, where the words are. */
export function* changed(bytes: Uint8Array, count: number, seed: number): Generator<Uint8Array> {
  const random = createRandom(seed);
  for (let i = 0; i < count; i++) {
    const end = i % 4 === 0 ? Math.floor(random() * bytes.length) : bytes.length;
    const damaged = bytes.slice(0, end);
    const reach = i % 2 === 0 ? Math.min(4000, end) : end;
    for (let k = 0; k <= i % 5; k++) {
      damaged[Math.floor(random() * reach)] = Math.floor(random() * 256);
    }
    yield damaged;
  }
}
