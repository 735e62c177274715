import { brokenAt, type Cursor } from "../cursor/cursor.ts";
import { decodeLatin1 } from "../cursor/decode-text.ts";
import type { PicklePersistent, PickleValue } from "./pickle-value.ts";
import { type Budget, hasKind, isRaw, type MutableObject, type VmValue } from "./vm-value.ts";

/** Makes a value of an inert object whose arguments and state are recognized already, or leaves it. */
export type Recognizer = (object: MutableObject, context: Recognition) => VmValue | undefined;

export interface Recognition {
  /** Where errors point; it does not move. */
  readonly cursor: Cursor;
  readonly budget: Budget;
  /** module.name of what is known; this is the whole list of allowed constructors. */
  readonly recognizers: ReadonlyMap<string, Recognizer>;
  /** What a persistent id stands for. */
  readonly persistentLoad?: ((id: PickleValue) => PickleValue) | undefined;
}

/**
 * Replaces the inert objects of an unpickled tree that are known by the values they stand for.
 *
 * Children come before parents, each object once. In a cycle through a known object, which no writer
 * makes, the inner reference stays the inert object.
 */
export function recognize(root: VmValue, context: Recognition): PickleValue {
  const replaced = visitAfterChildren(root, context);
  settleRaw(replaced);
  return replaced as PickleValue;
}

const MAX_TEXT = 2 ** 28;

interface Frame {
  readonly node: VmValue & object;
  readonly children: readonly VmValue[];
  next: number;
}

function visitAfterChildren(root: VmValue, context: Recognition): VmValue {
  const { budget, cursor } = context;
  /** Node → what it became; itself while its children are under way. */
  const done = new Map<VmValue, VmValue>();
  const path: Frame[] = [];
  const enter = (node: VmValue): void => {
    if (!isParent(node) || done.has(node)) return;
    done.set(node, node);
    path.push({ node, children: childrenOf(node), next: 0 });
    if (path.length > budget.maxDepth) throw brokenAt(cursor, `deeper than ${budget.maxDepth}`);
  };

  enter(root);
  while (path.length > 0) {
    const frame = path.at(-1)!;
    if (frame.next < frame.children.length) {
      enter(frame.children[frame.next++]!);
      continue;
    }
    path.pop();
    substitute(frame.node, done);
    const value = replace(frame.node, context);
    if (value !== frame.node) done.set(frame.node, value);
  }
  return done.get(root) ?? root;
}

function replace(node: VmValue & object, context: Recognition): VmValue {
  if (!hasKind(node)) return node;
  if (node.kind === "persistent") {
    return (context.persistentLoad?.(node.id) as VmValue | undefined) ?? node;
  }
  if (node.kind !== "object") return node;
  return context.recognizers.get(`${node.module}.${node.name}`)?.(node, context) ?? node;
}

function isParent(value: VmValue): value is VmValue & object {
  if (typeof value !== "object" || value === null) return false;
  if (Array.isArray(value) || value instanceof Map || value instanceof Set) return true;
  return hasKind(value) && (value.kind === "object" || value.kind === "persistent");
}

function childrenOf(node: VmValue & object): readonly VmValue[] {
  if (Array.isArray(node)) return node;
  if (node instanceof Map) return [...node.keys(), ...node.values()];
  if (node instanceof Set) return [...node];
  if (!hasKind(node)) return [];
  if (node.kind === "persistent") return [(node as PicklePersistent).id as VmValue];
  if (node.kind !== "object") return [];
  const { args, state, items, entries } = node;
  return [args, state ?? null, items ?? null, entries ?? null];
}

/** Puts what the children became in their place. */
function substitute(node: VmValue & object, became: ReadonlyMap<VmValue, VmValue>): void {
  const of = (value: VmValue): VmValue =>
    typeof value === "object" && value !== null ? (became.get(value) ?? value) : value;
  if (Array.isArray(node)) {
    for (let i = 0; i < node.length; i++) {
      const value = node[i]!;
      if (typeof value === "object" && value !== null) node[i] = became.get(value) ?? value;
    }
  } else if (node instanceof Map) {
    const pairs = [...node];
    if (pairs.some(([key]) => of(key) !== key)) node.clear();
    for (const [key, value] of pairs) {
      const other = of(value);
      if (other !== value || node.size < pairs.length) node.set(of(key), other);
    }
  } else if (node instanceof Set) {
    const members = [...node];
    if (!members.some((member) => of(member) !== member)) return;
    node.clear();
    for (const member of members) node.add(of(member));
  } else if (hasKind(node) && node.kind === "object" && node.state !== undefined) {
    node.state = of(node.state);
  } else if (hasKind(node) && node.kind === "persistent") {
    (node as { id: PickleValue }).id = of(node.id as VmValue) as PickleValue;
  }
}

/** Long texts of Python 2 that no array has taken become text. */
function settleRaw(root: VmValue): void {
  const texts = new Map<VmValue, string>();
  const seen = new Set<VmValue>();
  const open: VmValue[] = [];
  const settle = (value: VmValue): VmValue => {
    if (typeof value !== "object" || value === null) return value;
    if (isRaw(value)) {
      // Longer than any text can be in JavaScript: bytes they stay.
      if (value.bytes.length > MAX_TEXT) return value.bytes;
      if (!texts.has(value)) texts.set(value, decodeLatin1(value.bytes));
      return texts.get(value)!;
    }
    const isObjects = hasKind(value) && value.kind === "object-array";
    if ((isObjects || isParent(value)) && !seen.has(value)) {
      seen.add(value);
      open.push(value);
    }
    return value;
  };
  settle(root);
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (Array.isArray(node)) for (let i = 0; i < node.length; i++) node[i] = settle(node[i]!);
    else if (node instanceof Map) {
      for (const [key, value] of node) {
        settle(key);
        const text = settle(value);
        if (text !== value) node.set(key, text);
      }
    } else if (node instanceof Set) for (const member of node) settle(member);
    else if (hasKind(node)) {
      if (node.kind === "object-array") settle(node.data as VmValue[]);
      if (node.kind === "persistent") settle(node.id as VmValue);
      if (node.kind !== "object") continue;
      settle(node.args);
      if (node.state !== undefined) node.state = settle(node.state);
      if (node.items) settle(node.items);
      if (node.entries) settle(node.entries);
    }
  }
}
