import type { PickleObject, PickleValue } from "@headform/formats/torch";

/** Values looked at, at most: configurations are small. */
const MAX_VALUES = 100_000;

/**
 * The first plain value of that name in a configuration, however deep: in maps, in objects' attributes,
 * and in OmegaConf's nodes, which keep a value as `_val`. The objects are inert, none of their classes
 * has to be known.
 *
 * @param name what the setting is called
 */
export function findSetting(root: unknown, name: string): number | string | undefined {
  const seen = new Set<unknown>();
  const open: unknown[] = [root];
  for (let i = 0; i < open.length && seen.size < MAX_VALUES; i++) {
    const value = open[i];
    if (typeof value !== "object" || value === null || seen.has(value)) continue;
    seen.add(value);
    if (value instanceof Map) {
      const setting = plainOf(value.get(name));
      if (setting !== undefined) return setting;
      open.push(...value.values());
    } else if (Array.isArray(value)) open.push(...value);
    else if ((value as PickleObject).kind === "object") {
      const { state, entries, args } = value as PickleObject;
      open.push(state, entries, args);
    }
  }
  return undefined;
}

function plainOf(value: PickleValue | undefined): number | string | undefined {
  if (typeof value === "number" || typeof value === "string") return value;
  const { kind, state } = (value ?? {}) as Partial<PickleObject>;
  return kind === "object" && state instanceof Map ? plainOf(state.get("_val")) : undefined;
}
