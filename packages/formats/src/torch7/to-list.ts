import type { LuaTable, LuaValue } from "./lua-value.ts";

/** The values of a table at 1, 2, … up to the first that is missing, as Lua's `#` counts them. */
export function toList(table: LuaTable): LuaValue[] {
  const list: LuaValue[] = [];
  for (let i = 1; table.has(i); i++) list.push(table.get(i)!);
  return list;
}
