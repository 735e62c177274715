import { encodeLatin1 } from "../cursor/decode-text.ts";
import type { Recognition, Recognizer } from "./recognize.ts";
import { isRaw, keyOf, type MutableObject, spendBytes, textOf, type VmValue } from "./vm-value.ts";

/** The built-in containers, as protocols without opcodes of their own write them. */
export const PYTHON_RECOGNIZERS: readonly (readonly [string, Recognizer])[] = [
  ...builtin("set", ({ args }, context) => new Set(copyOf(args[0], context))),
  ...builtin("frozenset", ({ args }, context) => new Set(copyOf(args[0], context))),
  ...builtin("tuple", ({ args }, context) => copyOf(args[0], context)),
  ...builtin("list", listOf),
  ...builtin("dict", dictOf),
  ...builtin("bytes", bytesOf),
  ...builtin("bytearray", bytesOf),
  ["collections.OrderedDict", dictOf],
  ["collections.Counter", dictOf],
  ["collections.defaultdict", ({ entries }) => entries ?? new Map()],
  ["_codecs.encode", bytesOf],
];

/** Under the names of both Pythons. */
function builtin(name: string, recognizer: Recognizer): [string, Recognizer][] {
  return [
    [`builtins.${name}`, recognizer],
    [`__builtin__.${name}`, recognizer],
  ];
}

function copyOf(value: VmValue | undefined, { budget, cursor }: Recognition): VmValue[] {
  if (!Array.isArray(value) && !(value instanceof Set)) return [];
  const items = [...value];
  spendBytes(budget, cursor, 32 * items.length);
  return items;
}

function listOf({ args, items }: MutableObject, context: Recognition): VmValue[] {
  return items && args.length === 0 ? items : [...copyOf(args[0], context), ...(items ?? [])];
}

/** From another dict or from pairs, and what is set afterwards. */
function dictOf(
  { args, entries }: MutableObject,
  { budget, cursor }: Recognition,
): VmValue | undefined {
  const [initial] = args;
  if (initial === undefined) return entries ?? new Map();
  const pairs = initial instanceof Map ? [...initial] : initial;
  if (!Array.isArray(pairs)) return undefined;
  spendBytes(budget, cursor, 32 * pairs.length);
  const dict = new Map<VmValue, VmValue>();
  for (const pair of pairs) {
    if (!Array.isArray(pair) || pair.length !== 2) return undefined;
    dict.set(keyOf(pair[0]!, budget, cursor), pair[1]!);
  }
  for (const [key, value] of entries ?? []) dict.set(key, value);
  return dict;
}

/** bytes(), bytearray(b"…"), and text with "latin1", which is how Python 3 writes bytes for 2. */
function bytesOf({ args }: MutableObject, context: Recognition): Uint8Array | undefined {
  const [source, encoding] = args;
  if (source === undefined) return new Uint8Array();
  if (source instanceof Uint8Array) return source;
  if (isRaw(source)) return source.bytes;
  if (typeof source !== "string" || !/^latin-?1$/.test(textOf(encoding) ?? "")) return undefined;
  spendBytes(context.budget, context.cursor, source.length);
  return encodeLatin1(source);
}
